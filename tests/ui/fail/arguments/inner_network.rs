use net_runtime::prelude::*;

network! {
    network Encoder(image: [64]) -> (code: [8]) {
        let code = image -> Dense(8);
    }

    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Encoder(8, name = encoder) -> Dense(10) -> softmax;
    }
}

fn main() {}
