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

    /// A memory with fewer gates.
    pub network GruBlock(x: [100, 64]) -> (y: [128]) {
        let y = x -> Gru(128);
        loss y: MeanSquaredError;
    }

    /// A convolution over steps.
    pub network Conv1dBlock(x: [512, 64]) -> (y: [508, 128]) {
        let y = x -> Conv1d(128, 5) -> relu;
        loss y: MeanSquaredError;
    }

    /// A convolution of each channel by itself, and one of all channels of a pixel.
    pub network SeparableBlock(x: [28, 28, 96]) -> (y: [28, 28, 96]) {
        let y = x -> DepthwiseConv2d(3, padding = same) -> relu -> Conv2d(96, 1) -> relu;
        loss y: MeanSquaredError;
    }

    /// A level of a U-Net: what comes from below is enlarged, and joined with what has come from the side.
    pub network UnetBlock(below: [28, 28, 128], skip: [56, 56, 64]) -> (y: [56, 56, 64]) {
        let y = (below -> Conv2dTranspose(64, 2, stride = 2), skip) -> Concat -> Conv2d(64, 3, padding = same) -> relu;
        loss y: MeanSquaredError;
    }

    /// A layer of a transformer.
    pub network EncoderBlock(x: [128, 128]) -> (y: [128, 128]) {
        let seen = (x, x -> MultiHeadAttention(heads = 4, key_dim = 32)) -> Add -> LayerNorm;
        let y = (seen, seen -> Dense(512) -> relu -> Dense(128)) -> Add -> LayerNorm;
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
    time::<GruBlock>(wanted, "gru", batches, effort, |n| GruBlockSamples { x: numbers(n), y: numbers(n) })?;
    time::<EncoderBlock>(wanted, "encoder", batches, effort, |n| EncoderBlockSamples { x: numbers(n), y: numbers(n) })?;
    time::<Conv1dBlock>(wanted, "conv1d", batches, effort, |n| Conv1dBlockSamples { x: numbers(n), y: numbers(n) })?;
    time::<SeparableBlock>(wanted, "separable", batches, effort, |n| SeparableBlockSamples {
        x: numbers(n),
        y: numbers(n),
    })?;
    time::<UnetBlock>(wanted, "unet", batches, effort, |n| UnetBlockSamples {
        below: numbers(n),
        skip: numbers(n),
        y: numbers(n),
    })?;
    time::<BatchNormBlock>(wanted, "batch_norm", batches, effort, |n| BatchNormBlockSamples {
        x: numbers(n),
        y: numbers(n),
    })
}
