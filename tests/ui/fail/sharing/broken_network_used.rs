use net_runtime::prelude::*;

// Only the broken network is told, not who uses it.
network! {
    network Encoder(image: [64]) {
        let code = image -> Dense(8);
    }

    network Headless(image: [64, -1]) -> (code: [8]) {
        let code = image -> Flatten -> Dense(8);
    }

    network Digits(image: [64]) -> (class: [10]) {
        let a = image -> Encoder;
        let b = image -> Headless;
        let class = (a, b) -> Concat -> Dense(10);
    }
}

fn main() {}
