use net_runtime::prelude::*;

network! {
    network Digits(row: [64], other: [64]) -> (class: [10]) {
        let joined = (row, other) -> Concat(dim = 1);
        let class = joined -> Dense(in_features = 128, out_features = 10) -> Dropout(p = 0.5) -> softmax;
    }
}

fn main() {}
