//! Words for tensors and their origins, in messages about shapes.

use proc_macro2::Span;

use super::producer;
use crate::errors::Message;
use crate::graph::{Network, Node, NodeId, Operation, Origin, TemplateUse, TemplateUseId, ValueId};
use crate::layers::{At, Misfit};
use crate::shape::Element;

/// What is said about operands that do not fit.
pub(super) fn misfit(network: &Network, id: NodeId, misfit: Misfit) -> Message {
    let Misfit { at, text, origins, fact, help, without_steps } = misfit;
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
            let argument = node.stage.argument_spans.iter().find(|(argument, _)| **argument == *name);
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
            .map(|index| format!("{} {}", names[index], origin_of_operand(network, id, index)))
            .collect();
        facts.dedup();
        let facts = facts.join(", ");
        message = message.note(match fact {
            Some(fact) => format!("{facts}; {}", named(&fact)),
            None => facts,
        });
    }
    let mut message = within_template(network, id, message);
    let used = format!("used in line {}", line(use_place(network, id)));
    // The origin of its input has told it already if it comes from the stage before.
    if node.part_of.is_some() && !message.notes.iter().any(|note| note.ends_with(&used)) {
        message =
            message.note(format!("`{}` is used in line {}", shared_name(network, node), line(use_place(network, id))));
    }
    match without_steps.and_then(|index| every_step(network, node.operands[index])).or(help) {
        Some(help) => message.help(named(&help)),
        None => message,
    }
}

/// The cure where a value should have an axis of steps, and is made by a layer that gives its last step alone.
pub(super) fn every_step(network: &Network, value: ValueId) -> Option<String> {
    let node = &network.nodes[producer(network, shaping(network, value))?.0];
    let meaning = &node.facts.as_ref()?.meaning;
    match meaning.every_step {
        Some(argument) => Some(format!(
            "`{argument}` among the arguments of `{}` makes it give every step, not the last alone",
            node.stage
        )),
        // Both directions are put side by side.
        None if meaning.concatenation.is_some() => every_step(network, *node.operands.first()?),
        None => None,
    }
}

/// Adds which uses of templates a node stands in, the innermost first: its own place is in their definition.
pub(super) fn within_template(network: &Network, id: NodeId, message: Message) -> Message {
    templates(network, Some(id)).into_iter().fold(message, |message, id| {
        let TemplateUse { text, span, .. } = &network.template_uses[id.0];
        message.note(format!("in `{text}`, used in line {}", line(*span)))
    })
}

/// The uses of templates that a node stands in, the innermost first.
fn templates(network: &Network, id: Option<NodeId>) -> Vec<TemplateUseId> {
    let innermost = id.and_then(|id| network.nodes[id.0].template);
    std::iter::successors(innermost, |id| network.template_uses[id.0].within).collect()
}

const ORDINALS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];

/// What an operand is called: by its name, else by its place.
pub(super) fn operand(network: &Network, id: NodeId, index: usize) -> String {
    let node = &network.nodes[id.0];
    match (&node.operand_names[index], node.operands.len()) {
        (Some(name), _) => format!("`{name}`"),
        (None, 1) => "its input".to_owned(),
        (None, _) => match ORDINALS.get(index) {
            Some(ordinal) => format!("its {ordinal} input"),
            None => format!("input {} of all", index + 1),
        },
    }
}

/// Where an operand's shape comes from, as the end of a sentence that begins with what it is called.
pub(super) fn origin_of_operand(network: &Network, id: NodeId, index: usize) -> String {
    let node = &network.nodes[id.0];
    let value = node.operands[index];
    if let (Origin::Input(input), Some(called)) = (network.values[value.0].origin, &node.operand_names[index])
        && let Some(input) = network.inputs.get(input).filter(|input| input.name != *called)
    {
        return format!("is the input `{}`, declared in line {}", input.name, line(input.name.span()));
    }
    origin(network, value, Some(id))
}

/// Where a value's shape comes from, as the end of a sentence; `seen_from` is the node that the message is about.
pub(super) fn origin(network: &Network, value: ValueId, seen_from: Option<NodeId>) -> String {
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
    if matches!(node.operation, Operation::OpenSteps)
        && let Origin::Node { result, .. } = network.values[shaped.0].origin
    {
        let (operand, origin) = (operand(network, id, result), origin_of_operand(network, id, result));
        return format!("is one step of {operand}, which {origin}");
    }
    let result = match network.values[shaped.0].origin {
        Origin::Node { result, .. } if node.results.len() > 1 => {
            let place =
                ORDINALS.get(result).map_or_else(|| format!("{}th", result + 1), |ordinal| (*ordinal).to_owned());
            format!("the {place} output of ")
        }
        Origin::Node { .. } | Origin::Input(_) | Origin::Poison => String::new(),
    };
    if node.part_of.is_some() {
        let place = line(use_place(network, id));
        return format!(
            "comes from {result}`{}` in `{}`, used in line {place}",
            node.stage,
            shared_name(network, node)
        );
    }
    // A template is named if the reader is not in it already.
    let around = templates(network, seen_from);
    let template = templates(network, Some(id)).into_iter().rfind(|template| !around.contains(template));
    match template.map(|template| &network.template_uses[template.0]) {
        Some(TemplateUse { text, span, .. }) => {
            format!("comes from {result}`{}` in `{text}`, used in line {}", node.stage, line(*span))
        }
        None => format!("comes from {result}`{}` in line {}", node.stage, line(node.stage.span)),
    }
}

/// The value before all stages that keep the shape: the one whose maker has decided it.
fn shaping(network: &Network, value: ValueId) -> ValueId {
    let mut value = value;
    while let Some(id) = producer(network, value) {
        let Node { facts: Some(facts), operands, .. } = &network.nodes[id.0] else { break };
        let keeps = facts.meaning.keeps_shape;
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
