//! Cross-entropy of one class out of several, targets one-hot.

use super::{Input, Loss, rows};
use crate::kernels::reduce::softmax::{self, Targets};
use crate::tensor::param::Write;

/// The mean over the positions of a sample of `-Σ t·log(p)`, the sum over the classes of the last axis.
///
/// Targets have the output's shape and are one-hot, or a distribution. As Keras's `CategoricalCrossentropy`: with
/// [`Input::Logits`] it is computed as `Σ t·(log Σ exp(x) - x)`; with [`Input::Probabilities`] each position is divided by
/// its sum, then clipped to [1e-7, 1 - 1e-7].
///
/// With logits the gradient is `softmax(x) - t`, TensorFlow's: the true one where the target sums to 1, as it should.
///
/// A logit of minus infinity makes the value a NaN, as in Keras, also where its target is 0: the product of both is none. Who rules a
/// class out gives it a large negative logit such as -1e9, or targets as class numbers
/// ([`SparseCategoricalCrossentropy`](super::SparseCategoricalCrossentropy)).
///
/// In `network!`: `CategoricalCrossentropy(label_smoothing = 0.0)`, behind `softmax`, whose logits it is given. By hand:
///
/// ```
/// use net_runtime::losses::{CategoricalCrossentropy, Loss};
///
/// let loss = CategoricalCrossentropy::default();
/// assert!((loss.value(&[0.5, 0.25, 0.25], &[1.0, 0.0, 0.0], &[3]) - std::f32::consts::LN_2).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[doc(alias = "CrossEntropyLoss")]
#[doc(alias = "cross_entropy")]
pub struct CategoricalCrossentropy {
    /// The share of a target that is spread evenly over all classes: `t·(1 - s) + s / classes`. Between 0 and 1.
    pub label_smoothing: f32,
    /// What the loss is given.
    pub input: Input,
}

impl Loss for CategoricalCrossentropy {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[f32], dims: &[usize]) -> f32 {
        let classes = rows::length(dims);
        let smoothing = rows::smoothing_of(self.label_smoothing, classes);
        let sum = match self.input {
            Input::Logits => softmax::cross_entropy(classes, output, Targets::Shares(target, smoothing)),
            Input::Probabilities => {
                let rows = output.chunks_exact(classes).zip(target.chunks_exact(classes));
                rows.map(|(row, target)| {
                    let total = rows::total(row);
                    let of = |p: f32, t: f32| {
                        let t = rows::smooth(t, self.label_smoothing, classes);
                        -f64::from(t) * f64::from(rows::clip(p / total)).ln()
                    };
                    row.iter().zip(target).map(|(&p, &t)| of(p, t)).sum::<f64>()
                })
                .sum()
            }
        };
        (sum / (output.len() / classes) as f64) as f32
    }

    fn gradient(&self, output: &[f32], target: &[f32], dims: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        let classes = rows::length(dims);
        let scale = scale / (output.len() / classes) as f32;
        if self.input == Input::Logits {
            let targets = Targets::Shares(target, rows::smoothing_of(self.label_smoothing, classes));
            return softmax::cross_entropy_gradient(classes, output, targets, scale, gradient, write);
        }
        let rows = output.chunks_exact(classes).zip(target.chunks_exact(classes));
        for (gradient, (row, target)) in gradient.chunks_exact_mut(classes).zip(rows) {
            let slope = |share: f32, t: f32| {
                let t = rows::smooth(t, self.label_smoothing, classes);
                -rows::clip_slope(share) * t / rows::clip(share)
            };
            rows::gradient_of_shares(row, target, scale, gradient, write, slope);
        }
    }
}
