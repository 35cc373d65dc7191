use net_runtime::prelude::*;

network! {
    network Encoder(image: [64]) -> (code: [8], mask: [3]) {
        let code = image -> Dense(8);
        let mask = image -> Dense(3);
    }

    network Digits(image: [64]) -> (code: [8], mask: [3]) {
        let (mask, code) = image -> Encoder;
    }
}

fn main() {}
