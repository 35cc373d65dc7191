use net_runtime::prelude::*;

network! {
    network Wide(x: [8]) -> (y: [1_000_000, 1_000_000]) {
        let y = x -> Dense(1_000_000) -> Reshape(1_000_000, 1) -> Dense(1_000_000);
    }

    network Wider(x: [2_000_000, 8]) -> (y: [1]) {
        let a = x -> TimeDistributed(Dense(1_000_000));
        let b = x -> TimeDistributed(Wide);
        let y = (a, b) -> Concat -> Dense(1);
    }
}

fn main() {}
