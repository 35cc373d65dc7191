use net_runtime::prelude::*;

network! {
    network Detector(image: [64]) -> (class: [10], location: [4]) {
        layer read = Dense(32) -> relu;
        let features = image -> read;
        let class = features -> Dense(10) -> softmax;
        let location = features -> Dense(16) -> relu -> Dense(4) -> sigmoid;
        loss class: CategoricalCrossentropy;
    }
}

fn main() {}
