use net_runtime::prelude::*;

network! {
    network Autoencoder(image: [64]) -> (image: [64]) {
        let code = image -> Dense(8) -> relu;
        let image = code -> Dense(64);
    }

    network Twins(left: [64], left: [64]) -> (same: [1], same: [1]) {
        let same = left -> Dense(1) -> sigmoid;
    }

    network Layered(image: [64]) -> (class: [10]) {
        layer class = Dense(10);
        let other = image -> class;
    }
}

fn main() {}
