use net_runtime::prelude::*;

network! {
    network Digits(gray: [1, 28, 28], colour: [3, 32, 48], meant: [1, 28, 28]) -> (class: [10]) {
        let a = gray -> Conv2d(8, 3, padding = same) -> GlobalAvgPool2d;
        let b = colour -> MaxPool2d(2, padding = same) -> GlobalAvgPool2d;
        let c = meant -> Reshape(1, 28, 28) -> Conv2d(8, 3, padding = same) -> GlobalAvgPool2d;
        let class = (a, b, c) -> Concat -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
    }
}

fn main() {}
