//! Losses and metrics, ours and one's own, and a step of training.

#![deny(warnings)]

use net_runtime::Write;
use net_runtime::losses::Loss;
use net_runtime::metrics::{Mean, Metric};
use net_runtime::prelude::*;

struct Absolute(f32);

impl Loss for Absolute {
    type Target = f32;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        output.iter().zip(target).map(|(y, t)| self.0 * (y - t).abs()).sum()
    }

    fn gradient(&self, y: &[f32], t: &[f32], _dims: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        for (gradient, (y, t)) in gradient.iter_mut().zip(y.iter().zip(t)) {
            let slope = scale * self.0 * (y - t).signum();
            match write {
                Write::Set => *gradient = slope,
                Write::Add => *gradient += slope,
            }
        }
    }
}

struct Hits;

impl Metric for Hits {
    type Target = u32;
    type State = Mean;
    const NAME: &'static str = "hits";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[u32], _dims: &[usize]) {
        state.add(f64::from(output[target[0] as usize]));
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

network! {
    /// Three heads.
    #[non_exhaustive]
    pub network Detector(image: [8, 8, 1]) -> (class: [3], found: [1], place: [4]) {
        let features = image -> Conv2d(4, 3) -> relu -> Flatten;
        let class = features -> Dense(3) -> softmax;
        let found = features -> Dense(1) -> sigmoid;
        let place = features -> Dense(4);

        loss class: SparseCategoricalCrossentropy;
        loss found: 0.5 * BinaryCrossentropy(label_smoothing = 0.1);
        loss place: 2 * MeanSquaredError + Huber(0.5) + self::Absolute(0.1);
        metric class: Accuracy, TopK(k = 2), self::Hits;
        metric place: MeanAbsoluteError, MeanSquaredError;
    }
}

pub fn main() -> Result<(), Error> {
    let samples = DetectorSamples {
        image: Batch::zeros(4),
        class: Batch::zeros(4),
        found: Batch::zeros(4),
        place: Batch::zeros(4),
    };
    let mut trainer = Trainer::new(Detector::new(42), Adam::new(1e-3));
    let history = trainer.fit(&samples).epochs(2).silent().run()?;
    assert_eq!(history.epochs(), 2);
    assert!(history.get("class_hits").is_some(), "{:?}", history.names());
    Ok(())
}
