//! Words for tensors and their origins, in messages about shapes.

use proc_macro2::Span;

use super::producer;
use crate::errors::Message;
use crate::graph::{Element, Network, Node, NodeId, Operation, Origin, ValueId};
use crate::layers::{At, Lowering, Misfit};

/// What is said about operands that do not fit.
pub(super) fn misfit(network: &Network, id: NodeId, misfit: Misfit) -> Message {
    let Misfit { at, text, origins, fact, help } = misfit;
    let node = &network.nodes[id.0];
    let names: Vec<String> = (0..node.operands.len()).map(|index| operand(network, id, index)).collect();
    let named = |text: &str| {
        names
            .iter()
            .enumerate()
            .fold(text.to_owned(), |text, (index, name)| text.replace(&format!("{{{index}}}"), name))
    };
    let span = match at {
        At::Stage => node.stage.span,
        At::Argument(name) => {
            let argument = node.stage.argument_spans.iter().find(|(argument, _)| *argument == name);
            argument.map_or(node.stage.span, |(_, span)| *span)
        }
        At::Operand(index) => node.operand_spans.get(index).copied().unwrap_or(node.stage.span),
    };
    let mut message = Message::new(span, named(&text));
    if origins {
        let mentioned: Vec<usize> = (0..names.len()).filter(|index| text.contains(&format!("{{{index}}}"))).collect();
        let mentioned = if mentioned.is_empty() { (0..names.len()).collect() } else { mentioned };
        let mut facts: Vec<String> = mentioned
            .into_iter()
            .map(|index| format!("{} {}", names[index], origin(network, node.operands[index])))
            .collect();
        facts.dedup();
        let facts = facts.join(", ");
        message = message.note(match fact {
            Some(fact) => format!("{facts}; {}", named(&fact)),
            None => facts,
        });
    }
    let used = format!("used in line {}", line(use_place(network, id)));
    // The origin of its input has told it already if it comes from the stage before.
    if node.part_of.is_some() && !message.notes.iter().any(|note| note.ends_with(&used)) {
        message =
            message.note(format!("`{}` is used in line {}", shared_name(network, node), line(use_place(network, id))));
    }
    match help {
        Some(help) => message.help(named(&help)),
        None => message,
    }
}

const ORDINALS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];

/// What an operand is called: by its name, else by its place.
pub(super) fn operand(network: &Network, id: NodeId, index: usize) -> String {
    let node = &network.nodes[id.0];
    match (&network.values[node.operands[index].0].name, node.operands.len()) {
        (Some(name), _) => format!("`{name}`"),
        (None, 1) => "its input".to_owned(),
        (None, _) => match ORDINALS.get(index) {
            Some(ordinal) => format!("its {ordinal} input"),
            None => format!("input {} of all", index + 1),
        },
    }
}

/// Where a value's shape comes from, as the end of a sentence.
pub(super) fn origin(network: &Network, value: ValueId) -> String {
    let shaped = shaping(network, value);
    let Some(id) = producer(network, shaped) else {
        return match network.values[shaped.0].origin {
            Origin::Input(index) => match network.inputs.get(index) {
                Some(input) if shaped == value => format!("is an input, declared in line {}", line(input.name.span())),
                Some(input) => {
                    format!("comes from the input `{}`, declared in line {}", input.name, line(input.name.span()))
                }
                None => "is an input".to_owned(),
            },
            Origin::Node { .. } | Origin::Poison => "is unknown".to_owned(),
        };
    };
    let node = &network.nodes[id.0];
    let stage = &node.stage;
    let text =
        if stage.arguments.is_empty() { stage.kind.clone() } else { format!("{}({})", stage.kind, stage.arguments) };
    if node.part_of.is_some() {
        let place = line(use_place(network, id));
        return format!("comes from `{text}` in `{}`, used in line {place}", shared_name(network, node));
    }
    format!("comes from `{text}` in line {}", line(stage.span))
}

/// The value before all stages that keep the shape: the one whose maker has decided it.
fn shaping(network: &Network, value: ValueId) -> ValueId {
    let mut value = value;
    while let Some(id) = producer(network, value) {
        let Node { operation: Operation::Layer(layer), operands, .. } = &network.nodes[id.0] else { break };
        let keeps = match layer.lowering() {
            Lowering::Activation { .. } | Lowering::Random => true,
            Lowering::Unary { .. } => layer.distribution().is_some(),
            Lowering::Alias | Lowering::Weighted | Lowering::Merge { .. } => false,
        };
        match operands.first() {
            Some(operand) if keeps => value = *operand,
            _ => break,
        }
    }
    value
}

/// Where a node is used: for a stage of a shared layer, the use of the layer.
pub(super) fn use_place(network: &Network, id: NodeId) -> Span {
    let node = &network.nodes[id.0];
    node.use_span.unwrap_or(node.stage.span)
}

fn shared_name(network: &Network, node: &Node) -> String {
    node.part_of.map_or_else(String::new, |part| network.shared[part.shared.0].name.to_string())
}

/// What a tensor holds, in words.
pub(super) fn element(element: Element) -> &'static str {
    match element {
        Element::F32 => "numbers (`f32`)",
        Element::U32 => "whole numbers (`u32`)",
    }
}

fn line(span: Span) -> usize {
    span.start().line
}
