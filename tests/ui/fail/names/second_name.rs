use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let x = image;
        let hidden = x -> Dense(128) -> relu;
        let y = hidden;
        let class = y -> Dense(10) -> softmax;
    }
}

fn main() {}
