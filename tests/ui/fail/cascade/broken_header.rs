//! What cannot be read of a header is left out, and the rest is there.

use net_runtime::prelude::*;

network! {
    network Digits(image: [64, 3.5]) -> (class: [10]) {
        let class = image -> Flatten -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

fn main() {
    let net = Digits::new(42);
    println!("{net:?}");
}
