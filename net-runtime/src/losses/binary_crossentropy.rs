//! Cross-entropy of independent yes-or-no answers.

use super::{Input, Loss, rows};
use crate::tensor::param::Write;

/// The mean of `-t·log(p) - (1 - t)·log(1 - p)` over all elements of a sample.
///
/// Targets have the output's shape and are 0 or 1, or a probability between. As Keras's `BinaryCrossentropy`: with
/// [`Input::Logits`] it is computed as `max(x, 0) - x·t + log(1 + exp(-|x|))`, with [`Input::Probabilities`] `p` is
/// clipped to [1e-7, 1 - 1e-7] first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BinaryCrossentropy {
    /// How far targets are moved towards one half: `t·(1 - s) + s / 2`. Between 0 and 1.
    pub label_smoothing: f32,
    /// What the loss is given.
    pub input: Input,
}

impl BinaryCrossentropy {
    fn smooth(&self, target: f32) -> f32 {
        target * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
    }
}

impl Loss for BinaryCrossentropy {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        match self.input {
            Input::Logits => rows::mean(output, target, |x, t| {
                let (x, t) = (f64::from(x), f64::from(self.smooth(t)));
                // Not `f64::max`, which would drop a NaN.
                let positive = if x < 0.0 { 0.0 } else { x };
                positive - x * t + (-x.abs()).exp().ln_1p()
            }),
            Input::Probabilities => rows::mean(output, target, |p, t| {
                let (p, t) = (f64::from(rows::clip(p)), f64::from(self.smooth(t)));
                -(t * p.ln() + (1.0 - t) * (1.0 - p).ln())
            }),
        }
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
        match self.input {
            Input::Logits => rows::mean_gradient(output, target, scale, gradient, write, |x, t| {
                (sigmoid(f64::from(x)) - f64::from(self.smooth(t))) as f32
            }),
            Input::Probabilities => rows::mean_gradient(output, target, scale, gradient, write, |p, t| {
                let (clipped, t) = (rows::clip(p), self.smooth(t));
                rows::clip_slope(p) * ((1.0 - t) / (1.0 - clipped) - t / clipped)
            }),
        }
    }
}

/// In `f64`, exp(-x) overflows for no `f32` that matters: infinity gives 0, the limit.
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
