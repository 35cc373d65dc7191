use net_runtime::prelude::*;

network! {
    network Net(x: [8]) -> (a: [4], b: [1]) {
        let a = x -> Dense(4) -> log_softmax;
        let b = x -> Dense(1) -> log_sigmoid;
        loss a: SparseCategoricalCrossentropy;
        loss b: BinaryCrossentropy;
    }
}

fn main() {}
