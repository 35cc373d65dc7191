use net_runtime::prelude::*;

struct Dice {
    smooth: f32,
}

network! {
    network Segmenter(image: [64]) -> (mask: [16]) {
        let mask = image -> Dense(16) -> sigmoid;
        loss mask: self::Dice(1.0, smooth = 2.0);
    }
}

fn main() {}
