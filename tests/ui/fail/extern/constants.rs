use net_runtime::prelude::*;

mod config {
    pub const CLASSES: usize = 12;
    pub const WIDTH: u32 = 64;
    pub fn depth() -> usize {
        3
    }
}

network! {
    extern const config::CLASSES = 10;
    extern const config::WIDTH = 64;
    extern const config::HEIGHT = 32;
    extern const settings::DEPTH = 3;
    extern const config::depth = 3;

    network Digits(image: [HEIGHT, WIDTH, DEPTH], more: [depth]) -> (class: [CLASSES]) {
        let class = (image -> Flatten, more) -> Concat -> Dense(CLASSES) -> softmax;
    }
}

fn main() {}
