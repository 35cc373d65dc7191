//! Weights that no loss reaches: they would never learn.

use super::producer;
use crate::errors::{Errors, Message};
use crate::graph::{Network, ValueId};

/// Tells which weights of a network that has losses none of them reaches.
pub(super) fn reach(network: &Network, errors: &mut Errors) {
    if network.losses.is_empty() {
        return;
    }
    let mut reached = vec![false; network.nodes.len()];
    let mut open: Vec<ValueId> = network.losses.iter().filter_map(|loss| network.outputs[loss.output].value).collect();
    while let Some(value) = open.pop() {
        let Some(id) = producer(network, value) else { continue };
        if !std::mem::replace(&mut reached[id.0], true) {
            open.extend(&network.nodes[id.0].operands);
        }
    }
    for (index, owner) in network.owners.iter().enumerate() {
        let learns = network
            .nodes
            .iter()
            .zip(&reached)
            .any(|(node, reached)| *reached && node.owner.is_some_and(|owner| owner.0 == index));
        if !learns {
            let text = format!("no loss reaches the weights of `{}`, so they would never learn", owner.name);
            let span = network.nodes[owner.first_use.0].stage.span;
            errors.push(Message::new(span, text).help("add a `loss` for the output that they lead to"));
        }
    }
}
