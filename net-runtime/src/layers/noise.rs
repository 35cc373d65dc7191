//! Random numbers in training.

use super::check;
use crate::kernels::elementwise::dropout::{Draws, Mask};
use crate::kernels::elementwise::{arithmetic, noise};
use crate::memory::random::RandomKey;
use crate::tensor::param::Store;

/// In training, y = x + stddev · z with a z of the standard normal distribution for each element, as Keras's `GaussianNoise`; in
/// inference it does not exist.
///
/// What is drawn is a function of seed, step, layer and the element's index in the batch alone, as in [`Dropout`](super::Dropout), so it is
/// the same on any number of threads.
///
/// In `network!`: `GaussianNoise(stddev)` on any shape, which stays. There are no weights. The example is at [`Dropout`](super::Dropout).
#[derive(Clone, Copy, Debug)]
pub struct GaussianNoise {
    /// Elements of a sample.
    pub len: usize,
    /// The standard deviation of what is added, at least 0.
    pub stddev: f32,
    /// Which use of which layer it is: each draws from a stream of its own.
    pub layer: u64,
}

/// In training, y = x · (1 + √(rate / (1 − rate)) · z) with a z of the standard normal distribution for each element, as Keras's
/// `GaussianDropout` (Srivastava et al., "Dropout", 2014, section 10); in inference it does not exist. What is drawn is as in
/// [`GaussianNoise`], and drawn again by the backward pass.
///
/// In `network!`: `GaussianDropout(rate)` on any shape, which stays. There are no weights. The example is at [`Dropout`](super::Dropout).
#[derive(Clone, Copy, Debug)]
pub struct GaussianDropout {
    /// Elements of a sample.
    pub len: usize,
    /// That of a [`Dropout`](super::Dropout) with the same mean and variance: at least 0, below 1.
    pub rate: f32,
    /// Which use of which layer it is: each draws from a stream of its own.
    pub layer: u64,
}

/// In training, an element becomes the limit of [`selu`](crate::activations::selu) far to the left with probability `rate`, and
/// then all are scaled and shifted such that mean and variance of normal numbers stay, as Keras's `AlphaDropout` (Klambauer et al.,
/// "Self-Normalizing Neural Networks", 2017); in inference it does not exist. Whether an element is replaced is drawn as in
/// [`Dropout`](super::Dropout).
///
/// In `network!`: `AlphaDropout(rate)` on any shape, which stays. There are no weights. The example is at [`Dropout`](super::Dropout).
#[derive(Clone, Copy, Debug)]
pub struct AlphaDropout {
    /// Elements of a sample.
    pub len: usize,
    /// The probability: at least 0, below 1.
    pub rate: f32,
    /// Which use of which layer it is: each draws from a stream of its own.
    pub layer: u64,
}

impl GaussianNoise {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], random: RandomKey) {
        check("x", x, n, &[self.len]);
        check("y", y, n, &[self.len]);
        noise::add(&Draws::new(random, self.layer), self.stddev, x, y);
    }

    /// Computes the gradient by the input, which is that by the result.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &[self.len]);
        check("dx", dx, n, &[self.len]);
        arithmetic::put(store, dx, dy.iter().copied());
    }
}

impl GaussianDropout {
    fn apply(&self, x: &[f32], y: &mut [f32], store: Store, random: RandomKey) {
        let rate = f64::from(self.rate);
        noise::multiply(&Draws::new(random, self.layer), (rate / (1.0 - rate)).sqrt() as f32, x, y, store);
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], random: RandomKey) {
        check("x", x, n, &[self.len]);
        check("y", y, n, &[self.len]);
        self.apply(x, y, Store::Set, random);
    }

    /// Computes the gradient by the input, with the key that the forward pass had.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>, random: RandomKey) {
        check("dy", dy, n, &[self.len]);
        check("dx", dx, n, &[self.len]);
        self.apply(dy, dx, store.into(), random);
    }
}

impl AlphaDropout {
    /// The limit of selu to the left: −scale · alpha.
    const LIMIT: f64 = -1.050_700_987_355_480_5 * 1.673_263_242_354_377_2;

    /// What the elements that are kept are multiplied by, and what is added to all.
    fn scale_and_shift(&self) -> (f64, f64) {
        let rate = f64::from(self.rate);
        let scale = ((1.0 - rate) * (1.0 + rate * Self::LIMIT * Self::LIMIT)).sqrt().recip();
        (scale, -scale * Self::LIMIT * rate)
    }

    fn mask(&self, random: RandomKey) -> Mask {
        Mask::scaled(self.rate, self.scale_and_shift().0 as f32, self.layer, random)
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], random: RandomKey) {
        check("x", x, n, &[self.len]);
        check("y", y, n, &[self.len]);
        let (scale, shift) = self.scale_and_shift();
        self.mask(random).replace(x, y, (scale * Self::LIMIT + shift) as f32, shift as f32);
    }

    /// Computes the gradient by the input, with the key that the forward pass had.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>, random: RandomKey) {
        check("dy", dy, n, &[self.len]);
        check("dx", dx, n, &[self.len]);
        self.mask(random).apply(dy, dx, store.into());
    }
}
