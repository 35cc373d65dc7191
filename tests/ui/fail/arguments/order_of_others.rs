use net_runtime::prelude::*;

network! {
    network LeNet(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image
            -> Conv2d(1, 6, 5) -> relu -> MaxPool2d(2, 2)
            -> Conv2d(6, 16, 5, 1) -> gelu(true) -> AvgPool2d(2, 1)
            -> Flatten;
        let class = seen -> Dense(256, 120) -> relu -> Dense(10, false) -> softmax;
        loss class: SparseCategoricalCrossentropy;
    }
}

fn main() {}
