//! Counts that come at a rate.

use super::elementwise::{Elementwise, elementwise_loss};
use super::rows::EPSILON;

/// The mean over all elements of a sample of `y - t·log(y + 1e-7)`: the negative log-likelihood of counts `t` that come at a rate
/// `y`, without what depends on `t` alone.
///
/// Targets have the output's shape. As Keras's `Poisson`. A rate is not negative: an output below -1e-7 gives a NaN, so the head
/// should end in e.g. `-> softplus` or `-> exp`.
///
/// In `network!`: `Poisson`, behind `softplus` or `exp`. By hand:
///
/// ```
/// use net_runtime::losses::{Poisson, Loss};
///
/// let loss = Poisson;
/// assert!((loss.value(&[1.0], &[3.0], &[1]) - 1.0).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "PoissonNLLLoss")]
pub struct Poisson;

impl Elementwise for Poisson {
    fn at(&self, y: f32, t: f32) -> f64 {
        f64::from(y) - f64::from(t) * f64::from(y + EPSILON).ln()
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        1.0 - t / (y + EPSILON)
    }
}

elementwise_loss!(Poisson);
