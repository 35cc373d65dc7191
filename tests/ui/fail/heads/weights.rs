use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4], size: [2]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> Dense(4) -> sigmoid;
        let size = image -> Dense(2);
        loss class: 0 * CategoricalCrossentropy;
        loss location: -2.0 * MeanSquaredError + 1e60 * Huber;
        loss size: "2.0" * MeanSquaredError;
    }

    network Worded(image: [64]) -> (size: [2]) {
        let size = image -> Dense(2);
        loss size: -"2.0" * MeanSquaredError;
    }
}

fn main() {}
