use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = image -> Dense(128) -> relu
        let class = hidden -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy
        metric class: Accuracy
    }
}

fn main() {}
