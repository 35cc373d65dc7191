//! Names that could clash: with layers of ours, with generated code, with Rust's own.

#![deny(warnings)]

use net_runtime::prelude::*;

network! {
    network Vec(self_: [4], new: [4]) -> (seed: [2], arena: [2]) {
        let relu = (self_, new) -> Add -> relu;
        layer loss = Dense(2);
        let seed = relu -> loss;
        let arena = relu -> relu -> Dense(2, name = workspace);
    }

    network Option(network: [4], layer: [4]) -> (metric: [2]) {
        let (block, _none) = (self_ = network, new = layer) -> Vec;
        let metric = block -> tanh;
    }
}

pub fn main() -> Result<(), Error> {
    let batch = Batch::zeros(2);
    let found = Option::new(1).predict(OptionInputs { network: batch.view(), layer: batch.view() })?;
    assert_eq!(found.metric.len(), 2);
    Ok(())
}
