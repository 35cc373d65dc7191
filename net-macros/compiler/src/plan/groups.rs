//! What is frozen and lies before everything that is trained: in a pass for gradients by weights alone nothing of it is read again
//! but its results. So it is computed for a group of samples after the other, in memory for one group, as in inference; only what
//! the rest reads is there for the whole batch.

use super::lower::Lowered;
use super::{Compute, Step, TensorId};

/// Floats that a group's tensors take, a few megabytes: beside them and the weights, the last cache has room for what a layer works with, and a
/// layer has work enough to be divided among threads.
const FLOATS: usize = 1 << 20;

/// How often each weight of a layer is used for a sample at least: those of a dense layer are used once, and would be read again for
/// every group.
const USES: u64 = 32;

/// The steps that are computed in groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouped {
    /// How many, from the first one on.
    pub steps: usize,
    /// Floats of one sample that are there for a group alone. They lie behind all that are there for the batch.
    pub floats: usize,
}

impl Grouped {
    /// Samples of a group.
    pub fn samples(self) -> usize {
        (FLOATS / self.floats).max(1)
    }
}

/// How many of the first steps may be computed in groups, if these tensors have a gradient.
pub(super) fn leading(lowered: &Lowered, has_gradient: impl Fn(TensorId) -> bool) -> usize {
    let alone = |step: &&Step| step.takes_samples_alone() && !step.results.iter().any(|&result| has_gradient(result));
    lowered.steps.iter().take_while(alone).count()
}

impl Step {
    /// Whether it computes each sample by itself, in a group as in the batch: random numbers are drawn for places in the batch, and
    /// of an announced network it is not known what it does.
    fn takes_samples_alone(&self) -> bool {
        let Compute::Layer(layer) = &self.compute else { return false };
        let facts = &layer.facts;
        let weights = facts.weights.as_ref().map_or(0, |weights| weights.count() as u64);
        let uses = facts.multiply_adds.saturating_mul(self.times as u64);
        let often = weights.saturating_mul(USES) <= uses || weights.saturating_mul(USES) <= FLOATS as u64;
        often && !facts.mixes_samples && !facts.takes.random && !facts.moves_weights()
    }
}
