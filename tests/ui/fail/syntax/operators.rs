use net_runtime::prelude::*;

network! {
    network Digits(image: [64]) -> (class: [10]) {
        let a = image -> Dense(64);
        let b = a + image;
        let c = (a - image) -> relu;
        let d = a * 2.0;
        let class = (a, b, c, d) -> Concat -> Dense(10);
    }
}

fn main() {}
