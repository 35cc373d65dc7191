use net_runtime::prelude::*;

network! {
    block ending(x) {
        x -> relu
    }

    network Net(x: [8]) -> (a: [4], b: [4], c: [4]) {
        let a = x -> Dense(4) -> relu -> softmax;
        let b = x -> Dense(4) -> softmax -> softmax;
        let c = x -> Dense(4) -> ending -> Dropout(0.5) -> sigmoid;
        loss a: SparseCategoricalCrossentropy;
        loss b: CategoricalCrossentropy;
        loss c: BinaryCrossentropy;
    }
}

fn main() {}
