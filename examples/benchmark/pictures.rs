//! Networks from pictures to pictures, and those that make or judge them.

use net_runtime::prelude::*;

use crate::subject::{Subject, answers, numbers, subject};

network! {
    /// Two convolutions with their normalisations.
    block twice(x, const N) {
        x -> Conv2d(N, 3, padding = same, bias = false) -> BatchNorm -> relu
            -> Conv2d(N, 3, padding = same, bias = false) -> BatchNorm -> relu
    }

    /// Enlarges what comes from below, and joins it with what has come from the side.
    block joined(below, beside, const N) {
        (below -> Conv2dTranspose(N, 2, stride = 2), beside) -> Concat -> twice(N)
    }

    /// Which pixels belong to something (Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image
    /// Segmentation, 2015).
    pub network UNet(image: [128, 128, 3]) -> (mask: [128, 128, 1]) {
        let whole = image -> twice(16);
        let half = whole -> MaxPool2d(2) -> twice(32);
        let quarter = half -> MaxPool2d(2) -> twice(64);
        let eighth = quarter -> MaxPool2d(2) -> twice(128);
        let up_quarter = (eighth, quarter) -> joined(64);
        let up_half = (up_quarter, half) -> joined(32);
        let mask = (up_half, whole) -> joined(16) -> Conv2d(1, 1) -> sigmoid;
        loss mask: BinaryCrossentropy;
    }

    /// To an eighth of the width and height, and back.
    pub network ConvAutoencoder(image: [64, 64, 3]) -> (again: [64, 64, 3]) {
        let code = image
            -> Conv2d(32, 3, stride = 2, padding = same) -> relu
            -> Conv2d(64, 3, stride = 2, padding = same) -> relu
            -> Conv2d(128, 3, stride = 2, padding = same) -> relu;
        let again = code
            -> Conv2dTranspose(64, 3, stride = 2, padding = same) -> relu
            -> Conv2dTranspose(32, 3, stride = 2, padding = same) -> relu
            -> Conv2dTranspose(3, 3, stride = 2, padding = same) -> sigmoid;
        loss again: MeanSquaredError;
    }

    block enlarged(x, const N) {
        x -> Conv2dTranspose(N, 4, stride = 2, padding = same, bias = false) -> BatchNorm -> relu
    }

    /// Makes pictures from noise (Radford, Metz and Chintala, Unsupervised Representation Learning with Deep Convolutional
    /// Generative Adversarial Networks, 2015). That it is timed with a loss of its own instead of what the other one thinks of its
    /// pictures changes no layer.
    pub network Generator(noise: [100]) -> (image: [64, 64, 3]) {
        let image = noise -> Reshape(1, 1, 100)
            -> Conv2dTranspose(512, 4, bias = false) -> BatchNorm -> relu
            -> enlarged(256) -> enlarged(128) -> enlarged(64)
            -> Conv2dTranspose(3, 4, stride = 2, padding = same) -> tanh;
        loss image: MeanSquaredError;
    }

    block reduced(x, const N) {
        x -> Conv2d(N, 4, stride = 2, padding = same, bias = false) -> BatchNorm -> leaky_relu(0.2)
    }

    /// Judges pictures, of the same authors.
    pub network Discriminator(image: [64, 64, 3]) -> (truth: [1]) {
        let truth = image
            -> Conv2d(64, 4, stride = 2, padding = same) -> leaky_relu(0.2)
            -> reduced(128) -> reduced(256) -> reduced(512)
            -> Conv2d(1, 4) -> Flatten -> sigmoid;
        loss truth: BinaryCrossentropy;
    }
}

/// All of them.
pub const NETWORKS: &[&dyn Subject] = &[
    subject!(UNet, "unet", &[1, 8], UNetSamples { image: numbers, mask: answers }),
    subject!(ConvAutoencoder, "conv_autoencoder", &[1, 32], ConvAutoencoderSamples { image: numbers, again: numbers }),
    subject!(Generator, "dcgan_generator", &[1, 32], GeneratorSamples { noise: numbers, image: numbers }),
    subject!(Discriminator, "dcgan_discriminator", &[1, 32], DiscriminatorSamples { image: numbers, truth: answers }),
];
