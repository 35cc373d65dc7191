use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [3], other: [10], sure: [1]) {
        let class = image -> Dense(3) -> softmax;
        let other = image -> Dense(10) -> softmax;
        let sure = image -> Dense(1) -> sigmoid;
        loss class: SparseCategoricalCrossentropy;
        loss other: SparseCategoricalCrossentropy;
        loss sure: BinaryCrossentropy;
        metric class: TopK, MeanIou(threshold = 0.4);
        metric other: MeanAbsoluteError, Precision;
        metric sure: MeanIou(ignore = 255);
    }
}

fn main() {}
