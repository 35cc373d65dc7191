use net_runtime::prelude::*;

network! {
    network Digits(image: [64], row: [64]) -> (class: [10]) {
        layer eye = Dense(128);
        let seen = eye -> relu;
        let both = image -> row;
        let known = relu -> row;
        let class = class -> Dense(10);
    }
}

fn main() {}
