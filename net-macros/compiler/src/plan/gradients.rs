//! Who wants the gradient of a tensor.

use super::lower::Lowered;
use super::{Compute, Place};
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

/// For each tensor, who wants its gradient.
pub(super) fn wanted(network: &Network, lowered: &Lowered) -> Vec<Wanted> {
    let mut result = vec![Wanted::default(); lowered.tensors.len()];
    for step in &lowered.steps {
        // Whether an announced network has weights is not known; nearly all have.
        let by_weights = match &step.compute {
            Compute::Layer(layer) => layer.weights.is_some(),
            Compute::Announced { .. } => true,
        };
        let mut wanted = Wanted { by_weights, by_inputs: false };
        for place in &step.operands {
            wanted = wanted.or(of_place(network, &result, *place));
        }
        for tensor in &step.results {
            // Several steps may write parts of it.
            result[tensor.0] = result[tensor.0].or(wanted);
        }
    }
    result
}

/// Who wants the gradient of what is at a place.
pub(crate) fn of_place(network: &Network, tensors: &[Wanted], place: Place) -> Wanted {
    match place {
        Place::Tensor(tensor) => tensors[tensor.0],
        Place::Input(input) => Wanted { by_weights: false, by_inputs: network.inputs[input].element == Element::F32 },
    }
}
