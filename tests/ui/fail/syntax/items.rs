use net_runtime::prelude::*;

network! {
    net Digits(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10);
    }

    struct Weights;

    fn helper() {}

    use std::fmt;

    pub netwrok Other(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10);
    }

    network 3(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10);
    }
}

fn main() {}
