//! The mean of absolute differences.

use super::elementwise::{Elementwise, elementwise_loss, sign};

/// The mean of `|y - t|` over all elements of a sample.
///
/// Targets have the output's shape. As Keras's `MeanAbsoluteError`: where output and target are equal, the gradient is 0.
///
/// In `network!`: `MeanAbsoluteError`. By hand:
///
/// ```
/// use net_runtime::losses::{MeanAbsoluteError, Loss};
///
/// let loss = MeanAbsoluteError;
/// assert_eq!(loss.value(&[1.0, 5.0], &[2.0, 2.0], &[2]), 2.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "L1Loss")]
#[doc(alias = "MAE")]
pub struct MeanAbsoluteError;

impl Elementwise for MeanAbsoluteError {
    fn at(&self, y: f32, t: f32) -> f64 {
        (f64::from(y) - f64::from(t)).abs()
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        sign(y - t)
    }
}

elementwise_loss!(MeanAbsoluteError);
