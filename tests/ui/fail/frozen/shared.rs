use net_runtime::prelude::*;

network! {
    network Series(x: [5, 8]) -> (y: [5, 2]) {
        layer each = Dense(4) -> relu;
        let y = x -> TimeDistributed(each, frozen = true) -> Dense(2);
        loss y: MeanSquaredError;
    }
}

fn main() {}
