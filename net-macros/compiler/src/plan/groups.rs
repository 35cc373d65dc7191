//! What is computed for a group of samples after the other, in memory for one group: its tensors stay in a cache from the step that
//! computes them to those that read them, and only what other steps read is there for the whole batch.
//!
//! In inference these are all steps whose weights are used often. In a pass for gradients by weights alone it is what is frozen and lies
//! before everything that is trained: nothing of it is read again but its results.

use std::ops::Range;

use super::lower::Lowered;
use super::{Compute, InInference, LayerCall, Step, TensorId};
use crate::layers::Facts;

/// Floats that the tensors of a group take in inference: of whole batches they go through memory, in smaller groups operations are too short
/// for many threads. MobileNetV2 for 32 images of 96x96 takes 0.86 to 0.91 of the time in groups of these sizes, networks whose batches are
/// as small take the same.
const FLOATS: usize = 4 << 20;

/// Floats of a sample from which on groups serve in inference: with less, batches of the usual sizes are one group, and what one sample takes
/// alone is more by what is apart then.
const FLOATS_OF_SAMPLE: usize = FLOATS / 64;

/// As many for each weight of the steps, which is read again for every group, from a far cache.
const FLOATS_PER_WEIGHT: usize = 4;

/// Floats that the tensors of a group take in training, where they lie beside all that is kept.
const FLOATS_IN_TRAINING: usize = 1 << 20;

/// How often each weight of a layer is used for a sample at least: those of a dense layer are used once, and would be read again for
/// every group.
const USES: u64 = 32;

/// Weights that are few for any number of uses.
const FEW_WEIGHTS: u64 = 32 << 10;

/// Neighbouring steps that may be computed in groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Which ones.
    pub steps: Range<usize>,
    /// Floats that a group's tensors may take.
    pub room: usize,
    /// Floats of a sample from which on they may.
    pub least: usize,
}

impl Run {
    /// As many samples as these may have, if each has so many floats; nothing if it has too few.
    pub fn grouped(self, floats: usize) -> Option<Grouped> {
        let samples = (self.room / floats.max(1)).max(1);
        (floats >= self.least).then_some(Grouped { steps: self.steps, samples, floats })
    }
}

/// Neighbouring steps that are computed in groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouped {
    /// Which ones.
    pub steps: Range<usize>,
    /// Samples of a group.
    pub samples: usize,
    /// Floats of one sample that are there for a group alone. They lie behind all that are there for the batch.
    pub floats: usize,
}

/// The steps of an inference pass that may be computed in groups: every longest run of them.
pub(super) fn of_inference(lowered: &Lowered) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (index, step) in lowered.steps.iter().enumerate().filter(|(_, step)| step.takes_samples_alone_in_inference()) {
        let floats = FLOATS_PER_WEIGHT * step.weights();
        match runs.last_mut() {
            Some(run) if run.steps.end == index => {
                run.steps.end += 1;
                run.room += floats;
            }
            _ => runs.push(Run { steps: index..index + 1, room: floats, least: FLOATS_OF_SAMPLE }),
        }
    }
    runs.iter_mut().for_each(|run| run.room = run.room.max(FLOATS));
    runs
}

/// The first steps of a training pass that may be computed in groups, if these tensors have a gradient.
pub(super) fn of_training(lowered: &Lowered, has_gradient: impl Fn(TensorId) -> bool) -> Run {
    let alone = |step: &&Step| {
        step.takes_samples_alone_in_training() && !step.results.iter().any(|&result| has_gradient(result))
    };
    Run { steps: 0..lowered.steps.iter().take_while(alone).count(), room: FLOATS_IN_TRAINING, least: 1 }
}

impl Step {
    /// Whether it computes each sample by itself, in a group as in the batch, as every layer does, and loses nothing by that. Of an announced
    /// network it is not known what it does. What a step before it computes is no work.
    fn takes_samples_alone_in_inference(&self) -> bool {
        let Compute::Layer(layer) = &self.compute else { return false };
        matches!(layer.inference, InInference::Taken) || self.uses_weights_often(layer)
    }

    /// The same in training, where random numbers are drawn for places in the batch.
    fn takes_samples_alone_in_training(&self) -> bool {
        let Compute::Layer(layer) = &self.compute else { return false };
        let facts = &layer.facts;
        self.uses_weights_often(layer) && !facts.mixes_samples && !facts.takes.random && !facts.moves_weights()
    }

    /// Whether it matters little that its weights are read for every group: each is used many times in one reading, or there are few of
    /// them. A recurrent layer reads them for every step of its sequence.
    fn uses_weights_often(&self, layer: &LayerCall) -> bool {
        let Facts { multiply_adds, turns, .. } = *layer.facts;
        let weights = self.weights() as u64;
        let uses = multiply_adds.saturating_mul(self.times as u64) / turns.max(1) as u64;
        weights.saturating_mul(USES) <= uses || turns == 1 && weights <= FEW_WEIGHTS
    }

    /// Number of its weights, as far as that is known.
    fn weights(&self) -> usize {
        let Compute::Layer(layer) = &self.compute else { return 0 };
        layer.facts.weights.as_ref().map_or(0, |weights| weights.count())
    }
}
