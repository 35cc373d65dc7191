//! Blocks that networks are made of, a kind of layer each.

use net_runtime::prelude::*;

use crate::timing::{Effort, numbers, time};
use crate::wanted::Wanted;

network! {
    /// A memory over a sequence.
    pub network LstmBlock(x: [100, 64]) -> (y: [128]) {
        let y = x -> Lstm(128);
        loss y: MeanSquaredError;
    }

    /// A convolution and its normalisation.
    pub network BatchNormBlock(x: [28, 28, 64]) -> (y: [28, 28, 64]) {
        let y = x -> Conv2d(64, 3, padding = same) -> BatchNorm -> relu;
        loss y: MeanSquaredError;
    }
}

/// Times them.
pub fn run(wanted: &Wanted) -> Result<(), Error> {
    let effort = Effort { repetitions: 9, warm_ups: 3 };
    let batches = &[1, 32];
    time::<LstmBlock>(wanted, "lstm", batches, effort, |n| LstmBlockSamples { x: numbers(n), y: numbers(n) })?;
    time::<BatchNormBlock>(wanted, "batch_norm", batches, effort, |n| BatchNormBlockSamples {
        x: numbers(n),
        y: numbers(n),
    })
}
