use net_runtime::prelude::*;

struct Dice;

network! {
    network Segmenter(image: [64]) -> (mask: [16]) {
        let mask = image -> Dense(16) -> sigmoid;
        loss mask: self::Dice;
    }
}

fn main() {}
