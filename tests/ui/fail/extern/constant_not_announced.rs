use net_runtime::prelude::*;

const CLASSES: usize = 10;

mod config {
    pub const WIDTH: usize = 64;
}

network! {
    extern const config::SMALL = 0;
    extern const config::WIDTH: usize = 64;
    extern const config::HALF = 7 / 2;
    extern const;
    extern static config::WIDTH = 64;

    network Digits(image: [64]) -> (class: [CLASSES]) {
        let class = image -> Dense(CLASSES) -> softmax -> Dense(config::WIDTH) -> Dense(SMALL + HALF);
    }
}

fn main() {}
