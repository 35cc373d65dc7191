//! Who reads each tensor: what fusion, concatenations without a copy, gradients in place and the layout of memory ask.

use super::heads::read_by_losses;
use super::lower::Lowered;
use super::{Head, Place, TensorId};
use crate::graph::{Network, ValueId};

/// The readers of each tensor, or of each value of a graph.
pub(super) struct Readers {
    /// The steps, or nodes, that have it as an operand, each as often as it does.
    within: Vec<Vec<usize>>,
    /// Whether it is read outside of them: as an output, or by a loss.
    outside: Vec<bool>,
}

impl Readers {
    /// The readers of the tensors of a plan.
    pub(super) fn of_tensors(lowered: &Lowered, heads: &[Head]) -> Self {
        let outputs = lowered.outputs.iter().map(|output| output.tensor);
        let steps = lowered.steps.iter().map(|step| step.operands.iter().filter_map(Place::in_arena).map(index));
        Self::new(lowered.tensors.len(), steps, outputs.chain(read_by_losses(lowered, heads)).map(index))
    }

    /// The readers of the values of a graph.
    pub(super) fn of_values(network: &Network) -> Self {
        let outputs = network.outputs.iter().filter_map(|output| output.value);
        let regularized =
            network.nodes.iter().filter(|node| node.facts.as_ref().is_some_and(|facts| facts.activity.is_some()));
        let regularized = regularized.flat_map(|node| &node.results).copied();
        let nodes = network.nodes.iter().map(|node| node.operands.iter().map(|&ValueId(value)| value));
        Self::new(network.values.len(), nodes, outputs.chain(regularized).map(|ValueId(value)| value))
    }

    fn new(
        count: usize,
        within: impl Iterator<Item = impl Iterator<Item = usize>>,
        outside: impl Iterator<Item = usize>,
    ) -> Self {
        let mut readers = Self { within: vec![Vec::new(); count], outside: vec![false; count] };
        for (reader, operands) in within.enumerate() {
            operands.for_each(|operand| readers.within[operand].push(reader));
        }
        outside.for_each(|read| readers.outside[read] = true);
        readers
    }

    /// The steps or nodes that read it, those that do twice twice.
    pub(super) fn within(&self, read: usize) -> &[usize] {
        &self.within[read]
    }

    /// The same, if it is not read outside of them.
    pub(super) fn inside(&self, read: usize) -> Option<&[usize]> {
        (!self.outside[read]).then(|| &*self.within[read])
    }

    /// The step or node that reads it, if nobody else does and it does once.
    pub(super) fn only(&self, read: usize) -> Option<usize> {
        match *self.within[read] {
            [reader] if !self.outside[read] => Some(reader),
            _ => None,
        }
    }
}

fn index(TensorId(tensor): TensorId) -> usize {
    tensor
}
