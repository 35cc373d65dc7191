use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image -> Conv3(32, 3) -> rellu -> MaxPool(2) -> Flatten;
        let class = seen -> dense(128) -> Bilinear(8) -> Dense(10) -> softmax;
    }
}

fn main() {}
