//! Cross-entropy of independent yes-or-no answers.

use super::elementwise::{Elementwise, elementwise_loss};
use super::{Input, rows};

/// The mean of `-t·log(p) - (1 - t)·log(1 - p)` over all elements of a sample.
///
/// Targets have the output's shape and are 0 or 1, or a probability between. As Keras's `BinaryCrossentropy`: with
/// [`Input::Logits`] it is computed as `max(x, 0) - x·t + log(1 + exp(-|x|))`, with [`Input::Probabilities`] `p` is
/// clipped to [1e-7, 1 - 1e-7] first.
///
/// In `network!`: `BinaryCrossentropy(label_smoothing = 0.0)`, behind `sigmoid`, whose logits it is given. By hand:
///
/// ```
/// use net_runtime::losses::{BinaryCrossentropy, Loss};
///
/// let loss = BinaryCrossentropy::default();
/// assert!((loss.value(&[0.5, 0.5], &[1.0, 0.0], &[2]) - std::f32::consts::LN_2).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[doc(alias = "BCELoss")]
#[doc(alias = "BCEWithLogitsLoss")]
#[doc(alias = "binary_cross_entropy")]
pub struct BinaryCrossentropy {
    /// How far targets are moved towards one half: `t·(1 - s) + s / 2`. Between 0 and 1.
    pub label_smoothing: f32,
    /// What the loss is given.
    pub input: Input,
}

impl Elementwise for BinaryCrossentropy {
    fn at(&self, y: f32, t: f32) -> f64 {
        let t = f64::from(smooth(t, self.label_smoothing));
        match self.input {
            Input::Logits => of_logit(f64::from(y), t),
            Input::Probabilities => {
                let p = f64::from(rows::clip(y));
                -(t * p.ln() + (1.0 - t) * (1.0 - p).ln())
            }
        }
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        let t = smooth(t, self.label_smoothing);
        match self.input {
            Input::Logits => (sigmoid(f64::from(y)) - f64::from(t)) as f32,
            Input::Probabilities => {
                let p = rows::clip(y);
                rows::clip_slope(y) * ((1.0 - t) / (1.0 - p) - t / p)
            }
        }
    }
}

elementwise_loss!(BinaryCrossentropy);

/// `max(x, 0) - x·t + log(1 + exp(-|x|))`.
pub(super) fn of_logit(x: f64, t: f64) -> f64 {
    // Not `f64::max`, which would drop a NaN.
    let positive = if x < 0.0 { 0.0 } else { x };
    positive - x * t + (-x.abs()).exp().ln_1p()
}

/// In `f64`, exp(-x) overflows for no `f32` that matters: infinity gives 0, the limit.
pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A target that is moved towards one half.
pub(super) fn smooth(target: f32, smoothing: f32) -> f32 {
    target * (1.0 - smoothing) + 0.5 * smoothing
}
