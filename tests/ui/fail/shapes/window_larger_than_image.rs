use net_runtime::prelude::*;

network! {
    network Deep(image: [16, 12, 3]) -> (class: [10]) {
        let seen = image
            -> Conv2d(32, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(64, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(64, 3) -> relu;
        let class = seen -> Flatten -> Dense(10) -> softmax;
    }

    network Wide(image: [16, 12, 3]) -> (class: [10]) {
        let seen = image -> Conv2d(32, (3, 5), dilation = 3) -> relu -> MaxPool2d(8);
        let class = seen -> Flatten -> Dense(10) -> softmax;
    }

    network Narrow(image: [16, 12, 3]) -> (class: [10]) {
        let class = image -> MaxPool2d((2, 16)) -> Flatten -> Dense(10) -> softmax;
    }

    network Dilated(image: [16, 12, 3]) -> (class: [10]) {
        let class = image -> Conv2d(32, 5, dilation = 4) -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
