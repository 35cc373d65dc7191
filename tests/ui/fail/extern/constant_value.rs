use net_runtime::prelude::*;

mod config {
    pub const CLASSES: usize = 12;
}

network! {
    extern const config::CLASSES = 10;

    network Digits(image: [64]) -> (class: [CLASSES]) {
        let class = image -> Dense(CLASSES) -> softmax;
    }
}

fn main() {}
