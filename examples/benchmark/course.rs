//! The course's networks.

use net_runtime::prelude::*;

use crate::subject::{Subject, classes, numbers, subject};

network! {
    /// Three dense layers.
    pub network Mlp(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Finds one object in an RGB image: what it is, and where it is.
    pub network Detector(image: [64, 64, 3]) -> (class: [10], location: [4]) {
        let features = image
            -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
            -> Flatten;
        let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
        let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;
        loss class: CategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
    }

    /// The features of the detector.
    network Trunk(image: [64, 64, 3]) -> (features: [50176]) {
        let features = image
            -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
            -> Flatten;
    }

    /// The detector with heads for another task, which alone are trained.
    pub network FineTuning(image: [64, 64, 3]) -> (class: [10], location: [4]) {
        let features = image -> Trunk(frozen = true);
        let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
        let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;
        loss class: CategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
    }

    /// Distance of every pixel, from two cameras.
    pub network Stereo(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
        layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;
        let distance = (left -> eye, right -> eye)
            -> Concat(axis = width)
            -> Conv2d(128, 3, stride = (1, 2), padding = same) -> relu
            -> Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(1, 1) -> relu;
        loss distance: MeanSquaredError;
    }
}

/// All of them.
pub const NETWORKS: &[&dyn Subject] = &[
    subject!(Mlp, "mlp", &[1, 32, 256], MlpSamples { x: numbers, class: classes }),
    subject!(Detector, "detector", &[1, 32], DetectorSamples { image: numbers, class: classes, location: numbers }),
    subject!(FineTuning, "fine_tuning", &[32], FineTuningSamples { image: numbers, class: classes, location: numbers }),
    subject!(Stereo, "stereo", &[1, 4], StereoSamples { left: numbers, right: numbers, distance: numbers }),
];
