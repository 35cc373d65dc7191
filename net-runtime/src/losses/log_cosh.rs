//! The logarithm of the hyperbolic cosine.

use std::f64::consts::LN_2;

use super::elementwise::{Elementwise, elementwise_loss};

/// The mean over all elements of a sample of `log(cosh(y - t))`: about `e² / 2` for small differences and `|e| - log 2` for large
/// ones.
///
/// Targets have the output's shape. As Keras's `LogCosh`; no difference overflows.
///
/// In `network!`: `LogCosh`. By hand:
///
/// ```
/// use net_runtime::losses::{LogCosh, Loss};
///
/// let loss = LogCosh;
/// assert!((loss.value(&[20.0], &[0.0], &[1]) - (20.0 - std::f32::consts::LN_2)).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCosh;

impl Elementwise for LogCosh {
    fn at(&self, y: f32, t: f32) -> f64 {
        let error = (f64::from(y) - f64::from(t)).abs();
        error + (-2.0 * error).exp().ln_1p() - LN_2
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        (y - t).tanh()
    }
}

elementwise_loss!(LogCosh);
