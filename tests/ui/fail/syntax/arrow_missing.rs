use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image -> Dense(128) relu;
        let class = hidden Dense(10) -> softmax;
    }

    network Joined(left: [8], right: [8]) -> (both: [16]) {
        let both = (left relu, right) -> Concat;
    }
}

fn main() {}
