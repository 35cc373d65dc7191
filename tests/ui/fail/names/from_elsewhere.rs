use net_runtime::prelude::*;

mod vision {}

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let seen = image -> vision::Encoder;
        let class = seen -> Dense(vision::CLASSES) -> softmax;
    }
}

fn main() {}
