use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4], mask: [1]) {
        let class = image -> Dense(10) -> softmax;
        let location = image -> Dense(4);
        let mask = image -> Dense(1) -> sigmoid;
        loss class: CategoricalCrossentropy(label_smoothing = 2);
        loss location: Contrastive(0) + Huber(0) + GeneralizedCrossentropy(1);
        loss mask: BinaryCrossentropy(smoothing = 0.1);
        metric class: TopK(0), TopK(n = 2);
    }
}

fn main() {}
