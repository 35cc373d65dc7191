use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image
            -> Conv2d(32, 3, padding = "same")
            -> Conv2d(32, 3, padding = sme)
            -> Conv2d(32, 3, padding = full)
            -> Conv2d(32, 3, padding = 1);
        let class = seen -> Flatten -> Dense(10, name = "class") -> softmax;
    }
}

fn main() {}
