use net_runtime::prelude::*;

network! {
    network Known(x: [4, 8]) -> (y: [4, 8]) {
        let a = x -> Normalization(mean = 1.0) -> Normalization(variance = 1.0);
        let b = a -> Normalization(mean = 0.0, variance = (1.0, -1.0)) -> GaussianNoise -> AlphaDropout(50);
        let y = b -> Normalization(0);
    }
}

fn main() {}
