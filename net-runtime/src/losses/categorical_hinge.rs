//! The margin between the right class and the best of the others.

use super::rows;
use super::rowwise::{Rowwise, rowwise_loss};
use crate::tensor::param::Write;

/// The mean over the positions of a sample of `max(max((1 - t)·y) - Σ t·y + 1, 0)`, maximum and sum over the last axis.
///
/// Targets have the output's shape and are one-hot. As Keras's `CategoricalHinge` on TensorFlow: the right class is among those
/// whose maximum is taken, with 0, and equal ones have equal parts of the gradient.
///
/// In `network!`: `CategoricalHinge`. By hand:
///
/// ```
/// use net_runtime::losses::{CategoricalHinge, Loss};
///
/// let loss = CategoricalHinge;
/// assert_eq!(loss.value(&[0.25, 0.75, 0.0], &[0.0, 1.0, 0.0], &[3]), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CategoricalHinge;

/// A row's largest `(1 - t)·y`, and the row's loss before it is made 0 where it is below.
fn margin(output: &[f32], target: &[f32]) -> (f32, f64) {
    let mut best = f32::NEG_INFINITY;
    let mut own = 0.0;
    for (&y, &t) in output.iter().zip(target) {
        let other = (1.0 - t) * y;
        // A NaN wins, and stays.
        if other > best || other.is_nan() {
            best = other;
        }
        own += f64::from(t) * f64::from(y);
    }
    (best, f64::from(best) - own + 1.0)
}

impl Rowwise for CategoricalHinge {
    fn at(&self, output: &[f32], target: &[f32]) -> f64 {
        let (_, margin) = margin(output, target);
        if margin < 0.0 { 0.0 } else { margin }
    }

    fn slopes(&self, output: &[f32], target: &[f32], scale: f32, gradient: &mut [f32], write: Write) {
        let (best, margin) = margin(output, target);
        let is_best = |y: f32, t: f32| (1.0 - t) * y == best;
        let equal = output.iter().zip(target).filter(|&(&y, &t)| is_best(y, t)).count();
        let scale = match margin {
            margin if margin < 0.0 => 0.0,
            margin if margin.is_nan() => f32::NAN,
            _ => scale,
        };
        for ((g, &y), &t) in gradient.iter_mut().zip(output).zip(target) {
            let share = if is_best(y, t) { (1.0 - t) / equal as f32 } else { 0.0 };
            rows::put(write, g, scale * (share - t));
        }
    }
}

rowwise_loss!(CategoricalHinge);
