use net_runtime::prelude::*;

network! {
    block inner(x, const K) { (x, x -> Dense(K)) -> Add }
    block outer(x, const K) { let y = x -> relu -> inner(K + 1); y -> inner(K) }

    network Net(image: [3]) -> (class: [10]) {
        layer body = outer(3) -> Dense(10);
        let class = image -> body;
    }
}

fn main() {}
