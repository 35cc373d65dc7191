//! Products that are computed where they are used, and never written.
//!
//! A trainer's gradient of a large dense layer holds the two small factors of xᵀ · dy, which an optimizer that takes each weight alone
//! multiplies piece by piece in the nearest cache. Not where a batch has several shares, where gradients are clipped by norms, nor
//! where a second use contributes.

use super::microkernel::Product;
use super::pack::{pack, packed_len};
use super::sizes::{PIECE, Sizes};
use crate::kernels::reduce::reductions::{is_within, largest_magnitude};
use crate::kernels::simd::Isa;
use crate::parallel;
use crate::tensor::rows::RowSet;

/// A product `xᵀ · dy` by its factors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factors<'a> {
    pub sizes: Sizes,
    pub x: &'a [f32],
    /// By [`pack`](Self::pack).
    pub dy: &'a [f32],
}

/// Work on a part of a product, and on the same part of several slices.
type Work<'a, const N: usize> = dyn Fn(&[f32], [&mut [f32]; N]) + Sync + 'a;

impl Factors<'_> {
    /// Length of a packed dy.
    pub fn packed_len(Sizes { rows, outputs, .. }: Sizes) -> usize {
        packed_len(Isa::current(), rows, outputs)
    }

    /// Packs dy.
    pub fn pack(Sizes { rows, outputs, .. }: Sizes, dy: &[f32], packed: &mut [f32]) {
        pack(Isa::current(), dy, rows, outputs, |row| row * outputs, 1, packed);
    }

    /// Calls `work(product, pieces)` for parts of the product, and the same parts of several slices as long as it. The bits
    /// are those of [`backward_weights`](super::weight_gradient::backward_weights).
    pub fn for_each_piece<const N: usize>(self, slices: [&mut [f32]; N], work: &Work<N>) {
        let Sizes { rows, inputs, outputs } = self.sizes;
        let product = Product { step: inputs, ..Product::of_matrices(self.x, self.dy, [rows, outputs]) };
        let isa = Isa::current();
        let threads = parallel::pieces_pay(inputs * outputs, N);
        parallel::for_each_piece_of(threads, outputs, slices, &|first, slices| {
            let mut values = [0.0; PIECE];
            let mut slices = slices.map(|slice| slice.chunks_mut(PIECE / outputs * outputs));
            let mut row = first / outputs;
            loop {
                let pieces = slices.each_mut().map(Iterator::next);
                let Some(Some(piece)) = pieces.first() else { return };
                let values = &mut values[..piece.len()];
                product.compute(isa, values.len() / outputs, |index| row + index, values, |index| index * outputs);
                row += values.len() / outputs;
                work(values, pieces.map(|piece| piece.expect("all slices have as many pieces")));
            }
        });
    }

    /// The first element whose magnitude is not at most `largest`; a NaN is not.
    pub fn find_larger(self, largest: f32) -> Option<f32> {
        let [x, dy] = [self.x, self.dy].map(|factor| f64::from(largest_magnitude(factor)));
        // Rounding makes a sum of so few products larger by much less than twice.
        if x.is_finite() && dy.is_finite() && x * dy * (self.sizes.rows as f64) < f64::from(largest) / 2.0 {
            return None;
        }
        let Sizes { inputs, outputs, .. } = self.sizes;
        let mut product = vec![0.0; inputs * outputs];
        self.for_each_piece([&mut product], &|values, [piece]| piece.copy_from_slice(values));
        product.into_iter().find(|value| !is_within(*value, largest))
    }
}

/// Where the elements of a gradient come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// From memory.
    Values(&'a [f32]),
    /// From the factors of a product.
    Product(Factors<'a>),
    /// From memory, where rows of `width` elements that are not touched are known to be zero.
    Rows { values: &'a [f32], width: usize, touched: &'a RowSet },
}

impl Source<'_> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::Values(values) | Self::Rows { values, .. } => values.len(),
            Self::Product(factors) => factors.sizes.inputs * factors.sizes.outputs,
        }
    }
}
