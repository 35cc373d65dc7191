//! Puts an activation into the layer before it, where nobody else reads what is in between, and a pool of 2x2 into the convolution
//! before it.
//!
//! Each rewrite may meet what the other has made. A layer that has taken a pool applies its activation to the image, before
//! the pool: what stood behind the pool goes there only if the order makes no difference, in values and in gradients, which
//! is sure of a ReLU alone. A layer that has taken an activation takes a pool only if that is a ReLU. No layer takes two of
//! either. Parts of larger tensors are made later, in `join`, which takes no layer with a pool.

use super::lower::Lowered;
use super::{Compute, Fused, Head, Place, Step, TensorId};
use crate::layers::Derivative;

/// Bytes of a number, of which each can say which of four pixels was the largest.
const BYTES: usize = 4;

/// Fuses what can be fused. What a loss reads stays.
pub(super) fn fuse(lowered: &mut Lowered, heads: &[Head]) {
    let mut readers = vec![0_usize; lowered.tensors.len()];
    let read_by_losses = heads.iter().flat_map(|head| &head.terms).map(|term| term.reads);
    let outputs = lowered.outputs.iter().map(|output| output.tensor);
    let operands = lowered.steps.iter().flat_map(|step| &step.operands).filter_map(|place| match place {
        Place::Tensor(tensor) => Some(*tensor),
        Place::Input(_) => None,
    });
    for TensorId(tensor) in read_by_losses.chain(outputs).chain(operands) {
        readers[tensor] += 1;
    }

    let mut kept = Vec::with_capacity(lowered.steps.len());
    let mut dropped = Vec::new();
    for step in std::mem::take(&mut lowered.steps) {
        if let (&Compute::Activation { derivative }, [Place::Tensor(operand)]) = (&step.compute, &*step.operands)
            && derivative.from_result()
            && readers[operand.0] == 1
            && let Some(producer) = kept.iter_mut().rfind(|kept: &&mut Step| kept.results == [*operand])
            && let Compute::Weighted { activation: activation @ None, choices, .. } = &mut producer.compute
            && (choices.is_none() || derivative == Derivative::Mask)
        {
            let result = step.result();
            *activation = Some(Fused { constant: step.descriptor, derivative });
            producer.results = step.results;
            // What is left of the two is known by the name of the layer.
            lowered.tensors[result.0].name = lowered.tensors[operand.0].name.clone();
            continue;
        }
        if let [Place::Tensor(operand)] = *step.operands
            && let Some(pooled) = lowered.pools_of_pairs.get(&step.result())
            && readers[operand.0] == 1
            && let Some(producer) = kept.iter_mut().rfind(|kept: &&mut Step| kept.results == [operand])
            && let Compute::Weighted { activation, image: image @ Some(_), choices, .. } = &mut producer.compute
            // Behind a change of shape the pairs are others.
            && *image == Some(*pooled)
            && activation.as_ref().is_none_or(|activation| activation.derivative == Derivative::Mask)
        {
            // The place of the image becomes that of the choices; there is a byte for each pooled value.
            *choices = Some(operand);
            *image = None;
            let result = step.result();
            lowered.tensors[operand.0].len = lowered.tensors[result.0].len.div_ceil(BYTES);
            producer.results = step.results;
            dropped.push(step.descriptor);
            continue;
        }
        kept.push(step);
    }
    lowered.steps = kept;
    lowered.drop_constants(dropped);
}
