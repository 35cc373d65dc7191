use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10], code: [64], same: [10]) {
        let class = class -> Dense(10);
        let code = image;
        let hidden = image -> Dense(10);
        let same = hidden;
    }
}

fn main() {}
