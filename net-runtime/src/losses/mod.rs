//! What training makes small.
//!
//! A loss sees one sample at a time: its value is the mean over the sample's positions, where a position is one row of
//! the output's last axis (one pixel, one step). [`value`] and [`gradient`] take the mean over the samples of a batch,
//! each multiplied by its weight: `Σ w·l / n`, as Keras's `sum_over_batch_size`.
//!
//! # A loss of one's own
//!
//! The Dice loss of image segmentation (Milletari et al. 2016, V-Net), `1 - 2 Σ p·t / (Σ p + Σ t)`:
//!
//! ```
//! use net_runtime::Write;
//! use net_runtime::losses::Loss;
//!
//! /// One minus twice the overlap over the sum of both areas.
//! #[derive(Clone, Copy)]
//! pub struct Dice;
//!
//! /// Keeps the quotient finite where both masks are empty.
//! const SMOOTH: f64 = 1e-6;
//!
//! /// Twice the overlap, and the sum of the areas.
//! fn overlap(output: &[f32], target: &[f32]) -> (f64, f64) {
//!     output.iter().zip(target).fold((SMOOTH, SMOOTH), |(overlap, areas), (&p, &t)| {
//!         (overlap + 2.0 * f64::from(p * t), areas + f64::from(p + t))
//!     })
//! }
//!
//! impl Loss for Dice {
//!     type Target = f32;
//!
//!     fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
//!         let (overlap, areas) = overlap(output, target);
//!         (1.0 - overlap / areas) as f32
//!     }
//!
//!     fn gradient(
//!         &self,
//!         output: &[f32],
//!         target: &[f32],
//!         _dims: &[usize],
//!         scale: f32,
//!         gradient: &mut [f32],
//!         write: Write,
//!     ) {
//!         let (overlap, areas) = overlap(output, target);
//!         for (g, &t) in gradient.iter_mut().zip(target) {
//!             let slope = (overlap / areas - 2.0 * f64::from(t)) / areas;
//!             let part = scale * slope as f32;
//!             match write {
//!                 Write::Set => *g = part,
//!                 Write::Add => *g += part,
//!             }
//!         }
//!     }
//! }
//!
//! let (output, target) = ([0.8, 0.3, 0.1, 0.6], [1.0, 0.0, 0.0, 1.0]);
//! let dims = [2, 2, 1];
//! let loss = Dice.value(&output, &target, &dims);
//! assert!((loss - (1.0 - 2.0 * 1.4 / 3.8)).abs() < 1e-6);
//!
//! // Gradients are easily got wrong: compare with a finite difference.
//! let mut gradient = [f32::NAN; 4];
//! Dice.gradient(&output, &target, &dims, 1.0, &mut gradient, Write::Set);
//! let mut moved = output;
//! moved[1] += 1e-2;
//! let difference = (Dice.value(&moved, &target, &dims) - loss) / 1e-2;
//! assert!((gradient[1] - difference).abs() < 1e-3);
//! ```
//!
//! In a network it is written as a path: `loss mask: self::Dice + 0.5 * BinaryCrossentropy;`.
//! Its targets have the output's shape and are `f32`; class numbers are for the cross-entropy that is built in.

mod binary_crossentropy;
mod categorical_crossentropy;
mod elementwise;
mod huber;
mod mean_absolute_error;
mod mean_squared_error;
mod rows;
mod sparse_categorical_crossentropy;
#[cfg(test)]
mod tests;

pub use binary_crossentropy::BinaryCrossentropy;
pub use categorical_crossentropy::CategoricalCrossentropy;
pub use huber::Huber;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub use sparse_categorical_crossentropy::SparseCategoricalCrossentropy;

use crate::error::Error;
use crate::tensor::element::Element;
use crate::tensor::param::Write;

/// A loss of one output (a head) of a network. The [module](self) has a full example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss: it does not implement `net_runtime::losses::Loss`",
    label = "no loss"
)]
pub trait Loss {
    /// What a target is made of: `f32` for targets of the output's shape, `u32` for class numbers, whose shape is the
    /// output's without its last axis.
    type Target: Element;

    /// Whether the loss of a sample is the mean over its positions of something that each position decides alone. Then samples
    /// without weights are handed over together, as one with more positions, which saves a call for each.
    const ALIKE_EVERYWHERE: bool = false;

