use net_runtime::prelude::*;

network! {
    network Places(x: [4, 6, 8]) -> (y: [4, 6, 8]) {
        let a = x -> Normalization(axis = (0, 2));
        let b = x -> Normalization(mean = (1.0, 2.0), variance = 1.0);
        let c = x -> PRelu(shared_axes = (width, channels));
        let y = (a, b, c) -> Add;
    }
}

fn main() {}
