//! Who wants the gradient of a tensor.

use super::heads::read_by_losses;
use super::lower::Lowered;
use super::{Compute, Head, Place, TensorId};
use crate::graph::Network;
use crate::shape::Element;

/// Who wants the gradient of a tensor: parameters before it, inputs before it, both or nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// There are weights on the way to it.
    pub by_weights: bool,
    /// There is an input of numbers on the way to it.
    pub by_inputs: bool,
}

impl Wanted {
    /// Who wants one of the two.
    pub fn or(self, other: Self) -> Self {
        Self { by_weights: self.by_weights || other.by_weights, by_inputs: self.by_inputs || other.by_inputs }
    }

    /// Whether anybody wants it.
    pub fn by_anybody(self) -> bool {
        self.by_weights || self.by_inputs
    }
}

/// For each tensor, who wants its gradient, if it can have one.
pub(super) fn wanted(network: &Network, lowered: &Lowered, heads: &[Head]) -> Vec<Wanted> {
    let mut result = vec![Wanted::default(); lowered.tensors.len()];
    for step in &lowered.steps {
        // Whether an announced network has weights is not known; nearly all have.
        let by_weights = match &step.compute {
            Compute::Layer(layer) => layer.facts.moves_weights(),
            Compute::Announced { frozen, .. } => !frozen,
        };
        let mut wanted = Wanted { by_weights, by_inputs: false };
        for (index, place) in step.operands.iter().enumerate() {
            if step.compute.has_gradient(index) {
                wanted = wanted.or(of_place(network, &result, *place));
            }
        }
        for tensor in &step.results {
            // Several steps may write parts of it.
            result[tensor.0] = result[tensor.0].or(wanted);
        }
    }
    for (wanted, reached) in result.iter_mut().zip(reached(lowered, heads)) {
        if !reached {
            *wanted = Wanted::default();
        }
    }
    result
}

/// Which tensors a gradient can get to, from an output or a loss: all results of a step if one of them.
fn reached(lowered: &Lowered, heads: &[Head]) -> Vec<bool> {
    let mut reached = vec![false; lowered.tensors.len()];
    lowered.outputs.iter().map(|output| output.tensor).chain(read_by_losses(lowered, heads)).for_each(
        |TensorId(tensor)| {
            reached[tensor] = true;
        },
    );
    for step in lowered.steps.iter().rev() {
        if !step.results.iter().any(|result| reached[result.0]) {
            continue;
        }
        step.results.iter().for_each(|result| reached[result.0] = true);
        for (index, operand) in step.operands.iter().enumerate() {
            if let (Some(TensorId(operand)), true) = (operand.in_arena(), step.compute.has_gradient(index)) {
                reached[operand] = true;
            }
        }
    }
    reached
}

impl Compute {
    /// Whether there is a gradient by the operand of this index.
    pub(crate) fn has_gradient(&self, operand: usize) -> bool {
        match self {
            Self::Layer(layer) => !layer.facts.without_gradient.contains(&operand),
            Self::Announced { .. } => true,
        }
    }
}

/// Who wants the gradient of what is at a place.
pub(crate) fn of_place(network: &Network, tensors: &[Wanted], place: Place) -> Wanted {
    match place {
        Place::Tensor(tensor) => tensors[tensor.0],
        Place::Input(input) => Wanted { by_weights: false, by_inputs: network.inputs[input].element == Element::F32 },
    }
}
