//! Weights that no loss reaches: they would never learn.

use super::{describe, producer};
use crate::errors::{Errors, Message};
use crate::graph::{HeadLoss, Network, Node, Operation, Owner, ValueId};

/// Tells which weights of a network that has losses none of them reaches, nor a term of an activity; `known` are the networks that may be inside of it.
pub(super) fn reach(network: &Network, known: &[Network], errors: &mut Errors) {
    if network.losses.is_empty() {
        return;
    }
    let outputs = network.losses.iter().map(|loss| network.outputs[loss.output].value);
    let activities = network.nodes.iter().filter(|node| has_activity(node, known)).flat_map(|node| &node.results);
    let reached = reached(network, outputs.chain(activities.map(|result| Some(*result))));
    for loss in &network.losses {
        nothing_to_train(network, loss, known, errors);
    }
    for (index, owner) in network.owners.iter().enumerate() {
        let learns = network
            .nodes
            .iter()
            .zip(&reached)
            .any(|(node, reached)| *reached && node.owner.is_some_and(|owner| owner.0 == index));
        if !learns && !owner.frozen && has_weights(&owner.operation, known, is_trained) {
            let text = format!("no loss reaches the weights of `{}`, so they would never learn", owner.name);
            let span = network.nodes[owner.first_use.0].stage.span;
            let message = describe::within_template(network, owner.first_use, Message::new(span, text));
            errors.push(message.help(help(network, index)));
        }
    }
}

/// Tells that all that a loss reaches is frozen.
fn nothing_to_train(network: &Network, loss: &HeadLoss, known: &[Network], errors: &mut Errors) {
    let output = &network.outputs[loss.output];
    let reached = reached(network, [output.value]);
    let reached = || network.nodes.iter().zip(&reached).filter(|(_, reached)| **reached).map(|(node, _)| node);
    let owning = || reached().filter(|node| node.owner.is_some());
    let holds = |node: &&Node| node.frozen && has_weights(&node.operation, known, |_| true);
    let Some(first) = owning().find(holds) else { return };
    if owning().any(|node| !node.frozen && has_weights(&node.operation, known, is_trained)) {
        return;
    }
    let text = format!("the loss of `{}` has nothing to train: all weights before it are frozen", output.name);
    let message = Message::new(loss.terms.first().map_or(output.name.span(), |term| term.span), text);
    let line = first.stage.span.start().line;
    errors.push(
        message
            .note(format!("the first of them is in line {line}"))
            .help("leave out a `frozen = true`, or the loss: a `metric` needs none"),
    );
}

/// The nodes that a gradient gets to from these values.
fn reached(network: &Network, from: impl IntoIterator<Item = Option<ValueId>>) -> Vec<bool> {
    let mut reached = vec![false; network.nodes.len()];
    let mut open: Vec<ValueId> = from.into_iter().flatten().collect();
    while let Some(value) = open.pop() {
        let Some(id) = producer(network, value) else { continue };
        if !std::mem::replace(&mut reached[id.0], true) {
            open.extend(gradients(&network.nodes[id.0]));
        }
    }
    reached
}

/// Whether training changes what an owner holds, as far as it says itself.
fn is_trained(owner: &Owner) -> bool {
    !owner.frozen
}

/// Whether there are weights, in a network those of owners for which that holds; of what is announced it is not known, but nearly all of
/// it has weights.
fn has_weights(operation: &Operation, known: &[Network], of: fn(&Owner) -> bool) -> bool {
    match operation {
        Operation::Layer(_) | Operation::OpenSteps | Operation::CloseSteps => true,
        Operation::Network(id) => known.get(id.0).is_none_or(|inner| {
            let has = |owner: &Owner| of(owner) && has_weights(&owner.operation, known, of);
            inner.announced.is_some() || inner.owners.iter().any(has)
        }),
    }
}

/// Whether what a node computes adds a term to the loss: its own result, or something within the network that it is a use of.
fn has_activity(node: &Node, known: &[Network]) -> bool {
    match node.operation {
        Operation::Network(id) => {
            !node.frozen
                && known.get(id.0).is_some_and(|inner| inner.nodes.iter().any(|node| has_activity(node, known)))
        }
        Operation::Layer(_) | Operation::OpenSteps | Operation::CloseSteps => {
            node.facts.as_ref().is_some_and(|facts| facts.activity.is_some())
        }
    }
}

/// The operands by which a node has a gradient.
fn gradients(node: &Node) -> impl Iterator<Item = ValueId> {
    let without = node.facts.as_ref().map_or(&[] as &[usize], |facts| &facts.without_gradient);
    let with_gradient = node.operands.iter().enumerate().filter(|(index, _)| !without.contains(index));
    with_gradient.map(|(_, operand)| *operand)
}

/// The outputs that a place of weights leads to want a loss.
fn help(network: &Network, owner: usize) -> String {
    let leads = |value: ValueId| {
        let mut open = vec![value];
        let mut seen = vec![false; network.nodes.len()];
        while let Some(value) = open.pop() {
            let Some(id) = producer(network, value) else { continue };
            if network.nodes[id.0].owner.is_some_and(|found| found.0 == owner) {
                return true;
            }
            if !std::mem::replace(&mut seen[id.0], true) {
                open.extend(gradients(&network.nodes[id.0]));
            }
        }
        false
    };
    let outputs = network.outputs.iter().filter(|output| output.value.is_some_and(leads));
    let losses: Vec<_> = outputs.map(|output| format!("`loss {}: ...;`", output.name)).collect();
    match losses.as_slice() {
        [] => "remove them, or let them lead to an output that has a `loss`".to_owned(),
        losses => format!("add {}", losses.join(" or ")),
    }
}
