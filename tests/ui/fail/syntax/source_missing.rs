use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let a = "image" -> Dense(10);
        let b = -> Dense(10);
        let class = [a, b] -> Add;
    }
}

fn main() {}
