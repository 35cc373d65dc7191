//! Attention in blocks of queries and keys, without a matrix of all scores (Rabe and Staats, "Self-attention Does Not Need O(n²)
//! Memory", 2021; Dao et al., "FlashAttention", NeurIPS 2022): a block of queries goes over the keys with the largest score and
//! the sum of exponentials so far, and the backward pass computes the scores again from what is left of these two.
//!
//! Scores lie with the queries of a block side by side and keys below each other. So what is done for each query, its largest
//! score, the sum, the factor by which all before has to shrink, is done for a vector of them at once, and all products are
//! those of the register tile, whose right factor is a block of queries, transposed, or of scores.
//!
//! Scores that are sums of functions of a query and a key together are computed in the same blocks: what is in between them, a
//! number for each query, key and element, is never written.

mod additive;
pub(crate) mod backward;
mod columns;
mod dropped;
mod factors;
pub(crate) mod forward;
pub(crate) mod scores;
pub(crate) mod sizes;
mod units;
