use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let hidden = picture -> Dense(128) -> relu;
        let class = hiden -> Dense(10) -> softmax;
    }
}

fn main() {}
