use net_runtime::prelude::*;

network! {
    network Counts(row: [8], other: [8]) -> (sum: [8]) {
        let a = row -> Add;
        let b = (row, other, a) -> Sub;
        let sum = (row, other) -> Dense(8);
        let _both = (row, other, b);
    }
}

fn main() {}
