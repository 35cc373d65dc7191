use net_runtime::prelude::*;

network! {
    network Digits(left: [64], right: [64]) -> (class: [10]) {
        layer one = Dense(8) -> relu;
        layer two = Sub -> Dense(10);
        let joined = (left, right) -> one;
        let class = joined -> two;
    }
}

fn main() {}
