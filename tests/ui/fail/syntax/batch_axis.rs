use net_runtime::prelude::*;

network! {
    network Digits(image: [_, 64], text: [-1, 40], row: [None, 8], old: [f32; 8]) -> (class: [10]) {
        let class = (image, text, row, old) -> Concat -> Dense(10);
    }
}

fn main() {}
