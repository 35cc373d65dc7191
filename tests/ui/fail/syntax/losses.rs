use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4], size: [2], count: [1]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> Dense(4);
        let size = image -> Dense(2);
        let count = image -> Dense(1);
        loss class = CategoricalCrossentropy;
        loss location: MeanSquaredError * 2.0;
        loss size: MeanSquaredError, Huber;
        loss count: 2.0 MeanSquaredError;
        metric count = MeanAbsoluteError;
    }

    network Grouped(image: [64]) -> (location: [4]) {
        let location = image -> Dense(4);
        loss location: 0.5 * (Huber + MeanSquaredError);
    }

    network Worded(image: [64]) -> (location: [4]) {
        let location = image -> Dense(4);
        loss location: MeanSquaredError MeanAbsoluteError;
        metric location: MeanSquaredError + MeanAbsoluteError;
    }
}

fn main() {}
