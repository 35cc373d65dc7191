//! One tensor of several, and several of one.

pub(super) mod concat;
pub(super) mod distance;
pub(super) mod dot;
pub(super) mod elementwise;
pub(super) mod split;

use super::check;
use crate::tensor::columns::Columns;
use crate::tensor::exact::product;

/// A layer of several inputs of which some are parts of larger tensors: these are given, and their gradients. Results are those of the
/// layer, to the bit.
#[derive(Clone, Copy, Debug)]
pub struct OnColumns<L> {
    /// The layer.
    pub layer: L,
    /// For each input where it lies, if it is a part.
    pub columns: &'static [Option<Columns>],
}

impl<L> OnColumns<L> {
    fn columns(&self, k: usize) -> Option<Columns> {
        self.columns.get(k).copied().flatten()
    }

    /// Checks that what is given for input `k`, or is the gradient by it, holds `n` samples of these dimensions.
    #[track_caller]
    fn check_operand(&self, name: &str, n: usize, k: usize, given: &[f32], dims: &[usize]) {
        match self.columns(k) {
            None => check(name, given, n, dims),
            Some(columns) => columns.check(name, given, product(&[n, product(dims)])),
        }
    }
}
