//! What is itself to be small.

use super::{Loss, rows};
use crate::tensor::param::Write;

/// The mean over all elements of a sample of the output itself: there is nothing to compare it with, and no target.
///
/// For what a network computes of itself that should be small: the divergence of a variational autoencoder, a difference of
/// styles, a penalty. Keras's `add_loss`, but that its value is the mean over the samples.
///
/// In `network!`: `Minimize`. By hand:
///
/// ```
/// use net_runtime::losses::{Minimize, Loss};
///
/// let loss = Minimize;
/// assert_eq!(loss.value(&[1.0, 3.0], &[], &[2]), 2.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "add_loss")]
pub struct Minimize;

impl Loss for Minimize {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], _target: &[f32], _dims: &[usize]) -> f32 {
        rows::mean(output, output, |y, _| f64::from(y))
    }

    fn gradient(&self, output: &[f32], _: &[f32], _: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        // The slope of a NaN is one, too: the value has told of it.
        rows::mean_gradient(output, output, scale, gradient, write, |_, _| 1.0);
    }
}
