use net_runtime::prelude::*;

network! {
    network Segmenter(image: [64]) -> (mask: [16]) {
        let mask = image -> Dense(16) -> sigmoid;
        loss mask: self::Dice;
        metric mask: self::Iou(0.5);
    }
}

fn main() {}
