use net_runtime::prelude::*;

network! {
    block never(x) { x -> relu }
    block _never(x) { x -> relu }
    block some(x, y, const N, const M) { let z = (x, y) -> Add; x -> Dense(N) }

    network Net(image: [3]) -> (class: [10]) {
        let class = (image, image) -> some(10, 2);
    }
}

fn main() {}
