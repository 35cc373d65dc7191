//! Heads as factors of products.

use crate::kernels::gemm::microkernel::{Layout, Product};
use crate::kernels::simd::Isa;
use crate::tensor::param::Store;

/// The rows of one head of one sample, within the rows of all heads.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    pub values: &'a [f32],
    /// Floats from row to row.
    pub distance: usize,
    /// Floats of a row of the head.
    pub dim: usize,
}

impl<'a> Head<'a> {
    /// Of values `[samples, steps, heads, dim]`.
    pub fn new(values: &'a [f32], [steps, heads, dim]: [usize; 3], sample: usize, head: usize) -> Self {
        let distance = heads * dim;
        let values = &values[sample * steps * distance..][..steps * distance];
        Self { values: &values[head * dim..], distance, dim }
    }

    /// One row.
    pub fn row(self, step: usize) -> &'a [f32] {
        &self.values[step * self.distance..][..self.dim]
    }

    /// The rows from `first` on as the left factor of a product.
    pub fn rows(self, first: usize) -> Left<'a> {
        Left { values: &self.values[first * self.distance..], row: self.distance, step: 1, inner: self.dim }
    }

    /// Their transpose, of so many rows.
    pub fn columns(self, first: usize, count: usize) -> Left<'a> {
        Left { row: 1, step: self.distance, inner: count, ..self.rows(first) }
    }
}

/// A left factor of a product.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    values: &'a [f32],
    /// Floats from row to row.
    row: usize,
    /// Floats from one element of a row to the next.
    step: usize,
    /// Elements of a row.
    inner: usize,
}

impl Left<'_> {
    /// So many rows of the product with the matrix `b`, whose rows, whole vectors, lie one behind the other, as do those of `c`.
    pub fn times(self, isa: Isa, b: &[f32], columns: usize, c: &mut [f32], rows: usize, write: Store) {
        let product = Product {
            step: self.step,
            layout: Layout::Rows(columns),
            write,
            ..Product::of_matrices(self.values, b, [self.inner, columns])
        };
        product.compute(isa, rows, |row| row * self.row, c, |row| row * columns);
    }
}

/// Cuts memory into pieces of these lengths.
pub(super) fn cut<const N: usize>(mut memory: &mut [f32], lens: [usize; N]) -> [&mut [f32]; N] {
    lens.map(|len| {
        let (piece, rest) = std::mem::take(&mut memory).split_at_mut(len);
        memory = rest;
        piece
    })
}

/// Copies a row of a head, which is short: moving its vectors takes less than calling what moves memory.
pub(super) fn copy_row(to: &mut [f32], from: &[f32]) {
    const VECTOR: usize = 16;
    assert_eq!(to.len(), from.len());
    let ((to, to_rest), (from, from_rest)) = (to.as_chunks_mut::<VECTOR>(), from.as_chunks::<VECTOR>());
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to = *from);
}
