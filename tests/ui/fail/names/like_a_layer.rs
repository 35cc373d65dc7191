use net_runtime::prelude::*;

network! {
    network Dense(image: [64]) -> (class: [10]) {
        let class = image -> Dense(10);
    }
}

fn main() {}
