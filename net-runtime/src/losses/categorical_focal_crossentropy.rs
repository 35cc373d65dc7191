//! Cross-entropy of one class out of several, where most answers are easy.

use super::rows;
use super::rowwise::{Rowwise, rowwise_loss};
use crate::tensor::param::Write;

/// The mean over the positions of a sample of `-Σ alpha·(1 - p)^gamma·t·log(p)`, the sum over the classes of the last axis: a class
/// that is sure and right hardly counts (Lin et al., "Focal Loss for Dense Object Detection", 2017).
///
/// Targets have the output's shape and are one-hot, or a distribution. As Keras's `CategoricalFocalCrossentropy`, which takes no
/// logits: each position is divided by its sum, then clipped to [1e-7, 1 - 1e-7], and a share outside has no gradient.
///
/// In `network!`: `CategoricalFocalCrossentropy(gamma = 2.0, alpha = 0.25, label_smoothing = 0.0)`, behind `softmax`. By hand:
///
/// ```
/// use net_runtime::losses::{CategoricalFocalCrossentropy, Loss};
///
/// let loss = CategoricalFocalCrossentropy::default();
/// assert!((loss.value(&[0.5, 0.25, 0.25], &[1.0, 0.0, 0.0], &[3]) - 0.25 * 0.25 * std::f32::consts::LN_2).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "FocalLoss")]
pub struct CategoricalFocalCrossentropy {
    /// How much less a class counts that is right. At least 0.
    pub gamma: f32,
    /// A factor for all classes.
    pub alpha: f32,
    /// The share of a target that is spread evenly over all classes: `t·(1 - s) + s / classes`. Between 0 and 1.
    pub label_smoothing: f32,
}

impl Default for CategoricalFocalCrossentropy {
    fn default() -> Self {
        Self { gamma: 2.0, alpha: 0.25, label_smoothing: 0.0 }
    }
}

impl Rowwise for CategoricalFocalCrossentropy {
    fn at(&self, output: &[f32], target: &[f32]) -> f64 {
        let (total, gamma) = (rows::total(output), f64::from(self.gamma));
        let of = |(&p, &t): (&f32, &f32)| {
            let share = f64::from(rows::clip(p / total));
            let t = f64::from(rows::smooth(t, self.label_smoothing, output.len()));
            -t * share.ln() * (1.0 - share).powf(gamma)
        };
        f64::from(self.alpha) * output.iter().zip(target).map(of).sum::<f64>()
    }

    fn slopes(&self, output: &[f32], target: &[f32], scale: f32, gradient: &mut [f32], write: Write) {
        let gamma = f64::from(self.gamma);
        let slope = |share: f32, t: f32| {
            let inside = f64::from(rows::clip_slope(share));
            let t = f64::from(rows::smooth(t, self.label_smoothing, output.len()));
            let share = f64::from(rows::clip(share));
            let rest = 1.0 - share;
            (inside * t * rest.powf(gamma - 1.0) * (gamma * share.ln() - rest / share)) as f32
        };
        rows::gradient_of_shares(output, target, scale * self.alpha, gradient, write, slope);
    }
}

rowwise_loss!(CategoricalFocalCrossentropy);
