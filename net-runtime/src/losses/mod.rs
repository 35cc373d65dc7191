//! What training makes small.
//!
//! In [`network!`](crate::network), an output gets one, or several with factors:
//! `loss class: CategoricalCrossentropy + 0.1 * KlDivergence;`. What a target is becomes a field of the network's samples, with the
//! name of the output: numbers of the output's shape, class numbers (`u32`) of that shape without its last axis, or nothing. The
//! pages have formulas, targets, arguments with their defaults, and the papers.
//!
//! | for | losses | targets |
//! | --- | --- | --- |
//! | one class of several, behind `softmax` | [`CategoricalCrossentropy`], [`CategoricalFocalCrossentropy`], [`KlDivergence`] | one-hot, or a distribution |
//! | the same | [`SparseCategoricalCrossentropy`], [`GeneralizedCrossentropy`] | class numbers |
//! | yes or no, behind `sigmoid` | [`BinaryCrossentropy`], [`BinaryFocalCrossentropy`] | 0 or 1 |
//! | areas | [`Dice`], [`Tversky`] | 0 or 1 |
//! | labels somewhere in the steps, behind `softmax` | [`Ctc`] | label numbers |
//! | margins | [`Hinge`], [`SquaredHinge`], [`CategoricalHinge`] | -1 or 1; one-hot |
//! | numbers | [`MeanSquaredError`], [`MeanAbsoluteError`], [`Huber`], [`LogCosh`], [`MeanAbsolutePercentageError`], [`MeanSquaredLogarithmicError`], [`Poisson`], [`CosineSimilarity`] | numbers |
//! | distances of twins | [`Contrastive`] | 1 where both belong together, else 0 |
//! | distances of triplets, and what is itself to be small | [`Triplet`], [`Minimize`] | none |
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     /// What is in a picture, where, how much of it, and is it day?
//!     network Scene(image: [16, 16, 3]) -> (class: [10], place: [4], mask: [16, 16, 1], day: [1]) {
//!         let seen = image -> Conv2d(8, 3, padding = same) -> relu;
//!         let all = seen -> GlobalAvgPool2d;
//!         let class = all -> Dense(10) -> softmax;
//!         let place = all -> Dense(4);
//!         let mask = seen -> Conv2d(1, 1) -> sigmoid;
//!         let day = all -> Dense(1) -> sigmoid;
//!
//!         loss class: SparseCategoricalCrossentropy;
//!         loss place: 0.5 * Huber(0.1);
//!         loss mask: Dice + BinaryCrossentropy;
//!         loss day: BinaryFocalCrossentropy(gamma = 1.5);
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let samples = SceneSamples {
//!     image: Batch::zeros(2),
//!     class: Batch::from_vec(vec![3, 7])?, // numbers of classes
//!     place: Batch::zeros(2),
//!     mask: Batch::zeros(2),
//!     day: Batch::from_vec(vec![1.0, 0.0])?,
//! };
//! let values = Trainer::new(Scene::new(1), Adam::default()).evaluate(&samples)?;
//! assert_eq!(values.names(), ["loss", "class_loss", "place_loss", "mask_loss", "day_loss"]);
//! assert!((values.get("class_loss").unwrap() - 10.0_f64.ln()).abs() < 0.1); // a guess of ten classes
//! # Ok(())
//! # }
//! ```
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
//! use net_runtime::prelude::*;
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
//! network! {
//!     network Mask(image: [4, 4, 1]) -> (mask: [4, 4, 1]) {
//!         let mask = image -> Conv2d(1, 3, padding = same) -> sigmoid;
//!         loss mask: self::Dice + 0.5 * BinaryCrossentropy; // one of your own is a path
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let samples = MaskSamples { image: Batch::zeros(2), mask: Batch::zeros(2) };
//! let loss = Trainer::new(Mask::new(1), Adam::default()).step(&samples)?;
//! assert!(loss > 0.9);
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
//! # Ok(())
//! # }
//! ```
//!
//! Its targets have the output's shape and are `f32`; class numbers are for the cross-entropy that is built in.

mod binary_crossentropy;
mod binary_focal_crossentropy;
mod categorical_crossentropy;
mod categorical_focal_crossentropy;
mod categorical_hinge;
mod contrastive;
mod cosine_similarity;
mod ctc;
mod elementwise;
mod generalized_crossentropy;
mod hinge;
mod huber;
mod kl_divergence;
mod log_cosh;
mod mean_absolute_error;
mod mean_absolute_percentage_error;
mod mean_squared_error;
mod mean_squared_logarithmic_error;
mod minimize;
mod poisson;
mod rows;
mod rowwise;
mod sparse_categorical_crossentropy;
#[cfg(test)]
mod tests;
mod triplet;
mod tversky;

pub use binary_crossentropy::BinaryCrossentropy;
pub use binary_focal_crossentropy::BinaryFocalCrossentropy;
pub use categorical_crossentropy::CategoricalCrossentropy;
pub use categorical_focal_crossentropy::CategoricalFocalCrossentropy;
pub use categorical_hinge::CategoricalHinge;
pub use contrastive::Contrastive;
pub use cosine_similarity::CosineSimilarity;
pub use ctc::Ctc;
pub use generalized_crossentropy::GeneralizedCrossentropy;
pub use hinge::{Hinge, SquaredHinge};
pub use huber::Huber;
pub use kl_divergence::KlDivergence;
pub use log_cosh::LogCosh;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_absolute_percentage_error::MeanAbsolutePercentageError;
pub use mean_squared_error::MeanSquaredError;
pub use mean_squared_logarithmic_error::MeanSquaredLogarithmicError;
pub use minimize::Minimize;
pub use poisson::Poisson;
pub use sparse_categorical_crossentropy::SparseCategoricalCrossentropy;
pub use triplet::Triplet;
pub use tversky::{Dice, Over, Tversky};

use std::ops::Range;

use crate::error::Error;
use crate::parallel;
use crate::tensor::element::Element;
use crate::tensor::param::Write;

/// A loss of one output (a head) of a network. The [module](self#a-loss-of-ones-own) has a full example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss: it does not implement `net_runtime::losses::Loss`",
    label = "no loss"
)]
pub trait Loss: Sync {
    /// What a target is made of: `f32` for targets of the output's shape, `u32` for class numbers, whose shape is the
    /// output's without its last axis. A loss that compares with nothing is given an empty target.
    type Target: Element;

