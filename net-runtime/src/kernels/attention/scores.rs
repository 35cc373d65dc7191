//! What scores are made of, and what is done with them before the softmax.

use super::additive;
use super::columns::{self, UNSEEN};
use super::factors::Head;
use crate::kernels::elementwise::dropout::Mask as Dropped;
use crate::kernels::gemm::transpose::transpose_part;
use crate::kernels::simd::Isa;
use crate::tensor::param::Store;

/// What a score is made of, a query and a key.
#[derive(Clone, Copy)]
pub(crate) enum Score<'a> {
    /// Their product, times this.
    Product { scale: f32 },
    /// Σ factor · tanh(query + key), with a factor for each of their elements.
    Additive { factors: &'a [f32] },
}

impl Score<'_> {
    /// What a query is multiplied by before anything else is done with it.
    pub(super) fn scale(&self) -> f32 {
        match self {
            Self::Product { scale } => *scale,
            Self::Additive { .. } => 1.0,
        }
    }

    /// The factors of additive scores: none of others.
    pub(crate) fn factors(&self) -> usize {
        match self {
            Self::Product { .. } => 0,
            Self::Additive { factors } => factors.len(),
        }
    }
}

/// How scores are made of queries and keys, and weights of scores.
#[derive(Clone, Copy)]
pub(crate) struct Scores<'a> {
    /// What is made of a query and a key.
    pub score: Score<'a>,
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

    /// The scores of a block of keys, the one from `first` on, and of queries that lie side by side.
    pub(super) fn of_block(&self, isa: Isa, key: Head<'_>, first: usize, queries: (&[f32], usize), block: &mut [f32]) {
        let (columns, width) = queries;
        match self.score {
            Score::Product { .. } => {
                let rows = block.len() / width;
                key.rows(first).times(isa, columns, width, block, rows, Store::Set);
            }
            Score::Additive { factors } => additive::scores(isa, key, first, queries, factors, block),
        }
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
