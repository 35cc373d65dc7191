//! Products that are computed where they are used, and never written.
//!
//! A trainer's gradient of a large dense layer holds the two small factors of xᵀ · dy, which an optimizer that takes each weight alone
//! multiplies piece by piece in the nearest cache. Not where a batch has several shares, where gradients are clipped by norms, nor
//! where a second use contributes.

use super::microkernel::Product;
use super::pack::{pack_in_parts, packed_len};
use super::sizes::{PIECE, Sizes};
use super::transpose::transpose_part;
use crate::kernels::reduce::reductions::{is_within, largest_magnitude};
use crate::kernels::simd::{Isa, ROWS};
use crate::parallel;
use crate::tensor::rows::RowSet;

/// Rows of a product at least that are computed with what is read of dy.
const HIGH: usize = ROWS;

/// Rows of dy from which on reading it takes as long as what is done with the product.
const DEEP: usize = 12;

/// Columns of x that one task transposes.
const COLUMNS: usize = 64;

/// A product `xᵀ · dy` by its factors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factors<'a> {
    pub sizes: Sizes,
    /// Transposed: what a row of the product needs lies together.
    pub x: &'a [f32],
    /// Packed.
    pub dy: &'a [f32],
}

/// Work on a part of a product, and on the same part of several slices.
type Work<'a, const N: usize> = dyn Fn(&[f32], [&mut [f32]; N]) + Sync + 'a;

impl Factors<'_> {
    /// Length of a packed dy.
    pub fn packed_len(Sizes { rows, outputs, .. }: Sizes) -> usize {
        packed_len(Isa::current(), rows, outputs)
    }

    /// Puts both factors where and as they are held.
    pub fn take(sizes: Sizes, [x, dy]: [&[f32]; 2], transposed: &mut [f32], packed: &mut [f32]) {
        let Sizes { rows, inputs, outputs } = sizes;
        let threads = parallel::elements_pay(x.len());
        let boundary = |part: usize| (part * COLUMNS).min(inputs) * rows;
        parallel::for_each_part(
            threads,
            inputs.div_ceil(COLUMNS),
            &boundary,
            transposed,
            (&mut [], 0),
            &|part, to, _| {
                let columns = part * COLUMNS..inputs.min((part + 1) * COLUMNS);
                if rows > 0 {
                    transpose_part(&x[columns.start..], inputs, [rows, columns.len()], to, rows);
                }
            },
        );
        let threads = parallel::elements_pay(dy.len());
        pack_in_parts(Isa::current(), threads, dy, [rows, outputs], &|row| row * outputs, 1, packed);
    }

    /// Calls `work(product, pieces)` for parts of the product, and the same parts of several slices as long as it. The bits
    /// are those of [`backward_weights`](super::weight_gradient::backward_weights).
    pub fn for_each_piece<const N: usize>(self, slices: [&mut [f32]; N], work: &Work<N>) {
        let Self { sizes: Sizes { rows, inputs, outputs }, x, dy } = self;
        let isa = Isa::current();
        let tile = isa.tile_columns();
        // Of a wide product some columns at once, so that there are rows enough for each panel of dy that comes into the nearest cache. Where
        // dy has few rows, long pieces are worth more: what an optimizer reads of them comes in time.
        let high = if rows < DEEP { 1 } else { HIGH };
        let block = if outputs * high <= PIECE { outputs } else { PIECE / high / tile * tile };
        let threads = parallel::pieces_pay(inputs * outputs, N);
        parallel::for_each_piece_of(threads, HIGH * outputs, slices, &|first, mut slices| {
            let (first, all) = (first / outputs, slices.first().map_or(0, |slice| slice.len()) / outputs);
            let mut values = [0.0; PIECE];
            let high = PIECE / block;
            for row in (0..all).step_by(high) {
                let count = high.min(all - row);
                for column in (0..outputs).step_by(block) {
                    let width = block.min(outputs - column);
                    let values = &mut values[..count * width];
                    let product = Product::of_matrices(x, &dy[packed_len(isa, rows, column)..], [rows, width]);
                    product.compute(isa, count, |index| (first + row + index) * rows, values, |index| index * width);
                    // Rows of all columns follow each other.
                    let piece = if width == outputs { count * width } else { width };
                    for (index, values) in values.chunks_exact(piece).enumerate() {
                        let at = (row + index) * outputs + column;
                        work(values, slices.each_mut().map(|slice| &mut slice[at..at + piece]));
                    }
                }
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
