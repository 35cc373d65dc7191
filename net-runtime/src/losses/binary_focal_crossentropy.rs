//! Cross-entropy of yes-or-no answers, most of which are easy.

use super::binary_crossentropy::smooth;
use super::elementwise::{Elementwise, elementwise_loss};
use super::{Input, rows};
use crate::kernels::elementwise::flush::{DERIVATIVE, flush};

/// The mean over all elements of a sample of `(1 - q)^gamma` times their [binary cross-entropy](super::BinaryCrossentropy), where
/// `q = t·p + (1 - t)·(1 - p)` is the probability of the right answer: an answer that is sure and right hardly counts (Lin et al.,
/// "Focal Loss for Dense Object Detection", 2017). With `alpha`, answers are weighed by `t·alpha + (1 - t)·(1 - alpha)`, too.
///
/// Targets have the output's shape and are 0 or 1, or a probability between. As Keras's `BinaryFocalCrossentropy`, whose
/// `apply_class_balancing` is off where nothing is said: with [`Input::Logits`] the cross-entropy is computed from them, and
/// neither it nor the factor is rounded to nothing.
///
/// In `network!`: `BinaryFocalCrossentropy(gamma = 2.0, alpha = none, label_smoothing = 0.0)`, behind `sigmoid`, whose logits it is
/// given. By hand:
///
/// ```
/// use net_runtime::losses::{BinaryFocalCrossentropy, Loss};
///
/// let loss = BinaryFocalCrossentropy::default();
/// assert!((loss.value(&[0.5], &[1.0], &[1]) - 0.25 * std::f32::consts::LN_2).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "FocalLoss")]
#[doc(alias = "sigmoid_focal_loss")]
pub struct BinaryFocalCrossentropy {
    /// How much less an answer counts that is right; 0 makes it an ordinary cross-entropy. At least 0.
    pub gamma: f32,
    /// The weight of a target of 1; that of 0 is `1 - alpha`. Between 0 and 1, Keras's is 0.25.
    pub alpha: Option<f32>,
    /// How far targets are moved towards one half: `t·(1 - s) + s / 2`. Between 0 and 1.
    pub label_smoothing: f32,
    /// What the loss is given.
    pub input: Input,
}

impl Default for BinaryFocalCrossentropy {
    fn default() -> Self {
        Self { gamma: 2.0, alpha: None, label_smoothing: 0.0, input: Input::Probabilities }
    }
}

impl BinaryFocalCrossentropy {
    /// The loss of an answer, and its derivative by the output.
    #[inline(always)]
    fn both(&self, y: f32, t: f32) -> (f64, f64) {
        let (gamma, t) = (f64::from(self.gamma), f64::from(smooth(t, self.label_smoothing)));
        // The probabilities of yes and no, the first's derivative, the cross-entropy and its derivative.
        let (yes, no, yes_slope, entropy, entropy_slope) = match self.input {
            Input::Logits => {
                let x = f64::from(y);
                // Not one minus the other, of which large logits would leave nothing.
                let (yes, no) = (sigmoid(x), sigmoid(-x));
                (yes, no, yes * no, of_logit(x, t), t * (yes - 1.0) + (1.0 - t) * yes)
            }
            Input::Probabilities => {
                let (p, clipped) = (f64::from(y), f64::from(rows::clip(y)));
                let slope = f64::from(rows::clip_slope(y)) * ((1.0 - t) / (1.0 - clipped) - t / clipped);
                (p, 1.0 - p, 1.0, -(t * clipped.ln() + (1.0 - t) * (1.0 - clipped).ln()), slope)
            }
        };
        let wrong = t * no + (1.0 - t) * yes;
        let factor = wrong.powf(gamma);
        // With an answer that is right for sure it vanishes, for a small gamma, too: the limit.
        let factor_slope = if gamma == 0.0 || wrong == 0.0 {
            0.0
        } else {
            gamma * wrong.powf(gamma - 1.0) * (1.0 - 2.0 * t) * yes_slope
        };
        let weight = self.alpha.map_or(1.0, |alpha| t * f64::from(alpha) + (1.0 - t) * (1.0 - f64::from(alpha)));
        (weight * factor * entropy, weight * (factor * entropy_slope + factor_slope * entropy))
    }
}

impl Elementwise for BinaryFocalCrossentropy {
    fn at(&self, y: f32, t: f32) -> f64 {
        self.both(y, t).0
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        flush(self.both(y, t).1 as f32, DERIVATIVE)
    }
}

elementwise_loss!(BinaryFocalCrossentropy);

/// `max(x, 0) - x·t + log(1 + exp(-|x|))`.
fn of_logit(x: f64, t: f64) -> f64 {
    // Not `f64::max`, which would drop a NaN.
    let positive = if x < 0.0 { 0.0 } else { x };
    positive - x * t + (-x.abs()).exp().ln_1p()
}

/// In `f64`, exp(-x) overflows for no `f32` that matters: infinity gives 0, the limit.
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
