use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image -> Conv2d(32, 3) -> relu -> MaxPool2d(2);
        let class = seen -> Dense(10) -> softmax;
    }
}

fn main() {}
