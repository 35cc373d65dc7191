use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let image = image -> Dense(128) -> relu;
        let hidden = image -> Dense(64) -> relu;
        let hidden = hidden -> Dense(32) -> relu;
        let class = hidden -> Dense(10) -> softmax;
    }

    network Twins(left: [64], right: [64]) -> (same: [1]) {
        layer eye = Dense(32);
        layer eye = Dense(64);
        let same = (left -> eye, right -> eye) -> Sub -> Dense(1) -> sigmoid;
    }
}

fn main() {}