    /// Whether the loss of a sample is the mean over its positions of something that each position decides alone. Then samples
    /// without weights are handed over together, as one with more positions, which saves a call for each.
    const ALIKE_EVERYWHERE: bool = false;

    /// How many times as long as the loss of a plain error an element takes, roughly: what decides whether samples are divided
    /// among threads.
    const WORK: usize = 1;

    /// Whether a batch is one large sample, and handed over as such: its loss is then multiplied by the mean of its samples'
    /// weights. A network with such a loss is trained on a batch as a whole, and not in shares.
    fn takes_batch_as_one(&self) -> bool {
        false
    }

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

    /// What share of a sample's target counts, from 0 to 1: the loss of a batch is the sum of its samples' losses, divided by the
    /// sum of their shares. Only a loss that leaves out parts of targets has others than 1.
    fn counted(&self, _target: &[Self::Target]) -> f64 {
        1.0
    }

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

/// The loss of a batch of `n` samples: `Σ weight · loss / n`, where a sample without a weight weighs 1; added up in `f64`. Of a
/// loss that leaves out parts of targets, `n` is the sum of the [shares that count](Loss::counted). `head` is the output's name and
/// `dims` its shape.
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
    if loss.takes_batch_as_one() {
        return Ok((f64::from(loss.value(output, targets, dims)) * mean_weight(weights)) as f32);
    }
    if L::ALIKE_EVERYWHERE && weights.is_none() {
        let value = loss.value(output, targets, dims);
        return Ok(quotient(f64::from(value), loss.counted(targets)) as f32);
    }
    let of_sample = |sample: usize| {
        let value = loss.value(part(output, n, sample), part(targets, n, sample), dims);
        f64::from(value) * f64::from(weight(weights, sample))
    };
    let threads = parallel::elements_pay(output.len() * L::WORK);
    let of_samples = |samples: Range<usize>| samples.map(of_sample).sum::<f64>();
    let sum = parallel::reduce(threads, 0..n, SAMPLES, &of_samples, &|before, after| before + after);
    Ok(quotient(sum, counted(loss, n, targets)) as f32)
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
        let factor = quotient(f64::from(factor), loss.counted(targets)) as f32;
        return loss.gradient(output, targets, dims, factor, gradient, write);
    }
    if loss.takes_batch_as_one() {
        let factor = (f64::from(factor) * mean_weight(weights)) as f32;
        return loss.gradient(output, targets, dims, factor, gradient, write);
    }
    let len = gradient.len() / n.max(1);
    let counted = counted(loss, n, targets);
    let threads = parallel::elements_pay(output.len() * L::WORK);
    parallel::for_each_group(threads, 1, 0..n, [(gradient, len)], &|sample, [gradient]| {
        let scale = quotient(f64::from(factor) * f64::from(weight(weights, sample)), counted) as f32;
        loss.gradient(part(output, n, sample), part(targets, n, sample), dims, scale, gradient, write);
    });
}

/// Samples whose losses one task adds up.
const SAMPLES: usize = 4;

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

/// How many of `n` samples count.
fn counted<L: Loss>(loss: &L, n: usize, targets: &[L::Target]) -> f64 {
    (0..n).map(|sample| loss.counted(part(targets, n, sample))).sum()
}

/// 0 where nothing counts, as in Keras.
fn quotient(sum: f64, counted: f64) -> f64 {
    if counted == 0.0 { 0.0 } else { sum / counted }
}

/// One of `n` equal parts.
fn part<T>(all: &[T], n: usize, index: usize) -> &[T] {
    let len = all.len() / n;
    &all[index * len..][..len]
}

/// The mean over the samples of a batch.
fn mean_weight(weights: Option<&[f32]>) -> f64 {
    weights.map_or(1.0, |weights| weights.iter().map(|&weight| f64::from(weight)).sum::<f64>() / weights.len() as f64)
}

fn weight(weights: Option<&[f32]>, sample: usize) -> f32 {
    weights.map_or(1.0, |weights| weights[sample])
}
