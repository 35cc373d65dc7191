//! Cross-entropy of one class out of several, targets class numbers.

use std::ops::Range;

use super::{Input, Loss, rows};
use crate::kernels::reduce::softmax::{self, Targets};
use crate::tensor::param::Write;

/// The mean over the positions of a sample of `-log(p[class])`.
///
/// Targets are class numbers from 0, of the output's shape without its last axis. As Keras's
/// `SparseCategoricalCrossentropy` on TensorFlow: with [`Input::Logits`] it is computed as `log Σ exp(x) - x[class]`;
/// with [`Input::Probabilities`] each is clipped to [1e-7, 1 - 1e-7], and its logarithm taken as the logit: so
/// probabilities that do not sum to 1 are divided by their sum after the clipping, not before it as in
/// [`CategoricalCrossentropy`](super::CategoricalCrossentropy).
///
/// A logit of minus infinity rules its class out: the value is finite for any other class, as in Keras.
///
/// A class number that is too large gives a NaN; [`check`](Loss::check) finds it before.
///
/// With `ignore`, positions whose target is that number have no loss and no gradient, and the loss of a batch is the mean over its
/// other positions, 0 if there are none: Keras's `ignore_class`.
///
/// In `network!`: `SparseCategoricalCrossentropy(ignore = none)`, behind `softmax`, whose logits it is given; a target is
/// `u32[..]`. By hand:
///
/// ```
/// use net_runtime::losses::{SparseCategoricalCrossentropy, Loss};
///
/// let loss = SparseCategoricalCrossentropy::default();
/// assert!((loss.value(&[0.5, 0.25, 0.25], &[0], &[3]) - std::f32::consts::LN_2).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "CrossEntropyLoss")]
#[doc(alias = "NLLLoss")]
pub struct SparseCategoricalCrossentropy {
    /// A target of which nothing is known; it may be above all classes.
    pub ignore: Option<u32>,
    /// What the loss is given.
    pub input: Input,
}

impl SparseCategoricalCrossentropy {
    /// The positions that count, as runs of neighbours.
    fn runs<'t>(&self, target: &'t [u32]) -> impl Iterator<Item = Range<usize>> + use<'t> {
        let ignore = self.ignore;
        let mut at = 0;
        std::iter::from_fn(move || {
            let counts = |class: &u32| Some(*class) != ignore;
            let begin = at + target[at..].iter().position(counts)?;
            let len = target[begin..].iter().position(|class| !counts(class));
            at = len.map_or(target.len(), |len| begin + len);
            Some(begin..at)
        })
    }
}

/// The sum of the clipped probabilities of a row.
fn clipped_total(row: &[f32]) -> f64 {
    row.iter().map(|&p| f64::from(rows::clip(p))).sum()
}

impl Loss for SparseCategoricalCrossentropy {
    type Target = u32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[u32], dims: &[usize]) -> f32 {
        let classes = rows::length(dims);
        let of_run = |run: Range<usize>| {
            let (output, target) = (&output[run.start * classes..run.end * classes], &target[run]);
            match self.input {
                Input::Logits => softmax::cross_entropy(classes, output, Targets::Classes(target)),
                Input::Probabilities => {
                    let rows = output.chunks_exact(classes).zip(target);
                    rows.map(|(row, &class)| {
                        let own = row.get(class as usize).copied().unwrap_or(f32::NAN);
                        clipped_total(row).ln() - f64::from(rows::clip(own)).ln()
                    })
                    .sum()
                }
            }
        };
        let sum: f64 = self.runs(target).map(of_run).sum();
        (sum / (output.len() / classes) as f64) as f32
    }

    fn gradient(&self, output: &[f32], target: &[u32], dims: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        let classes = rows::length(dims);
        let scale = scale / (output.len() / classes) as f32;
        if self.ignore.is_some() && write == Write::Set {
            gradient.fill(0.0);
        }
        for run in self.runs(target) {
            let elements = run.start * classes..run.end * classes;
            let (output, target, gradient) = (&output[elements.clone()], &target[run], &mut gradient[elements]);
            match self.input {
                Input::Logits => {
                    let targets = Targets::Classes(target);
                    softmax::cross_entropy_gradient(classes, output, targets, scale, gradient, write);
                }
                Input::Probabilities => of_probabilities(classes, output, target, scale, gradient, write),
            }
        }
    }

    fn counted(&self, target: &[u32]) -> f64 {
        match self.ignore {
            None => 1.0,
            Some(_) => self.runs(target).map(|run| run.len()).sum::<usize>() as f64 / target.len() as f64,
        }
    }

    fn check(&self, target: &[u32], dims: &[usize]) -> Result<(), u32> {
        self.runs(target).try_for_each(|run| rows::check_classes(&target[run], dims))
    }
}

/// The gradient by rows of probabilities.
fn of_probabilities(classes: usize, output: &[f32], target: &[u32], scale: f32, gradient: &mut [f32], write: Write) {
    let rows = output.chunks_exact(classes).zip(target);
    for (gradient, (row, &class)) in gradient.chunks_exact_mut(classes).zip(rows) {
        let class = class as usize;
        let scale = if class < classes { scale } else { f32::NAN };
        let share = (1.0 / clipped_total(row)) as f32;
        for (index, (g, &p)) in gradient.iter_mut().zip(row).enumerate() {
            let own = if index == class { 1.0 / rows::clip(p) } else { 0.0 };
            rows::put(write, g, scale * rows::clip_slope(p) * (share - own));
        }
    }
}
