//! Shared layers, chains, networks in networks, templates and announced constants.

#![deny(warnings)]

use net_runtime::prelude::*;

mod config {
    pub const CLASSES: usize = 3;
}

network! {
    extern const config::CLASSES = 3;

    /// A sum with what goes in.
    block residual(x, const N) { let main = x -> Conv2d(N, 3, padding = same) -> relu; (main, x) -> Add }
    block twice(x, const N) { layer own = residual(N); x -> own -> own -> residual(N) }
    block ends(x) { (x -> GlobalMaxPool2d, x -> GlobalAvgPool2d) }

    network Encoder(image: [8, 8, 2]) -> (code: [4], map: [8, 8, 2]) {
        let map = image -> twice(2);
        let code = map -> ends -> Concat -> Dense(4);
    }

    network Pair(left: [8, 8, 2], right: [8, 8, 2]) -> (class: [CLASSES], _map: [8, 8, 2]) {
        layer eye = Encoder;
        layer head = Dense(8) -> relu -> Dense(CLASSES);
        let (first, _) = left -> eye;
        let (second, _map) = (image = right) -> eye;
        let class = (first -> head, second -> head) -> Sub -> softmax;
    }

    network Swapped(a: [8, 8, 2], b: [8, 8, 2]) -> (class: [CLASSES]) {
        let (class, _rest) = (right = a, left = b) -> Pair;
    }
}

pub fn main() -> Result<(), Error> {
    let images = Batch::zeros(2);
    let found = Swapped::new(1).predict(SwappedInputs { a: images.view(), b: images.view() })?;
    assert_eq!(found.class.len(), 2);
    Ok(())
}
