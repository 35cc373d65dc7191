use net_runtime::prelude::*;

network! {
    const CLASSES: usize = 10;

    network Digits(image: [SIDE, SIDE, 1]) -> (class: [CLASES]) {
        let class = image -> Conv2d(FILTERS, 3) -> Flatten -> Dense(CLASSES) -> softmax;
    }
}

fn main() {}
