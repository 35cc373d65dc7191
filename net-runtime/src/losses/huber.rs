//! Squared for small differences, absolute for large ones.

use super::{Loss, rows};
use crate::tensor::param::Write;

/// The mean over all elements of a sample of `e² / 2` where `|e| <= delta`, else `delta·|e| - delta² / 2`, with
/// `e = y - t` (Huber 1964).
///
/// Targets have the output's shape. As Keras's `Huber`, `delta` is 1 where nothing is said; it should be above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// From which difference on the loss grows in proportion to it, in the output's unit.
    pub delta: f32,
}

impl Default for Huber {
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl Loss for Huber {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        let delta = f64::from(self.delta);
        rows::mean(output, target, |y, t| {
            let error = f64::from(y) - f64::from(t);
            if error.abs() <= delta { 0.5 * error * error } else { delta * error.abs() - 0.5 * delta * delta }
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
        rows::mean_gradient(output, target, scale, gradient, write, |y, t| {
            let error = y - t;
            // `copysign` would make a number of a NaN.
            if error.abs() <= self.delta || error.is_nan() { error } else { self.delta.copysign(error) }
        });
    }
}
