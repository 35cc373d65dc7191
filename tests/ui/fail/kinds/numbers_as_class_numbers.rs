use net_runtime::prelude::*;

network! {
    network Reader(text: [40]) -> (positive: [1]) {
        let read = text -> Embedding(5_000, 32) -> Flatten;
        let positive = read -> Dense(1) -> sigmoid;
    }
}

fn main() {}
