//! Puts an activation into the layer before it, where nobody else reads what is in between, and a pool of 2x2 into the convolution
//! before it.
//!
//! Each rewrite may meet what the other has made. A layer that has taken a pool applies its activation to the image, before
//! the pool: what stood behind the pool goes there only if the order makes no difference, in values and in gradients, which
//! is sure of a ReLU alone. A layer that has taken an activation takes a pool only if that is a ReLU. No layer takes two of
//! either. An activation whose derivative needs its operand goes into a layer alone that computes that again in its backward pass. Parts of
//! larger tensors are made later, in `join`, which takes no layer with a pool.

use super::lower::Lowered;
use super::readers::Readers;
use super::{Compute, Fused, Head, Kept, LayerCall, Place, Step};
use crate::layers::Derivative;

/// Bytes of a number, of which each can say which of four pixels was the largest.
const BYTES: usize = 4;

/// Fuses what can be fused. What a loss reads stays.
pub(super) fn fuse(lowered: &mut Lowered, heads: &[Head]) {
    let readers = Readers::of_tensors(lowered, heads);
    let mut kept: Vec<Step> = Vec::with_capacity(lowered.steps.len());
    for step in std::mem::take(&mut lowered.steps) {
        let [Place::Tensor(operand)] = *step.operands else {
            kept.push(step);
            continue;
        };
        let before = kept.iter_mut().rfind(|kept| kept.results == [operand]);
        let (true, Some(before), Compute::Layer(layer)) = (readers.only(operand.0).is_some(), before, &step.compute)
        else {
            kept.push(step);
            continue;
        };
        let result = step.result();
        if let Some(derivative) = layer.facts.meaning.elementwise
            && let Compute::Layer(before_layer) = &mut before.compute
            && before_layer.takes_activation(derivative)
        {
            before_layer.activation = Some(Fused { constant: step.descriptor, derivative });
            before.results = step.results;
            // What is left of the two is known by the name of the layer.
            lowered.tensors[result.0].name = lowered.tensors[operand.0].name.clone();
        } else if let Some(pooled) = lowered.pools_of_pairs.get(&result)
            && let Compute::Layer(before_layer) = &mut before.compute
            && before.times == step.times
            && before_layer.takes_pool(*pooled)
        {
            // The place of the image becomes that of the choices; there is a byte for each pooled value.
            before_layer.pooled = true;
            before_layer.saved.push(Kept { name: "choices", tensor: operand });
            before_layer.image = None;
            let pooled_values = lowered.tensors[result.0].len / step.times;
            lowered.tensors[operand.0].len = step.times * pooled_values.div_ceil(BYTES);
            before.results = step.results;
        } else {
            kept.push(step);
        }
    }
    lowered.steps = kept;
}

impl LayerCall {
    /// Whether it can apply a function to its result: it has none yet, and the derivative needs nothing that is gone then. Where a
    /// pool is in it already, the function is applied before that, which is the same for a ReLU alone.
    fn takes_activation(&self, derivative: Derivative) -> bool {
        self.facts.fuses.activation
            && (derivative.from_result() || self.facts.fuses.derivative)
            && self.activation.is_none()
            && (!self.pooled || derivative == Derivative::Mask)
    }

    /// Whether a pool of 2x2 of this image can follow within it: behind a change of shape the pairs are others, and the
    /// largest before a function is the largest behind it if that is a ReLU.
    fn takes_pool(&self, image: [usize; 3]) -> bool {
        let function = self.activation.as_ref();
        self.facts.fuses.pool
            && self.image == Some(image)
            && function.is_none_or(|function| function.derivative == Derivative::Mask)
    }
}
