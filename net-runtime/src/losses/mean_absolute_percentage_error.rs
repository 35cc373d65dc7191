//! The mean of absolute differences in per cent.

use super::elementwise::{Elementwise, elementwise_loss, sign};
use super::rows::EPSILON;

/// The mean over all elements of a sample of `100·|y - t| / max(|t|, 1e-7)`.
///
/// Targets have the output's shape. As Keras's `MeanAbsolutePercentageError`: where output and target are equal, the gradient is 0.
///
/// In `network!`: `MeanAbsolutePercentageError`. By hand:
///
/// ```
/// use net_runtime::losses::{MeanAbsolutePercentageError, Loss};
///
/// let loss = MeanAbsolutePercentageError;
/// assert_eq!(loss.value(&[3.0], &[2.0], &[1]), 50.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "MAPE")]
pub struct MeanAbsolutePercentageError;

impl Elementwise for MeanAbsolutePercentageError {
    fn at(&self, y: f32, t: f32) -> f64 {
        100.0 * (f64::from(y) - f64::from(t)).abs() / f64::from(unit(t))
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        100.0 * sign(y - t) / unit(t)
    }
}

elementwise_loss!(MeanAbsolutePercentageError);

/// What a difference is a share of; a target that is a NaN stays one.
fn unit(t: f32) -> f32 {
    if t.abs() < EPSILON { EPSILON } else { t.abs() }
}
