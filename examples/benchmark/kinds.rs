//! Small networks of kinds that people use, for which no kernel was made.

use net_runtime::prelude::*;

use crate::timing::{Effort, classes, numbers, time};
use crate::wanted::Wanted;

network! {
    /// Digits: large windows over few channels, small dense layers.
    pub network LeNet(image: [28, 28, 1]) -> (class: [10]) {
        let class = image
            -> Conv2d(6, 5, padding = same) -> relu -> MaxPool2d(2)
            -> Conv2d(16, 5) -> relu -> MaxPool2d(2)
            -> Flatten -> Dense(120) -> relu -> Dense(84) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Small pictures: a block of each width, the wider ones of half the size.
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

    /// Windows of several sizes side by side.
    pub network Inception(x: [28, 28, 192]) -> (y: [28, 28, 256]) {
        let y = (
            x -> Conv2d(64, 1) -> relu,
            x -> Conv2d(96, 1) -> relu -> Conv2d(128, 3, padding = same) -> relu,
            x -> Conv2d(16, 1) -> relu -> Conv2d(32, 5, padding = same) -> relu,
            x -> MaxPool2d(3, stride = 1, padding = same) -> Conv2d(32, 1) -> relu,
        ) -> Concat;
        loss y: MeanSquaredError;
    }

    /// Dense layers to a few numbers, and back.
    pub network Autoencoder(x: [784]) -> (y: [784]) {
        let code = x -> Dense(512) -> relu -> Dense(128) -> relu -> Dense(32);
        let y = code -> Dense(128) -> relu -> Dense(512) -> relu -> Dense(784) -> sigmoid;
        loss y: MeanSquaredError;
    }

    /// What large pictures go through first.
    pub network Stem(image: [224, 224, 3]) -> (y: [56, 56, 64]) {
        let y = image -> Conv2d(64, 7, stride = 2, padding = same) -> relu -> MaxPool2d(3, stride = 2, padding = same);
        loss y: MeanSquaredError;
    }
}

/// Times them.
pub fn run(wanted: &Wanted) -> Result<(), Error> {
    let effort = Effort { repetitions: 100, warm_ups: 10 };
    let batches = &[1, 32];
    time::<LeNet>(wanted, "lenet", batches, effort, |n| LeNetSamples { image: numbers(n), class: classes(n) })?;
    time::<Residual>(wanted, "residual", batches, effort, |n| ResidualSamples {
        image: numbers(n),
        class: classes(n),
    })?;
    time::<Autoencoder>(wanted, "autoencoder", batches, effort, |n| AutoencoderSamples {
        x: numbers(n),
        y: numbers(n),
    })?;
    let effort = Effort { repetitions: 15, warm_ups: 3 };
    time::<Inception>(wanted, "inception", batches, effort, |n| InceptionSamples { x: numbers(n), y: numbers(n) })?;
    time::<Stem>(wanted, "stem", &[1, 8], effort, |n| StemSamples { image: numbers(n), y: numbers(n) })
}
