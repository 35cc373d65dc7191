use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image -> Conv2d(32, 3, paddding = same) -> MaxPool2d(2, color = red) -> relu(inplace = true);
        let class = seen -> Flatten -> Dense(10, unit = 3) -> softmax;
    }
}

fn main() {}
