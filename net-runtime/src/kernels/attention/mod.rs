//! Attention in blocks of queries and keys, without a matrix of all scores (Rabe and Staats, "Self-attention Does Not Need O(n²)
//! Memory", 2021; Dao et al., "FlashAttention", NeurIPS 2022): a block of queries goes over the keys with the largest score and
//! the sum of exponentials so far, and the backward pass computes the scores again from what is left of these two.
//!
//! Scores lie with the queries of a block side by side and keys below each other. So what is done for each query, its largest
//! score, the sum, the factor by which all before has to shrink, is done for a vector of them at once, and all products are
//! those of the register tile, whose right factor is a block of queries, transposed, or of scores.

mod backward;
mod columns;
mod dropped;
mod forward;
mod scores;
mod units;

pub(crate) use backward::{Upstream, backward};
pub(crate) use forward::forward;
pub(crate) use scores::{Mask, Scores};

use crate::kernels::gemm::microkernel::{Layout, Product, Segment};
use crate::kernels::simd::Isa;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Queries of a block: a row of a register tile of AVX-512.
const QUERIES: usize = 64;

/// Keys of a block: rows of a product whose places are looked up together. With so many queries their scores stay in the nearest
/// cache.
const KEYS: usize = 96;

/// Numbers that are kept of a query and head: its largest score, and 1 / the sum of the exponentials of scores less the largest.
/// Their logarithm would be one number, of which a score of 10⁴ would leave three digits.
pub(crate) const STATISTICS: usize = 2;

/// Sizes of queries `[samples, queries, heads, key_dim]`, keys `[samples, keys, key_heads, key_dim]`, values
/// `[samples, keys, key_heads, value_dim]` and the result, `[samples, queries, heads, value_dim]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub samples: usize,
    pub queries: usize,
    pub keys: usize,
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values, of which each serves equally many neighbouring heads of queries.
    pub key_heads: usize,
    pub key_dim: usize,
    pub value_dim: usize,
}

impl Sizes {
    /// Floats of the queries, of the keys, of the values and of the result.
    pub fn lens(self) -> [usize; 4] {
        let Self { samples, queries, keys, heads, key_heads, key_dim, value_dim } = self;
        [
            exact::product(&[samples, queries, heads, key_dim]),
            exact::product(&[samples, keys, key_heads, key_dim]),
            exact::product(&[samples, keys, key_heads, value_dim]),
            exact::product(&[samples, queries, heads, value_dim]),
        ]
    }

    /// Floats of what is kept of the scores.
    pub fn statistics(self) -> usize {
        exact::product(&[self.samples, self.queries, self.heads, STATISTICS])
    }

    /// Heads of queries for each head of keys.
    fn group(self) -> usize {
        self.heads / self.key_heads
    }

    /// Multiply-adds of the two products of a forward pass.
    fn cost(self) -> usize {
        exact::product(&[self.samples, self.heads, self.queries, self.keys, self.key_dim + self.value_dim])
    }

    /// Floats of a row of scores for so many queries: whole vectors.
    fn width(self, isa: Isa, queries: usize) -> usize {
        queries.min(QUERIES).next_multiple_of(isa.lanes())
    }
}

/// The rows of one head of one sample, within the rows of all heads.
#[derive(Clone, Copy)]
struct Head<'a> {
    values: &'a [f32],
    /// Floats from row to row.
    distance: usize,
    /// Floats of a row of the head.
    dim: usize,
}

impl<'a> Head<'a> {
    /// Of values `[samples, steps, heads, dim]`.
    fn new(values: &'a [f32], [steps, heads, dim]: [usize; 3], sample: usize, head: usize) -> Self {
        let distance = heads * dim;
        let values = &values[sample * steps * distance..][..steps * distance];
        Self { values: &values[head * dim..], distance, dim }
    }

    /// One row.
    fn row(self, step: usize) -> &'a [f32] {
        &self.values[step * self.distance..][..self.dim]
    }

    /// The rows from `first` on as the left factor of a product.
    fn rows(self, first: usize) -> Left<'a> {
        Left { values: &self.values[first * self.distance..], row: self.distance, step: 1, inner: self.dim }
    }

    /// Their transpose, of so many rows.
    fn columns(self, first: usize, count: usize) -> Left<'a> {
        Left { row: 1, step: self.distance, inner: count, ..self.rows(first) }
    }
}

/// A left factor of a product.
#[derive(Clone, Copy)]
struct Left<'a> {
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
    fn times(self, isa: Isa, b: &[f32], columns: usize, c: &mut [f32], rows: usize, write: Store) {
        let product = Product {
            a: self.values,
            segments: &[Segment { a: 0, b: 0 }],
            len: self.inner,
            step: self.step,
            b,
            layout: Layout::Rows(columns),
            inner: self.inner,
            columns,
            bias: None,
            relu: false,
            write,
        };
        product.compute(isa, rows, |row| row * self.row, c, |row| row * columns);
    }
}

/// Cuts memory into pieces of these lengths.
fn cut<const N: usize>(mut memory: &mut [f32], lens: [usize; N]) -> [&mut [f32]; N] {
    lens.map(|len| {
        let (piece, rest) = std::mem::take(&mut memory).split_at_mut(len);
        memory = rest;
        piece
    })
}
