use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> Dense(4) -> sigmoid;
        loss class: CategoricalCrossentropy;
        loss location: MeanSquaredError;
        loss location: 0.5 * Huber;
        metric class: Accuracy, TopK(3), Accuracy;
        metric class: TopK(2);
    }
}

fn main() {}
