//! Announced networks that are not where the path leads.

mod models {
    net_runtime::network! {
        pub network Encoder(image: [8]) -> (code: [4]) {
            let code = image -> Dense(4);
        }
    }
}

net_runtime::network! {
    extern network models::Encodr as Encoder(image: [8]) -> (code: [4]);
    extern network vision::Decoder(code: [4]) -> (image: [8]);

    pub network Outer(image: [8]) -> (y: [8]) {
        let y = image -> Encoder -> Decoder;
        loss y: MeanSquaredError;
    }
}

fn main() -> Result<(), net_runtime::Error> {
    let net = Outer::new(1);
    println!("{}", Outer::summary());
    net.save("outer.safetensors")
}
