//! How much one distribution tells of another.

use super::rows;
use super::rowwise::{Rowwise, rowwise_loss};
use crate::tensor::param::Write;

/// The mean over the positions of a sample of `Σ t·log(t / p)`, the sum over the last axis (Kullback and Leibler, "On Information
/// and Sufficiency", 1951).
///
/// Targets have the output's shape and are distributions. As Keras's `KLDivergence`: both are clipped to [1e-7, 1] first, and an
/// output outside has no gradient.
///
/// In `network!`: `KlDivergence`, behind `softmax`. By hand:
///
/// ```
/// use net_runtime::losses::{KlDivergence, Loss};
///
/// let loss = KlDivergence;
/// assert!((loss.value(&[0.5, 0.5], &[1.0, 0.0], &[2]) - std::f32::consts::LN_2).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "KLDivergence")]
#[doc(alias = "KLDivLoss")]
pub struct KlDivergence;

impl Rowwise for KlDivergence {
    fn at(&self, output: &[f32], target: &[f32]) -> f64 {
        let pairs = output.iter().zip(target).map(|(&p, &t)| (f64::from(clip(p)), f64::from(clip(t))));
        pairs.map(|(p, t)| t * (t / p).ln()).sum()
    }

    fn slopes(&self, output: &[f32], target: &[f32], scale: f32, gradient: &mut [f32], write: Write) {
        for ((g, &p), &t) in gradient.iter_mut().zip(output).zip(target) {
            let clipped = clip(p);
            // A NaN is not equal to itself, and stays one.
            let slope = if clipped == p || p.is_nan() { -clip(t) / clipped } else { 0.0 };
            rows::put(write, g, scale * slope);
        }
    }
}

rowwise_loss!(KlDivergence);

fn clip(probability: f32) -> f32 {
    probability.clamp(rows::EPSILON, 1.0)
}
