//! The part of each image that somebody reads: a pool of 2x2 over 29x29 pixels reads 28x28 of them, so that the convolution
//! before it computes no more.

use std::collections::BTreeMap;

use super::readers::Readers;
use crate::graph::{Network, Node, Operation, ValueId};
use crate::shape::Shape;

/// The images of a network of which only a part is computed, with the shape of that part, from the first row and column
/// on. All else is computed whole: outputs, what has several readers, what no window slides over.
pub(super) fn parts(network: &Network) -> BTreeMap<ValueId, Shape> {
    let readers = Readers::of_values(network);
    let mut read: BTreeMap<ValueId, Shape> = BTreeMap::new();
    for node in network.nodes.iter().rev() {
        let (Operation::Layer(layer), [operand]) = (&node.operation, &*node.operands) else { continue };
        if readers.only(operand.0).is_none() {
            continue;
        }
        let result = node.results[0];
        let asked_for = read.get(&result).or(network.values[result.0].shape.as_ref());
        let (Some(whole), Some(asked_for)) = (&network.values[operand.0].shape, asked_for) else { continue };
        let part = if passes_on(node) { Some(asked_for.clone()) } else { layer.covers(whole, asked_for) };
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
        if slides || (passes_on(node) && parts.contains_key(operand)) {
            parts.insert(node.results[0], part.clone());
        }
    }
    parts
}

/// Whether an element of the result is computed from that element of the operand.
fn passes_on(node: &Node) -> bool {
    node.facts().meaning.elementwise.is_some()
}
