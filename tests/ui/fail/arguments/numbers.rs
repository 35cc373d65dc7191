use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image
            -> Conv2d(32.5, 3)
            -> Conv2d("32", 3)
            -> Conv2d(true, 3)
            -> Conv2d((32, 64), 3)
            -> Conv2d(filters, 3)
            -> Conv2d(relu -> tanh, 3)
            -> Conv2d(2 + 0.5, 3)
            -> Conv2d(0, 3)
            -> Conv2d(-32, 3)
            -> Conv2d(4_000_000_000, 3);
        let class = seen -> Flatten -> Dense(10) -> softmax;
    }
}

fn main() {}
