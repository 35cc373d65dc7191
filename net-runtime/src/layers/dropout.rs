//! Random zeros.

use super::check;
use crate::kernels::elementwise::dropout;
use crate::memory::random::RandomKey;
use crate::tensor::param::Store;

/// In training, an element is 0 with probability `rate`, else x / (1 − rate), as Keras's `Dropout` ("inverted
/// dropout": Srivastava et al. 2014); in inference it does not exist.
///
/// Whether an element is dropped is a function of seed, step, layer and the element's index in the batch alone
/// (Philox 4x32-10), so it is the same on any number of threads, and drawn again by the backward pass.
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
    fn mask(&self, random: RandomKey) -> dropout::Mask {
        dropout::Mask::new(self.rate, self.layer, random)
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], random: RandomKey) {
        check("x", x, n, &[self.len]);
        check("y", y, n, &[self.len]);
        self.mask(random).apply(x, y, Store::Set);
    }

    /// Computes the gradient by the input, with the key that the forward pass had.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>, random: RandomKey) {
        check("dy", dy, n, &[self.len]);
        check("dx", dx, n, &[self.len]);
        self.mask(random).apply(dy, dx, store.into());
    }
}
