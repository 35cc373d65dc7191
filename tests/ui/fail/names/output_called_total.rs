use net_runtime::prelude::*;

network! {
    network Invoice(image: [64]) -> (total: [1]) {
        let total = image -> Dense(1);
        loss total: MeanSquaredError;
    }
}

fn main() {}
