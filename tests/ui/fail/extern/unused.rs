//! An announced network that no network of the block uses.

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

    network Outer(image: [8]) -> (code: [4]) {
        let code = image -> Dense(4);
    }
}

fn main() {
    println!("{}", Outer::summary());
}
