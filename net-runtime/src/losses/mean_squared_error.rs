//! The mean of squared differences.

use super::{Loss, rows};
use crate::tensor::param::Write;

/// The mean of `(y - t)²` over all elements of a sample.
///
/// Targets have the output's shape. As Keras's `MeanSquaredError`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanSquaredError;

impl Loss for MeanSquaredError {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        rows::mean(output, target, |y, t| {
            let error = f64::from(y) - f64::from(t);
            error * error
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
        rows::mean_gradient(output, target, scale, gradient, write, |y, t| 2.0 * (y - t));
    }
}
