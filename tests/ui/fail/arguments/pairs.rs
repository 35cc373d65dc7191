use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image
            -> Conv2d(32, (3, 3, 3))
            -> Conv2d(32, (3, 0))
            -> Conv2d(32, 3, stride = 2, dilation = 2)
            -> MaxPool2d(0)
            -> AvgPool2d(2, stride = (1, -1))
            -> ZeroPad2d((1, 2, 3))
            -> ZeroPad2d(-1);
        let class = seen -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
