use net_runtime::prelude::*;

network! {
    network Encoder(image: [64]) -> (mean: [8], spread: [8]) {
        let mean = image -> Dense(8);
        let spread = image -> Dense(8) -> softplus;
    }

    network Split(image: [64]) -> (class: [10]) {
        let code = image -> Encoder;
        let (mean, spread, rest) = image -> Encoder;
        let (left, right) = image -> Dense(8);
        let (_, _) = image -> Encoder;
        let pair = (image, image);
        let class = (code, mean, spread, rest, left, right, pair) -> Concat -> Dense(10);
    }
}

fn main() {}
