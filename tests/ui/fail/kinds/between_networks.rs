use net_runtime::prelude::*;

network! {
    network Encoder(image: [8]) -> (code: [4]) {
        let code = image -> Dense(4);
    }

    network Price(text: u32[8]) -> (price: [1]) {
        let price = text -> Encoder -> Dense(1);
    }
}

fn main() {}
