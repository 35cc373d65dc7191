use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10) -> softmax;
        loss: CategoricalCrossentropy;
        loss class: "mse";
        loss class: MeanSquaredError - Huber;
        metric Accuracy;
        metric class: "accuracy";
        optimizer Adam(1e-3);
    }
}

fn main() {}
