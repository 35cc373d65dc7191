use net_runtime::prelude::*;

network! {
    network Bounds(empty: [0, 3], negative: [-3], large: [3_000_000_000], deep: [1, 1, 1, 1, 1, 1], none: [])
        -> (class: [0]) {
        let class = empty -> Flatten -> Dense(10);
    }
}

fn main() {}
