//! The mean of squared differences.

use super::elementwise::{Elementwise, elementwise_loss};

/// The mean of `(y - t)²` over all elements of a sample.
///
/// Targets have the output's shape. As Keras's `MeanSquaredError`.
///
/// In `network!`: `MeanSquaredError`. By hand:
///
/// ```
/// use net_runtime::losses::{MeanSquaredError, Loss};
///
/// let loss = MeanSquaredError;
/// assert_eq!(loss.value(&[1.0, 5.0], &[2.0, 2.0], &[2]), 5.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "MSELoss")]
#[doc(alias = "MSE")]
pub struct MeanSquaredError;

impl Elementwise for MeanSquaredError {
    fn at(&self, y: f32, t: f32) -> f64 {
        let error = f64::from(y) - f64::from(t);
        error * error
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        2.0 * (y - t)
    }
}

elementwise_loss!(MeanSquaredError);
