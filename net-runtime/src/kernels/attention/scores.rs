//! What is done with scores before the softmax.

use super::columns::{self, UNSEEN};
use crate::kernels::elementwise::dropout::Mask as Dropped;
use crate::kernels::gemm::transpose::transpose_part;
use crate::kernels::simd::Isa;

/// How scores are made of the products of queries and keys, and weights of scores.
#[derive(Clone, Copy)]
pub(crate) struct Scores<'a> {
    /// What products are multiplied by.
    pub scale: f32,
    /// Whether a query sees no key behind its own step.
    pub causal: bool,
    /// Which keys are seen.
    pub mask: Option<Mask<'a>>,
    /// Which weights are dropped.
    pub dropped: Option<Dropped>,
}

/// Which keys are seen: those whose number is not 0.
#[derive(Clone, Copy)]
pub(crate) enum Mask<'a> {
    /// By all queries of a sample: `[samples, keys]`.
    Keys(&'a [f32]),
    /// By each query: `[samples, queries, keys]`.
    Pairs(&'a [f32]),
}

/// A block of scores.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub sample: usize,
    /// The first query, and how many.
    pub queries: [usize; 2],
    /// The first key, and how many.
    pub keys: [usize; 2],
    /// Floats of a row.
    pub width: usize,
    /// Queries and keys of a sample.
    pub of: [usize; 2],
}

impl Scores<'_> {
    /// Keys that queries before this one may see; a multiple of four, or all, for keys are dropped by fours.
    pub(super) fn reach(&self, query: usize, keys: usize) -> usize {
        if self.causal { query.next_multiple_of(4).min(keys) } else { keys }
    }

    /// Whether a unit of work needs memory for a block of a mask of pairs, and for one of factors.
    pub(super) fn needs(&self) -> [bool; 2] {
        [matches!(self.mask, Some(Mask::Pairs(_))), self.dropped.is_some()]
    }

    /// Whether some of these queries have found no key up to their reach, so that they have to go on to the last one.
    pub(super) fn is_blind(&self, largest: &[f32]) -> bool {
        self.mask.is_some() && largest.contains(&UNSEEN)
    }

    /// Lowers the scores of what is not seen. `work` has as many floats as the block, if there is a mask of pairs.
    pub(super) fn hide(&self, isa: Isa, block: Block, scores: &mut [f32], work: &mut [f32]) {
        let Block { sample, queries: [query, count], keys: [key, len], width, of: [queries, keys] } = block;
        match self.mask {
            None => {}
            Some(Mask::Keys(mask)) => {
                let mask = &mask[sample * keys + key..][..len];
                let hidden = scores.chunks_exact_mut(width).zip(mask).filter(|(_, seen)| **seen == 0.0);
                hidden.for_each(|(scores, _)| scores.fill(UNSEEN));
            }
            Some(Mask::Pairs(mask)) => {
                let mask = &mask[(sample * queries + query) * keys + key..];
                transpose_part(mask, keys, [count, len], work, width);
                // What lies beside the last query belongs to no sample.
                columns::hide(isa, width, &mut scores[..len * width], &work[..len * width]);
            }
        }
        if self.causal && key + len > query + 1 {
            for (key, scores) in (key..).zip(scores.chunks_exact_mut(width).take(len)) {
                scores[..key.saturating_sub(query).min(width)].fill(UNSEEN);
            }
        }
    }
}
