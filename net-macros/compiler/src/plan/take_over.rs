//! In inference a layer computes what stands behind it, where nobody else reads what is in between. Training, which needs that for its
//! backward pass, is as it was.
//!
//! What is affine in inference goes into the weights, for a factor and a summand for each output of a kernel are another kernel and
//! another bias. A sum is the result added to what lies where it goes: to the other operand, which nobody reads any more. An activation,
//! whatever its derivative needs, is applied last.

use std::collections::BTreeMap;

use super::lower::Lowered;
use super::memory::homes;
use super::readers::Readers;
use super::{Compute, Folded, Head, InInference, LayerCall, Place, Step, Taken, TensorId};
use crate::layers::Inference;

/// Lets each layer take over what it can of the steps behind it.
pub(super) fn take_over(lowered: &mut Lowered, heads: &[Head]) {
    let readers = Readers::of_tensors(lowered, heads);
    let homes = homes(lowered, heads);
    // Uses of both layers have the weights of both in common.
    let mut numbers: BTreeMap<[usize; 2], usize> = BTreeMap::new();
    for index in 0..lowered.steps.len() {
        let Some((mut taken, behind)) = Search { lowered, readers: &readers, homes: &homes }.behind(index) else {
            continue;
        };
        for step in behind {
            if let Compute::Layer(layer) = &mut lowered.steps[step].compute {
                layer.inference = InInference::Taken;
            }
        }
        let next = lowered.parameters + PARAMETERS * numbers.len();
        if let Compute::Layer(LayerCall { weights, inference, .. }) = &mut lowered.steps[index].compute {
            if let (Some(weights), Some(folded)) = (weights, &mut taken.folded) {
                folded.number = *numbers.entry([weights.first, folded.weights.first]).or_insert(next);
            }
            *inference = InInference::Takes(Box::new(taken));
        }
    }
}

/// A kernel and a bias are made of both layers' weights.
const PARAMETERS: usize = 2;

/// What is asked of the steps.
#[derive(Clone, Copy)]
struct Search<'a> {
    lowered: &'a Lowered,
    readers: &'a Readers,
    /// The tensor whose place each tensor uses.
    homes: &'a [usize],
}

impl Search<'_> {
    /// What a layer computes for the steps behind it, and which steps these are; nothing if there are none.
    fn behind(self, index: usize) -> Option<(Taken, Vec<usize>)> {
        let step = &self.lowered.steps[index];
        let (Compute::Layer(layer), [result]) = (&step.compute, &*step.results) else { return None };
        if matches!(layer.inference, InInference::Taken) || layer.pooled || layer.part.is_some() || layer.copies_nothing
        {
            return None;
        }
        let activation = layer.activation.as_ref().map(|function| function.constant.clone());
        let mut taken = Taken { folded: None, sum_with: None, activation, result: *result, steps: Vec::new() };
        let mut behind = Vec::new();
        while let Some(reader) = self.readers.only(taken.result.0)
            && self.takes(index, &mut taken, reader)
        {
            behind.push(reader);
        }
        (!behind.is_empty()).then_some((taken, behind))
    }

    /// Takes a step that alone reads the result so far, if that is possible; says whether it was.
    fn takes(self, index: usize, taken: &mut Taken, reader: usize) -> bool {
        let (Compute::Layer(layer), next) = (&self.lowered.steps[index].compute, &self.lowered.steps[reader]) else {
            return false;
        };
        let (Compute::Layer(behind), [result]) = (&next.compute, &*next.results) else { return false };
        if taken.activation.is_some() || behind.part.is_some() {
            return false;
        }
        let own_activation = behind.activation.as_ref().map(|function| function.constant.clone());
        if taken.sum_with.is_none()
            && taken.folded.is_none()
            && let Some(folded) = folded(layer, next)
        {
            taken.folded = Some(folded);
            taken.activation = own_activation;
        } else if layer.facts.fuses.sum
            && taken.sum_with.is_none()
            && let Some(other) = self.added(index, taken.result, reader)
        {
            taken.sum_with = Some(other);
            taken.activation = own_activation;
        } else if layer.facts.fuses.activation && behind.facts.meaning.elementwise.is_some() {
            taken.activation = Some(next.descriptor.clone());
        } else {
            return false;
        }
        taken.result = *result;
        taken.steps.push(next.descriptor.clone());
        true
    }

    /// The other operand of a sum of two, if the sum can take its place when the step of this index is computed: it is there by then,
    /// and nothing else reads it any more.
    fn added(self, index: usize, operand: TensorId, reader: usize) -> Option<TensorId> {
        let Step { compute: Compute::Layer(sum), operands, results, .. } = &self.lowered.steps[reader] else {
            return None;
        };
        let other = match operands[..] {
            [Place::Tensor(left), Place::Tensor(right)] if left == operand => right,
            [Place::Tensor(left), Place::Tensor(right)] if right == operand => left,
            _ => return None,
        };
        let tensors = &self.lowered.tensors;
        let shares = |tensor: usize| self.homes[tensor] == self.homes[other.0];
        let is_free = (0..tensors.len()).filter(|&tensor| shares(tensor)).all(|tensor| {
            let read = self.readers.inside(tensor);
            read.is_some_and(|readers| readers.iter().all(|&step| step < index || step == reader))
                && tensors[tensor].within.is_none()
        });
        let has_parts =
            tensors.iter().filter_map(|tensor| tensor.within?.whole.in_arena()).any(|TensorId(of)| shares(of));
        let mut after = self.lowered.steps[index..].iter().flat_map(|step| &step.results);
        let fits = sum.facts.meaning.sum
            && tensors[other.0].len == tensors[results[0].0].len
            && is_free
            && !has_parts
            && !after.any(|result| *result == other);
        fits.then_some(other)
    }
}

/// How a layer that is affine in inference can be folded into one before it, if it can be.
fn folded(linear: &LayerCall, next: &Step) -> Option<Folded> {
    let Step { compute: Compute::Layer(layer), descriptor, .. } = next else { return None };
    let outputs = linear.facts.fuses.affine.filter(|_| layer.facts.inference == Inference::Affine)?;
    let channels = &layer.facts.weights.as_ref()?.parameters;
    let fits = channels.iter().all(|parameter| parameter.dims == [outputs.count]);
    let weights = layer.weights.clone().filter(|_| fits)?;
    Some(Folded { descriptor: descriptor.clone(), weights, run: outputs.run, number: 0 })
}
