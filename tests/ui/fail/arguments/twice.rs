use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let a = image -> Dense(128, units = 64) -> relu;
        let b = a -> Dense(units = 32, units = 16) -> relu;
        let class = b -> Dense(10, name = out, name = class_out) -> softmax;
    }
}

fn main() {}
