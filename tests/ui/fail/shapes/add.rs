use net_runtime::prelude::*;

network! {
    network Residual(image: [28, 28, 3]) -> (class: [10]) {
        let main = image -> Conv2d(256, 3, padding = same) -> relu;
        let skip = image -> Conv2d(128, 1) -> relu;
        let class = (main, skip) -> Add -> GlobalAvgPool2d -> Dense(10) -> softmax;
    }

    network Valid(image: [28, 28, 3]) -> (class: [10]) {
        let main = image -> Conv2d(3, 3) -> relu;
        let class = (main, image) -> Add -> GlobalAvgPool2d -> Dense(10) -> softmax;
    }

    network Rows(row: [8]) -> (sum: [4]) {
        let sum = (row -> Dense(4), row -> Dense(5)) -> Add;
    }
}

fn main() {}
