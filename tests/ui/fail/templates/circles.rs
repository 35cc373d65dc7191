use net_runtime::prelude::*;

network! {
    block a(x) { x -> b }
    block b(x) { x -> c -> relu }
    block c(x) { let y = x -> a; y }
    block relu(x) { x -> relu }

    network Net(image: [3]) -> (class: [10]) {
        let class = image -> a -> relu -> Dense(10);
    }
}

fn main() {}
