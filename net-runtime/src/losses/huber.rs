//! Squared for small differences, absolute for large ones.

use super::elementwise::{Elementwise, elementwise_loss};

/// The mean over all elements of a sample of `e² / 2` where `|e| <= delta`, else `delta·|e| - delta² / 2`, with
/// `e = y - t` (Huber, "Robust Estimation of a Location Parameter", 1964).
///
/// Targets have the output's shape. As Keras's `Huber`, `delta` is 1 where nothing is said; it should be above 0.
///
/// In `network!`: `Huber(delta = 1.0)`. By hand:
///
/// ```
/// use net_runtime::losses::{Huber, Loss};
///
/// let loss = Huber { delta: 1.0 };
/// assert_eq!(loss.value(&[2.0, 0.5], &[0.0, 0.0], &[2]), (1.5 + 0.125) / 2.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "HuberLoss")]
#[doc(alias = "SmoothL1Loss")]
pub struct Huber {
    /// From which difference on the loss grows in proportion to it, in the output's unit.
    pub delta: f32,
}

impl Default for Huber {
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl Elementwise for Huber {
    fn at(&self, y: f32, t: f32) -> f64 {
        let (error, delta) = (f64::from(y) - f64::from(t), f64::from(self.delta));
        if error.abs() <= delta { 0.5 * error * error } else { delta * error.abs() - 0.5 * delta * delta }
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        let error = y - t;
        // `copysign` would make a number of a NaN.
        if error.abs() <= self.delta || error.is_nan() { error } else { self.delta.copysign(error) }
    }
}

elementwise_loss!(Huber);
