//! The mean of absolute differences.

use super::{Loss, rows};
use crate::tensor::param::Write;

/// The mean of `|y - t|` over all elements of a sample.
///
/// Targets have the output's shape. As Keras's `MeanAbsoluteError`: where output and target are equal, the gradient is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanAbsoluteError;

impl Loss for MeanAbsoluteError {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        rows::mean(output, target, |y, t| (f64::from(y) - f64::from(t)).abs())
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
        rows::mean_gradient(output, target, scale, gradient, write, |y, t| sign(y - t));
    }
}

/// -1, 0 or 1; a NaN for a NaN. (`f32::signum` of zero is not zero.)
fn sign(error: f32) -> f32 {
    if error > 0.0 {
        1.0
    } else if error < 0.0 {
        -1.0
    } else {
        error
    }
}
