use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        layer last = Dense(10);
        let last = image -> Dense(3);
        let class = last -> Dense(10);
    }
}

fn main() {}
