use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let class = hidden -> Dense(10) -> softmax;
        let hidden = image -> Dense(128) -> relu;
    }

    network Twins(left: [64], right: [64]) -> (same: [1]) {
        let same = (left -> eye, right -> eye) -> Sub -> Dense(1) -> sigmoid;
        layer eye = Dense(32);
    }
}

fn main() {}
