use net_runtime::prelude::*;

network! {
    network Logits(image: [64]) -> (class: [10], mask: [1]) {
        let class = image -> Dense(10);
        let mask = image -> Dense(1) -> relu;
        loss class: CategoricalCrossentropy;
        loss mask: BinaryCrossentropy;
    }

    network Swapped(image: [64]) -> (class: [10], mask: [1]) {
        let class = image -> Dense(10) -> softmax;
        let mask = image -> Dense(1) -> sigmoid;
        loss class: BinaryCrossentropy;
        loss mask: SparseCategoricalCrossentropy;
    }
}

fn main() {}
