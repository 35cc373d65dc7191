use net_runtime::prelude::*;

network! {
    network Shapes(image, depth: (64, 64), text: i64[40], 3: [2], row: [1 2])
        -> (class: f32[10], location, size: 2) {
    }

    network Last(image: [64]) -> (class) {
        let class = image -> Dense(10);
    }

    network Scalars(x: []) -> (y: [2]) {
        let y = x -> Dense(2);
    }

    network Comma(left: [8] right: [8]) -> (both: [16]) {
        let both = (left, right) -> Concat;
    }

    network Batch(image: [None, 64, 64, 3]) -> (class: [10]) {
        let class = image -> Flatten -> Dense(10);
    }
}

fn main() {}
