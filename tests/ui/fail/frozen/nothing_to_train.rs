use net_runtime::prelude::*;

network! {
    network Trunk(x: [8]) -> (features: [4]) {
        let features = x -> Dense(4) -> relu;
    }

    network Digits(x: [8]) -> (class: [3]) {
        layer head(frozen = true) = Dense(8) -> tanh -> Dense(3);
        let class = x -> Trunk(frozen = true) -> head -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() {}
