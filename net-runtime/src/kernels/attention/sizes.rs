//! Sizes of attention, and of its blocks.

use crate::kernels::simd::Isa;
use crate::tensor::exact;

/// Queries of a block: a row of a register tile of AVX-512.
pub(super) const QUERIES: usize = 64;

/// Keys of a block: rows of a product whose places are looked up together. With so many queries their scores stay in the nearest
/// cache.
pub(super) const KEYS: usize = 96;

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
    pub(super) fn group(self) -> usize {
        self.heads / self.key_heads
    }

    /// Multiply-adds of the two products of a forward pass.
    pub(super) fn cost(self) -> usize {
        exact::product(&[self.samples, self.heads, self.queries, self.keys, self.key_dim + self.value_dim])
    }

    /// Floats of a row of scores for so many queries: whole vectors.
    pub(super) fn width(self, isa: Isa, queries: usize) -> usize {
        queries.min(QUERIES).next_multiple_of(isa.lanes())
    }
}
