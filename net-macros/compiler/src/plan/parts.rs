//! The part of each image that somebody reads: a pool of 2x2 over 29x29 pixels reads 28x28 of them, so that the convolution
//! before it computes no more.

use std::collections::BTreeMap;

use crate::graph::{Network, Operation, Shape, ValueId};
use crate::layers::{Layer, Lowering};

/// The images of a network of which only a part is computed, with the shape of that part, from the first row and column
/// on. All else is computed whole: outputs, what has several readers, what no window slides over.
pub(super) fn parts(network: &Network) -> BTreeMap<ValueId, Shape> {
    let mut readers = vec![0; network.values.len()];
    let outputs = network.outputs.iter().filter_map(|output| output.value);
    for value in network.nodes.iter().flat_map(|node| node.operands.iter().copied()).chain(outputs) {
        readers[value.0] += 1;
    }
    let mut read: BTreeMap<ValueId, Shape> = BTreeMap::new();
    for node in network.nodes.iter().rev() {
        let (Operation::Layer(layer), [operand]) = (&node.operation, &*node.operands) else { continue };
        if readers[operand.0] != 1 {
            continue;
        }
        let result = node.results[0];
        let asked_for = read.get(&result).or(network.values[result.0].shape.as_ref());
        let (Some(whole), Some(asked_for)) = (&network.values[operand.0].shape, asked_for) else { continue };
        let part = if passes_on(layer.as_ref()) { Some(asked_for.clone()) } else { layer.covers(whole, asked_for) };
        if let Some(part) = part.filter(|part| part != whole) {
            read.insert(*operand, part);
        }
    }
    // Who computes a part: a window that slides less far, and a function of what is computed in part.
    let mut parts = BTreeMap::new();
    for node in &network.nodes {
        let (Operation::Layer(layer), [operand]) = (&node.operation, &*node.operands) else { continue };
        let Some(part) = read.get(&node.results[0]) else { continue };
        let whole = network.values[operand.0].shape.as_ref();
        let slides = whole.is_some_and(|whole| layer.covers(whole, part).is_some());
        if slides || (passes_on(layer.as_ref()) && parts.contains_key(operand)) {
            parts.insert(node.results[0], part.clone());
        }
    }
    parts
}

/// Whether an element of the result is computed from that element of the operand.
fn passes_on(layer: &dyn Layer) -> bool {
    matches!(layer.lowering(), Lowering::Activation { .. })
}
