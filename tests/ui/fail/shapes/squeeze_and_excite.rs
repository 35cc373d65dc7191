use net_runtime::prelude::*;

network! {
    network Excite(image: [28, 28, 32]) -> (excited: [28, 28, 32]) {
        let weights = image -> GlobalAvgPool2d -> Dense(32) -> sigmoid;
        let excited = (image, weights) -> Mul;
    }
}

fn main() {}
