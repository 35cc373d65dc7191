//! The mean of squared differences of logarithms.

use super::elementwise::{Elementwise, elementwise_loss};
use super::rows::EPSILON;

/// The mean over all elements of a sample of `(log(1 + y) - log(1 + t))²`, for numbers of very different sizes.
///
/// Targets have the output's shape. As Keras's `MeanSquaredLogarithmicError`: what is below 1e-7 counts as that, and such an
/// output has no gradient.
///
/// In `network!`: `MeanSquaredLogarithmicError`. By hand:
///
/// ```
/// use net_runtime::losses::{MeanSquaredLogarithmicError, Loss};
///
/// let loss = MeanSquaredLogarithmicError;
/// assert!((loss.value(&[1.0], &[3.0], &[1]) - std::f32::consts::LN_2.powi(2)).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "MSLE")]
pub struct MeanSquaredLogarithmicError;

impl Elementwise for MeanSquaredLogarithmicError {
    fn at(&self, y: f32, t: f32) -> f64 {
        let error = logarithm(y) - logarithm(t);
        error * error
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        if y < EPSILON {
            return 0.0;
        }
        (2.0 * (logarithm(y) - logarithm(t)) / (1.0 + f64::from(y))) as f32
    }
}

elementwise_loss!(MeanSquaredLogarithmicError);

/// Not `f64::max`, which would drop a NaN.
fn logarithm(x: f32) -> f64 {
    f64::from(if x < EPSILON { EPSILON } else { x }).ln_1p()
}
