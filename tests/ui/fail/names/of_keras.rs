use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image
            -> Conv2D(32, 3) -> ReLU -> MaxPooling2D(2)
            -> Conv2D(64, 3) -> LeakyReLU -> GlobalAveragePooling2D;
        let both = (seen, seen) -> Concatenate;
        let class = both -> Dense(10) -> Softmax;
    }
}

fn main() {}
