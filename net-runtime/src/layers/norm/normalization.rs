//! Mean 0 and variance 1, by what is known of the data before training.

use crate::kernels::norm::known::Known;
use crate::layers::{check, check_parameter};
use crate::memory::scratch::Scratch;
use crate::parameters::weights::Adapted;
use crate::tensor::param::{Param, Write};

/// y = (x − mean) / max(√variance, 1e-7) as Keras's `Normalization`, with mean and variance of each place along an axis:
/// `[outer, len, inner]` to the same. The ordinary first layer for numbers of different kinds.
///
/// # In `network!`
///
/// `Normalization(axis = -1, mean = adapted, variance = adapted, invert = false)` on any shape, which stays. The axis is one, or
/// neighbouring ones, `(1, 2)`, along which each place has a mean and a variance: those that `adapt` has found, or told ones,
/// numbers, or a tuple with one for each place.
///
/// Mean and variance are found in the data before training, by [`Adapted::adapt`] of the layer's field in the network, which is Keras's
/// `layer.adapt(data)`; they are saved and loaded with the weights, but neither trained nor decayed nor counted as trainable. A layer
/// that was not adapted has a mean of 0 and a variance of 1, as Keras's: it changes nothing.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Price(metadata: [3]) -> (price: [1]) {
///         let known = metadata -> Normalization;
///         let price = known -> Dense(1);
///         loss price: MeanSquaredError;
///     }
/// }
///
/// # fn main() -> Result<(), net_runtime::Error> {
/// let metadata: Batch<Shape1<3>> = Batch::from_vec(vec![90.0, 2.0, 1975.0, 110.0, 3.0, 2005.0])?;
/// let mut net = Price::new(42);
/// net.known_normalization.adapt([metadata.view()])?;
/// assert_eq!(net.known_normalization.mean.values(), [100.0, 2.5, 1990.0]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Normalization {
    /// Product of the axes before those that have a mean for each place.
    pub outer: usize,
    /// Product of those that have.
    pub len: usize,
    /// Product of the axes behind.
    pub inner: usize,
    /// Whether y = x · max(√variance, 1e-7) + mean, instead.
    pub invert: bool,
}

/// [`Normalization`] by a mean and a variance that are told: `mean = ..., variance = ...`.
#[derive(Clone, Copy, Debug)]
pub struct NormalizationBy {
    /// The shape.
    pub sizes: Normalization,
    /// One number, or one for each place.
    pub mean: &'static [f32],
    /// The same.
    pub variance: &'static [f32],
}

impl Normalization {
    fn known<'a>(&self, mean: &'a [f32], variance: &'a [f32]) -> Known<'a> {
        for (what, numbers) in [("mean", mean), ("variance", variance)] {
            if numbers.len() != 1 {
                check_parameter(what, numbers.len(), &[self.len]);
            }
        }
        Known { mean, variance, places: [self.len, self.inner], invert: self.invert }
    }

    fn check(&self, n: usize, tensors: [(&str, &[f32]); 2]) {
        for (name, tensor) in tensors {
            check(name, tensor, n, &[self.outer, self.len, self.inner]);
        }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], weights: &Adapted<Param>, y: &mut [f32], scratch: &mut Scratch) {
        self.check(n, [("x", x), ("y", y)]);
        self.known(weights.mean.values(), weights.variance.values()).forward(x, y, &mut scratch.work);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(
        &self,
        n: usize,
        weights: &Adapted<Param>,
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
        scratch: &mut Scratch,
    ) {
        self.check(n, [("dy", dy), ("dx", dx)]);
        let known = self.known(weights.mean.values(), weights.variance.values());
        known.backward(dy, (dx, write), &mut scratch.work);
    }
}

impl NormalizationBy {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], scratch: &mut Scratch) {
        self.sizes.check(n, [("x", x), ("y", y)]);
        self.sizes.known(self.mean, self.variance).forward(x, y, &mut scratch.work);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write, scratch: &mut Scratch) {
        self.sizes.check(n, [("dy", dy), ("dx", dx)]);
        self.sizes.known(self.mean, self.variance).backward(dy, (dx, write), &mut scratch.work);
    }
}
