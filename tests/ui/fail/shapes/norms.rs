use net_runtime::prelude::*;

network! {
    network Net(x: [4, 6, 48]) -> (y: [4, 6, 48]) {
        let a = x -> LayerNorm(axis = height);
        let b = x -> GroupNorm;
        let y = (a, b) -> Add;
    }
}

fn main() {}
