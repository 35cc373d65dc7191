use net_runtime::prelude::*;

network! {
    network Encoder(image: [64]) -> (code: [8]) { let code = image -> Dense(8); }

    network Digits(image: [64]) -> (class: [10]) {
        let code = image -> crate::networks::Encoder -> vision::Encoder2;
        let class = code -> layers::Dense(64) -> nn::Linear(64, 10) -> functional::relu;
    }
}

fn main() {}
