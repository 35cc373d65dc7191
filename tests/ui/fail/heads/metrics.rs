use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [3], other: [10]) {
        let class = image -> Dense(3) -> softmax;
        let other = image -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
        loss other: SparseCategoricalCrossentropy;
        metric class: TopK;
        metric other: MeanAbsoluteError;
    }
}

fn main() {}
