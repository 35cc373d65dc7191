use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let class = image -> Conv2d(filters = 32, 3) -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
