//! An announced network and a layer that no network of the block uses.

mod models {
    net_runtime::network! {
        pub network Encoder(image: [8]) -> (code: [4]) {
            let code = image -> Dense(4);
        }
    }
}

net_runtime::network! {
    extern network models::Encoder as Eye(image: [8]) -> (code: [4]);
    extern network models::Encoder as _Other(image: [8]) -> (code: [4]);
    extern layer models::Scale(x: [8]) -> (y: [8]);

    network Outer(image: [8]) -> (code: [4]) {
        let code = image -> Dense(4);
    }
}

fn main() {
    println!("{}", Outer::summary());
}
