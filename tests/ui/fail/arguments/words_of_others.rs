use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let a = image -> Conv2d(4, 3, relu);
        let b = image -> Conv2d(4, 3, same);
        let c = image -> Conv2d(4, 3, stride);
        let d = image -> Conv2d(4, 3, padding = 1);
        let e = image -> MaxPool2d(strides = None);
        let f = image -> Flatten -> Dense(64, "relu") -> Dense(64, 10) -> gelu("tanh") -> Dropout(50);
        let g = image -> Conv2d(4, 3x3);
        let h = image -> Flatten -> Dense(10 as usize);
        let i = image -> Flatten -> Dense(config.units);
        let j = image -> Flatten -> Dense(config::units());
        let class = (a, b, c, d, e, f, g, h, i, j) -> Concat -> Dense(10);
    }
}

fn main() {}
