//! Cross-entropy of independent yes-or-no answers.

use super::{Input, Loss, rows};
use crate::kernels::reduce::sigmoid_crossentropy::{self, Targets};
use crate::tensor::param::Write;

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

impl BinaryCrossentropy {
    /// Targets of logits.
    fn targets<'a>(&self, values: &'a [f32]) -> Targets<'a> {
        Targets { values, smoothing: smoothing_of(self.label_smoothing) }
    }
}

impl Loss for BinaryCrossentropy {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        if self.input == Input::Logits {
            return (sigmoid_crossentropy::sum(output, self.targets(target)) / output.len() as f64) as f32;
        }
        rows::mean(output, target, |y, t| {
            let (p, t) = (f64::from(rows::clip(y)), f64::from(smooth(t, self.label_smoothing)));
            -(t * p.ln() + (1.0 - t) * (1.0 - p).ln())
        })
    }

    fn gradient(
        &self,
        output: &[f32],
        target: &[f32],
        _dims: &[usize],
        scale: f32,
        gradient: &mut [f32],
        write: Write,
    ) {
        if self.input == Input::Logits {
            let scale = scale / output.len() as f32;
            return sigmoid_crossentropy::gradient(output, self.targets(target), scale, gradient, write);
        }
        rows::mean_gradient(output, target, scale, gradient, write, |y, t| {
            let (p, t) = (rows::clip(y), smooth(t, self.label_smoothing));
            rows::clip_slope(y) * ((1.0 - t) / (1.0 - p) - t / p)
        });
    }
}

/// A target that is moved towards one half.
pub(super) fn smooth(target: f32, smoothing: f32) -> f32 {
    let [factor, more] = smoothing_of(smoothing);
    target * factor + more
}

/// What a target is multiplied by, and what is added, to move it towards one half.
fn smoothing_of(smoothing: f32) -> [f32; 2] {
    [1.0 - smoothing, 0.5 * smoothing]
}
