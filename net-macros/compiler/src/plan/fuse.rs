//! Puts an activation into the layer before it, where nobody else reads what is in between.

use super::lower::Lowered;
use super::{Compute, Fused, Head, Place, TensorId};

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
    for step in std::mem::take(&mut lowered.steps) {
        if let (&Compute::Activation { derivative }, [Place::Tensor(operand)]) = (&step.compute, &*step.operands)
            && derivative.from_result()
            && readers[operand.0] == 1
            && let Some(producer) = kept.iter_mut().rfind(|kept: &&mut super::Step| kept.results == [*operand])
            && let Compute::Weighted { activation: activation @ None, .. } = &mut producer.compute
        {
            let result = step.result();
            *activation = Some(Fused { constant: step.descriptor, derivative });
            producer.results = step.results;
            // What is left of the two is known by the name of the layer.
            lowered.tensors[result.0].name = lowered.tensors[operand.0].name.clone();
            continue;
        }
        kept.push(step);
    }
    lowered.steps = kept;
}
