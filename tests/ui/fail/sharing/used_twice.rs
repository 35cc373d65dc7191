use net_runtime::prelude::*;

network! {
    network Digits(left: [64], right: [64]) -> (class: [10]) {
        layer one = Dense(8) -> Conv2d(4, 3) -> Flatten -> Dense(10);
        let class = (left -> one, right -> one) -> Add;
    }
}

fn main() {}
