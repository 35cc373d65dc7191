use net_runtime::prelude::*;

network! {
    block tower(x, const N) { layer shared = Dense(N); (x -> shared, x -> Dense(3) -> shared) -> Add }

    network Net(image: [8]) -> (class: [4]) {
        let class = image -> tower(4);
    }
}

fn main() {}
