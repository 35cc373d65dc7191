//! Random zeros.

use super::check;
use crate::kernels::elementwise::dropout;
use crate::memory::random::RandomKey;
use crate::tensor::param::Store;

/// In training, an element is 0 with probability `rate`, else x / (1 − rate), as Keras's `Dropout` ("inverted
/// dropout": Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014); in inference it does not exist.
///
/// Whether an element is dropped is a function of seed, step, layer and the element's index in the batch alone
/// (Philox 4x32-10), so it is the same on any number of threads, and drawn again by the backward pass.
///
/// # In `network!`
///
/// `Dropout(rate)` on any shape, which stays. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Noisy(x: [64], sound: [20, 8], image: [8, 8, 3], volume: [4, 4, 4, 2]) -> (class: [10], y: [13]) {
///         let class = x -> Dropout(0.5) -> GaussianNoise(0.1) -> Dense(10) -> softmax;
///         let steps = sound -> SpatialDropout1d(0.2) -> GlobalAvgPool1d;
///         let pixels = image -> SpatialDropout2d(0.2) -> GaussianDropout(0.1) -> GlobalAvgPool2d;
///         let voxels = volume -> SpatialDropout3d(0.2) -> AlphaDropout(0.1) -> GlobalAvgPool3d;
///         let y = (steps, pixels, voxels) -> Concat;
///     }
/// }
/// assert_eq!(Noisy::PARAMETERS, 64 * 10 + 10);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// Elements of a sample.
    pub len: usize,
    /// Probability of a zero, from 0 to 1.
    pub rate: f32,
    /// Which use of which layer it is: each draws from a stream of its own.
    pub layer: u64,
}

impl Dropout {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], random: RandomKey) {
        check("x", x, n, &[self.len]);
        check("y", y, n, &[self.len]);
        dropout::Mask::new(self.rate, self.layer, random).apply(x, y, Store::Set);
    }

    /// Computes the gradient by the input, with the key that the forward pass had.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>, random: RandomKey) {
        check("dy", dy, n, &[self.len]);
        check("dx", dx, n, &[self.len]);
        dropout::Mask::new(self.rate, self.layer, random).apply(dy, dx, store.into());
    }
}

/// The same with whole channels: in training, a channel of a sample is 0 at all places with probability `rate`, else x / (1 −
/// rate), as Keras's `SpatialDropout1D`, `SpatialDropout2D` and `SpatialDropout3D` (Tompson et al., "Efficient Object Localization
/// Using Convolutional Networks", 2015). Neighbouring places say nearly the same, so that dropping some of them would take away
/// little.
///
/// Whether a channel is dropped is drawn as for an element of [`Dropout`], by its index among the channels of the batch.
#[derive(Clone, Copy, Debug)]
pub struct SpatialDropout {
    /// Steps, pixels or voxels of a sample.
    pub places: usize,
    /// Channels.
    pub channels: usize,
    /// Probability of a zero, from 0 to 1.
    pub rate: f32,
    /// Which use of which layer it is: each draws from a stream of its own.
    pub layer: u64,
}

/// [`SpatialDropout`] of `[steps, features]`.
///
/// In `network!`: `SpatialDropout1d(rate)`; the example is at [`Dropout`].
pub type SpatialDropout1d = SpatialDropout;

/// [`SpatialDropout`] of `[height, width, channels]`.
///
/// In `network!`: `SpatialDropout2d(rate)`; the example is at [`Dropout`].
pub type SpatialDropout2d = SpatialDropout;

/// [`SpatialDropout`] of `[depth, height, width, channels]`.
///
/// In `network!`: `SpatialDropout3d(rate)`; the example is at [`Dropout`].
pub type SpatialDropout3d = SpatialDropout;

impl SpatialDropout {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], random: RandomKey) {
        check("x", x, n, &[self.places, self.channels]);
        check("y", y, n, &[self.places, self.channels]);
        dropout::Mask::new(self.rate, self.layer, random).apply_to_channels(
            [self.places, self.channels],
            x,
            y,
            Store::Set,
        );
    }

    /// Computes the gradient by the input, with the key that the forward pass had.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>, random: RandomKey) {
        check("dy", dy, n, &[self.places, self.channels]);
        check("dx", dx, n, &[self.places, self.channels]);
        dropout::Mask::new(self.rate, self.layer, random).apply_to_channels(
            [self.places, self.channels],
            dy,
            dx,
            store.into(),
        );
    }
}
