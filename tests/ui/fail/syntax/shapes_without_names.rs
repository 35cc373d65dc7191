use net_runtime::prelude::*;

network! {
    network Net([28, 28, 1]) -> ([10]) {
        let class = x -> Flatten -> Dense(10) -> softmax;
    }

    network Other(x: [8]) -> (10) {
        let y = x -> Dense(10);
    }
}

fn main() {}
