//! Parts that networks are made of, a kind of layer each.

use net_runtime::prelude::*;

use crate::subject::{Subject, classes, numbers, subject};

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

    /// What large pictures go through first.
    pub network Stem(image: [224, 224, 3]) -> (y: [56, 56, 64]) {
        let y = image -> Conv2d(64, 7, stride = 2, padding = same) -> relu -> MaxPool2d(3, stride = 2, padding = same);
        loss y: MeanSquaredError;
    }

    /// Small pictures without normalisation: a residual block of each width, the wider ones of half the size.
    pub network Residual(image: [32, 32, 3]) -> (class: [10]) {
        let a = image -> Conv2d(16, 3, padding = same) -> relu;
        let b = (a, a -> Conv2d(16, 3, padding = same) -> relu -> Conv2d(16, 3, padding = same)) -> Add -> relu;
        let c = (
            b -> Conv2d(32, 1, stride = 2),
            b -> Conv2d(32, 3, stride = 2, padding = same) -> relu -> Conv2d(32, 3, padding = same),
        ) -> Add -> relu;
        let d = (
            c -> Conv2d(64, 1, stride = 2),
            c -> Conv2d(64, 3, stride = 2, padding = same) -> relu -> Conv2d(64, 3, padding = same),
        ) -> Add -> relu;
        let class = d -> GlobalAvgPool2d -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }
}

/// All of them.
pub const NETWORKS: &[&dyn Subject] = &[
    subject!(LstmBlock, "lstm", &[1, 32], LstmBlockSamples { x: numbers, y: numbers }),
    subject!(GruBlock, "gru", &[1, 32], GruBlockSamples { x: numbers, y: numbers }),
    subject!(EncoderBlock, "encoder", &[1, 32], EncoderBlockSamples { x: numbers, y: numbers }),
    subject!(Conv1dBlock, "conv1d", &[1, 32], Conv1dBlockSamples { x: numbers, y: numbers }),
    subject!(SeparableBlock, "separable", &[1, 32], SeparableBlockSamples { x: numbers, y: numbers }),
    subject!(UnetBlock, "unet_level", &[1, 32], UnetBlockSamples { below: numbers, skip: numbers, y: numbers }),
    subject!(BatchNormBlock, "batch_norm", &[1, 32], BatchNormBlockSamples { x: numbers, y: numbers }),
    subject!(Stem, "stem", &[1, 8], StemSamples { image: numbers, y: numbers }),
    subject!(Residual, "residual", &[1, 32], ResidualSamples { image: numbers, class: classes }),
];