    /// The loss of one sample: the mean over its positions.
    ///
    /// `output` is the head's values in row-major order, `dims` its shape without the batch axis, `target` the sample's
    /// target. A NaN in the output comes out as a NaN.
    fn value(&self, output: &[f32], target: &[Self::Target], dims: &[usize]) -> f32;

    /// The derivative of [`value`](Self::value) by each element of `output`, times `scale`: replaces what `gradient`
    /// holds (it may hold anything then, a NaN included) or is added to it, as `write` says.
    fn gradient(
        &self,
        output: &[f32],
        target: &[Self::Target],
        dims: &[usize],
        scale: f32,
        gradient: &mut [f32],
        write: Write,
    );

    /// Looks whether one sample's target can be a target at all. It is called before [`value`](Self::value).
    ///
    /// # Errors
    ///
    /// The first class number that is not below the number of classes.
    fn check(&self, _target: &[Self::Target], _dims: &[usize]) -> Result<(), u32> {
        Ok(())
    }
}

/// What a cross-entropy is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// The head's own values, that should be probabilities: they are clipped to [1e-7, 1 - 1e-7], as in Keras, and a
    /// value outside has no gradient.
    #[default]
    Probabilities,
    /// What was before the head's softmax or sigmoid: the loss of both together, without their rounding.
    Logits,
}

/// The loss of a batch of `n` samples: `Σ weight · loss / n`, where a sample without a weight weighs 1; added up in
/// `f64`. `head` is the output's name and `dims` its shape.
///
/// # Errors
///
/// [`Error::Class`] if a target is no class of this head, [`Error::Invalid`] if there are no samples.
pub fn value<L: Loss>(
    loss: &L,
    head: &'static str,
    dims: &'static [usize],
    n: usize,
    output: &[f32],
    targets: &[L::Target],
    weights: Option<&[f32]>,
) -> Result<f32, Error> {
    if n == 0 {
        return Err(Error::Invalid(format!("the loss of `{head}` needs at least one sample")));
    }
    check(loss, head, dims, n, targets)?;
    if L::ALIKE_EVERYWHERE && weights.is_none() {
        return Ok(loss.value(output, targets, dims));
    }
    let sum: f64 = (0..n)
        .map(|sample| {
            let value = loss.value(part(output, n, sample), part(targets, n, sample), dims);
            f64::from(value) * f64::from(weight(weights, sample))
        })
        .sum();
    Ok((sum / n as f64) as f32)
}

/// The derivative of `factor` times the loss of a batch ([`value`]) by each element of the output.
///
/// Targets are not checked here, see [`check`]: a class number that is too large gives NaNs.
#[expect(
    clippy::too_many_arguments,
    reason = "generated code calls it: a struct would only name the same things twice"
)]
pub fn gradient<L: Loss>(
    loss: &L,
    dims: &'static [usize],
    n: usize,
    factor: f32,
    output: &[f32],
    targets: &[L::Target],
    weights: Option<&[f32]>,
    gradient: &mut [f32],
    write: Write,
) {
    if L::ALIKE_EVERYWHERE && weights.is_none() {
        return loss.gradient(output, targets, dims, factor, gradient, write);
    }
    let len = gradient.len() / n.max(1);
    for sample in 0..n {
        let scale = (f64::from(factor) * f64::from(weight(weights, sample)) / n as f64) as f32;
        let gradient = &mut gradient[sample * len..][..len];
        loss.gradient(part(output, n, sample), part(targets, n, sample), dims, scale, gradient, write);
    }
}

/// Looks whether the targets of `n` samples can be targets of this loss.
///
/// # Errors
///
/// [`Error::Class`] if a target is no class of this head.
pub fn check<L: Loss>(
    loss: &L,
    head: &'static str,
    dims: &'static [usize],
    n: usize,
    targets: &[L::Target],
) -> Result<(), Error> {
    for sample in 0..n {
        loss.check(part(targets, n, sample), dims).map_err(|class| Error::Class {
            head,
            sample,
            class,
            classes: rows::length(dims),
        })?;
    }
    Ok(())
}

/// One of `n` equal parts.
fn part<T>(all: &[T], n: usize, index: usize) -> &[T] {
    let len = all.len() / n;
    &all[index * len..][..len]
}

fn weight(weights: Option<&[f32]>, sample: usize) -> f32 {
    weights.map_or(1.0, |weights| weights[sample])
}
