use net_runtime::prelude::*;

network! {
    network Net(digit: [28, 28]) -> (y: [10]) {
        let first = digit[0];
        let second = first -> Dense(10)[1];
        let y = (first[0], second) -> Concat -> Dense(10);
    }
}

fn main() {}
