//! The course's networks.

use std::thread;
use std::time::{Duration, Instant};

use net_runtime::prelude::*;

use crate::timing::{Case, Effort, classes, numbers, report, time};
use crate::wanted::Wanted;

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

/// Times them.
pub fn run(wanted: &Wanted) -> Result<(), Error> {
    let effort = Effort { repetitions: 200, warm_ups: 20 };
    time::<Mlp>(wanted, "mlp", &[1, 32, 256], effort, |n| MlpSamples { x: numbers(n), class: classes(n) })?;
    let effort = Effort { repetitions: 9, warm_ups: 3 };
    time::<Detector>(wanted, "detector", &[1, 32], effort, |n| DetectorSamples {
        image: numbers(n),
        class: classes(n),
        location: numbers(n),
    })?;
    time::<FineTuning>(wanted, "fine_tuning", &[32], effort, |n| FineTuningSamples {
        image: numbers(n),
        class: classes(n),
        location: numbers(n),
    })?;
    let effort = Effort { repetitions: 5, warm_ups: 2 };
    time::<Stereo>(wanted, "stereo", &[1, 4], effort, |n| StereoSamples {
        left: numbers(n),
        right: numbers(n),
        distance: numbers(n),
    })?;
    time_paced(wanted, &[1, 32, 256])
}

/// Times predictions of which one begins each millisecond, on the thread that asks for them.
fn time_paced(wanted: &Wanted, batches: &[usize]) -> Result<(), Error> {
    for &batch in batches {
        let case = Case { network: "mlp", mode: "paced", batch };
        if !wanted.take(case) {
            continue;
        }
        let (net, x) = (Mlp::new(1), numbers(batch));
        let mut workspace = MlpWorkspace::new(batch);
        let mut next = Instant::now();
        let pause = || {
            next += Duration::from_millis(1);
            thread::sleep(next.saturating_duration_since(Instant::now()));
        };
        report(case, Effort { repetitions: 1000, warm_ups: 20 }, pause, || {
            net.forward(x.view(), Mode::Inference, &mut workspace).map(drop)
        })?;
    }
    Ok(())
}
