//! Memory that layers use within one call.
//!
//! It is made within a pass that has no error to return: where the machine has too little memory for it, that is a panic which says how
//! many bytes were asked for.

use super::algorithm::Algorithm;
use super::folded::Folds;
use super::mode::Arithmetic;
use super::packed::Packs;
use crate::tensor::aligned::AlignedBuffer;

/// Memory that layers use within one call: it grows to the largest need and stays.
#[derive(Default)]
pub struct Scratch {
    /// What tasks work in.
    pub(crate) work: AlignedBuffer,
    /// Factors of matrix products, packed.
    pub(crate) packed: AlignedBuffer,
    /// The gradient by all outputs of a pooled convolution, a group of images at a time.
    pub(crate) spread: AlignedBuffer,
    /// Patches of the pixels of a convolution that has few.
    pub(crate) patches: AlignedBuffer,
    /// What a recurrent layer has at every step.
    pub(crate) steps: AlignedBuffer,
    /// Planes of volumes that a window meets, side by side, and weights in that order.
    pub(crate) volumes: AlignedBuffer,
    /// Weights, packed.
    pub(crate) packs: Packs,
    /// Weights of two layers in one.
    pub(crate) folds: Folds,
    /// How carefully convolutions are computed.
    pub(crate) arithmetic: Arithmetic,
    /// What convolutions are computed by that it applies to, whatever is best for them.
    pub(crate) forced: Option<Algorithm>,
}

impl Scratch {
    /// No memory yet.
    pub fn new(arithmetic: Arithmetic) -> Self {
        Self { arithmetic, ..Self::default() }
    }

    /// The same with an algorithm for the convolutions that it applies to: for tests, and for measuring what is chosen.
    #[doc(hidden)]
    pub fn forcing(self, algorithm: Algorithm) -> Self {
        Self { forced: Some(algorithm), ..self }
    }

    /// The same for a call that computes with the weights of this number among those of a network: what it makes of them is
    /// kept under that number, and made again only when the weights have changed.
    pub fn for_weights(&mut self, index: usize) -> &mut Self {
        self.packs.compute_with(Some(index));
        self
    }
}
