use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image -> Conv2d -> relu -> Conv2d(64) -> relu -> Conv2d(kernel = 3) -> Reshape -> Permute;
        let class = seen -> Dropout -> Flatten -> Dense(bias = false) -> relu -> Dense() -> softmax;
    }
}

fn main() {}
