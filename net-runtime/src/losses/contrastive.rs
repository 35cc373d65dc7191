//! Distances between what belongs together and what does not.

use super::elementwise::{Elementwise, elementwise_loss};

/// The mean over all elements of a sample of `t·y² + (1 - t)·max(margin - y, 0)²` (Hadsell, Chopra, LeCun, "Dimensionality
/// Reduction by Learning an Invariant Mapping", 2006): a distance becomes small for pairs that belong together, and at least the
/// margin for others.
///
/// The output is a distance, e.g. that of [`Distance`](crate::layers::Distance) between two uses of a shared layer; targets have its
/// shape and are 1 for what belongs together, 0 for what does not. As TensorFlow Addons' `ContrastiveLoss`; the example on keras.io
/// has its targets the other way round.
///
/// In `network!`: `Contrastive(margin = 1.0)`. By hand:
///
/// ```
/// use net_runtime::losses::{Contrastive, Loss};
///
/// let loss = Contrastive { margin: 1.0 };
/// assert_eq!(loss.value(&[0.5, 3.0], &[1.0, 0.0], &[2]), 0.125);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "ContrastiveLoss")]
pub struct Contrastive {
    /// From which distance on two that do not belong together are far enough from each other. Above 0.
    pub margin: f32,
}

impl Default for Contrastive {
    fn default() -> Self {
        Self { margin: 1.0 }
    }
}

impl Contrastive {
    /// What is missing of the margin; a NaN for a NaN.
    fn missing(&self, y: f32) -> f32 {
        let missing = self.margin - y;
        if missing < 0.0 { 0.0 } else { missing }
    }
}

impl Elementwise for Contrastive {
    fn at(&self, y: f32, t: f32) -> f64 {
        let (missing, y, t) = (f64::from(self.missing(y)), f64::from(y), f64::from(t));
        t * y * y + (1.0 - t) * missing * missing
    }

    fn slope(&self, y: f32, t: f32) -> f32 {
        2.0 * (t * y - (1.0 - t) * self.missing(y))
    }
}

elementwise_loss!(Contrastive);
