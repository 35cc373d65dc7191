//! Puts what is affine in inference into the weights of the layer before it: a factor and a summand for each output of a kernel are
//! another kernel and another bias. Training is as it was.

use std::collections::BTreeMap;

use super::lower::Lowered;
use super::readers::Readers;
use super::{Compute, Fold, Folded, Head, LayerCall, Place, Step};
use crate::layers::Inference;

/// Folds a layer into the one before it where nobody else reads what is in between, and the one before has no function of its
/// own behind its kernel.
pub(super) fn fold(lowered: &mut Lowered, heads: &[Head]) {
    let readers = Readers::of_tensors(lowered, heads);
    // Uses of both layers have the weights of both in common.
    let mut numbers: BTreeMap<[usize; 2], usize> = BTreeMap::new();
    for index in 0..lowered.steps.len() {
        let Some((before, mut folded)) = folded(lowered, &readers, index) else { continue };
        let next = lowered.parameters + PARAMETERS * numbers.len();
        if let Compute::Layer(taken) = &mut lowered.steps[index].compute {
            taken.fold = Fold::Taken;
        }
        if let Compute::Layer(LayerCall { weights: Some(weights), fold, .. }) = &mut lowered.steps[before].compute {
            folded.number = *numbers.entry([weights.first, folded.weights.first]).or_insert(next);
            *fold = Fold::Takes(Box::new(folded));
        }
    }
}

/// A kernel and a bias are made of both layers' weights.
const PARAMETERS: usize = 2;

/// The layer before one that is affine in inference, and how that can be folded into it, if it can be.
fn folded(lowered: &Lowered, readers: &Readers, index: usize) -> Option<(usize, Folded)> {
    let Step { compute: Compute::Layer(layer), descriptor, operands, results, .. } = &lowered.steps[index] else {
        return None;
    };
    let ([Place::Tensor(operand)], [result]) = (&**operands, &**results) else { return None };
    if layer.facts.inference != Inference::Affine {
        return None;
    }
    readers.only(operand.0)?;
    let before = lowered.producer(*operand);
    let Compute::Layer(linear) = &lowered.steps[before].compute else { return None };
    let outputs = linear.facts.fuses.affine?;
    let channels = &layer.facts.weights.as_ref()?.parameters;
    let fits = channels.iter().all(|parameter| parameter.dims == [outputs.count])
        && linear.activation.is_none()
        && linear.part.is_none()
        && !linear.pooled;
    if !fits {
        return None;
    }
    let folded = Folded {
        descriptor: descriptor.clone(),
        weights: layer.weights.clone()?,
        activation: layer.activation.clone(),
        result: *result,
        run: outputs.run,
        number: 0,
    };
    Some((before, folded))
}
