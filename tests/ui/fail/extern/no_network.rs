//! Announced is what no `network!` has declared.

mod models {
    pub struct Encoder;
}

net_runtime::network! {
    extern network models::Encoder(image: [8]) -> (code: [4]);

    pub network Outer(image: [8]) -> (y: [2]) {
        let y = image -> Dense(8) -> Encoder -> Dense(2);
        loss y: MeanSquaredError;
    }
}

fn main() -> Result<(), net_runtime::Error> {
    let net = Outer::new(1);
    println!("{}", Outer::summary());
    net.save("outer.safetensors")
}
