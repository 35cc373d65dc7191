use net_runtime::prelude::*;

network! {
    block some(x, const N, const M) { x -> Dense(N) }

    network Net(image: [3]) -> (class: [10]) {
        let class = image -> some(10, 2);
    }
}

fn main() {}
