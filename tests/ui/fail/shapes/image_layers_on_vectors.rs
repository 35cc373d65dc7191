use net_runtime::prelude::*;

network! {
    network Digits(image: [784]) -> (class: [10], other: [10]) {
        let hidden = image -> Dense(128) -> relu;
        let class = image -> Conv2d(32, 3) -> Flatten -> Dense(10) -> softmax;
        let other = hidden -> MaxPool2d(2) -> Dense(10) -> softmax;
        let _padded = hidden -> ZeroPad2d(1);
        let _mean = hidden -> GlobalAvgPool2d;
    }
}

fn main() {}
