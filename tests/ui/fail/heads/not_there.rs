use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss class: CrossEntropyLoss + GaussianNLLLoss;
        metric class: CohenKappa, HammingDistance;
    }
}

fn main() {}
