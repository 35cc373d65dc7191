//! Flows: what stands before each stage, and how it goes into it.

use std::rc::Rc;

use proc_macro2::{Ident, Span};

use super::names::Prefix;
use super::network::Builder;
use super::scope::Entity;
use super::stage::{Does, Prepared};
use crate::errors::Message;
use crate::graph::{Node, NodeId, Operation, Origin, OwnerId, ValueId};
use crate::layers::signature::Arity;
use crate::shape::Element;
use crate::suggest;
use crate::syntax::{Flow, Source, Stage, TupleItem};

/// Most nodes that a network may have, those of inner networks included: templates and networks that use one another
/// twice at each level double their number with every level. Some ten times the deepest networks in use, and still
/// planned and written out within seconds by an unoptimised compiler.
const MOST_NODES: usize = 1 << 12;

/// How deep networks may be nested; each level is a recursion of the compiler.
const DEEPEST: usize = 64;

/// What stands before a stage.
pub(super) enum Bundle {
    /// The tensors.
    Values(Vec<Operand>),
    /// Something erroneous, which has been told.
    Poison,
}

/// A tensor before a stage.
#[derive(Clone)]
pub(super) struct Operand {
    pub(super) value: ValueId,
    /// The token that names it: a name, or the last stage before it.
    pub(super) span: Span,
    /// What the user calls it here.
    pub(super) name: Option<Ident>,
    /// The input that it is meant for.
    pub(super) input: Option<Ident>,
}

impl Operand {
    /// A tensor without a name.
    pub(super) fn new(value: ValueId, span: Span) -> Self {
        Self { value, span, name: None, input: None }
    }
}

/// A stage that is ready to be applied: what it computes, with its name and its place of weights.
pub(super) struct Ready<'r> {
    pub(super) operation: &'r Operation,
    pub(super) takes: Arity,
    pub(super) stage: &'r crate::graph::Stage,
    pub(super) name: String,
    pub(super) owner: Option<OwnerId>,
}

impl Builder<'_> {
    /// The tensors at the end of a flow.
    pub(super) fn flow(&mut self, flow: &Flow, prefix: &mut Prefix) -> Bundle {
        let mut bundle = match &flow.source {
            Source::Name(name) => self.source(name),
            Source::Tuple { items, span } => self.tuple(items, *span, prefix),
        };
        for stage in &flow.stages {
            bundle = self.stage(bundle, stage, prefix);
        }
        bundle
    }

    fn source(&mut self, name: &Ident) -> Bundle {
        let text = name.to_string();
        match self.scope.find(&text).map(|entry| entry.entity) {
            Some(Entity::Value(value)) => {
                let operand = Operand::new(value, name.span());
                return Bundle::Values(vec![Operand { name: Some(name.clone()), ..operand }]);
            }
            Some(Entity::Poison) => {}
            Some(Entity::Layer(_)) => {
                let message = Message::new(name.span(), format!("`{text}` is a layer, but a flow begins with a value"));
                self.errors.push(message.help(format!("write `value -> {text}`")));
                self.uses_hidden = true;
            }
            None => self.unknown_value(name),
        }
        Bundle::Poison
    }

    fn unknown_value(&mut self, name: &Ident) {
        self.uses_hidden = true;
        let text = name.to_string();
        if let Some((later, _)) = self.scope.bound_later(&text) {
            let message = Message::new(name.span(), format!("`{text}` is used before it is bound"));
            let message = message.note(format!("it is bound in line {}", later.start().line));
            self.errors.push(match self.binding.contains(&text) {
                true => message.help("a value cannot be made of itself: give one of the two another name"),
                false => message.help("move that statement up: a value is bound before it is used"),
            });
            return;
        }
        let stage = crate::layers::table::find(&text).is_some()
            || self.context.networks.contains_key(&text)
            || self.context.templates.contains_key(&text);
        let names: Vec<String> = self.scope.names(&["input", "value"]).collect();
        // It may be the input that the header has without its name.
        if self.header_broken && names.is_empty() && !stage {
            return;
        }
        let help = if stage {
            Some(format!("a flow begins with a value: write `value -> {text}`"))
        } else {
            suggest::help(&text, names.iter().map(String::as_str), "the values here are")
        };
        self.errors.push(Message { help, ..Message::new(name.span(), format!("unknown value `{text}`")) });
    }

    fn tuple(&mut self, items: &[TupleItem], span: Span, prefix: &mut Prefix) -> Bundle {
        if let [TupleItem { name: None, flow }] = items {
            return self.flow(flow, prefix);
        }
        if items.is_empty() {
            self.errors.error(span, "an empty tuple has no values");
            self.uses_hidden = true;
            return Bundle::Poison;
        }
        let mut operands = Vec::new();
        let mut poisoned = false;
        for TupleItem { name, flow } in items {
            match self.flow(flow, prefix) {
                Bundle::Poison => poisoned = true,
                Bundle::Values(values) => match <[Operand; 1]>::try_from(values) {
                    Ok([operand]) => operands.push(Operand { input: name.clone(), ..operand }),
                    Err(values) => {
                        let place = values.first().map_or(span, |operand| operand.span);
                        let text = format!("an element of a tuple is one value, but this gives {}", values.len());
                        self.errors.push(Message::new(place, text).help("join them first, e.g. by `-> Concat`"));
                        poisoned = true;
                    }
                },
            }
        }
        if poisoned { Bundle::Poison } else { Bundle::Values(operands) }
    }

    fn stage(&mut self, bundle: Bundle, stage: &Stage, prefix: &mut Prefix) -> Bundle {
        if let Some(layer) = self.shared(stage) {
            return match layer {
                Some(layer) => self.use_shared(bundle, layer, stage),
                None => Bundle::Poison,
            };
        }
        let Some(prepared) = self.prepare(stage) else { return Bundle::Poison };
        self.run(bundle, &prepared, prefix, prepared.stage.span)
    }

    /// Applies a stage; `span` is where its name is said to be.
    pub(super) fn run(&mut self, bundle: Bundle, prepared: &Prepared<'_>, prefix: &mut Prefix, span: Span) -> Bundle {
        let around = self.frozen;
        self.frozen |= prepared.frozen;
        let bundle = self.run_within(bundle, prepared, prefix, span);
        self.frozen = around;
        bundle
    }

    fn run_within(&mut self, bundle: Bundle, prepared: &Prepared<'_>, prefix: &mut Prefix, span: Span) -> Bundle {
        let chosen = prepared.name.as_ref().map(|name| self.qualified(name));
        let (operation, takes) = match &prepared.does {
            Does::Template { template, numbers } => {
                let base = chosen.map_or_else(|| prefix.next(&prepared.kind), |name| name.to_string());
                return self.use_template(bundle, template, numbers.as_deref(), prepared, base);
            }
            Does::BothDirections(of) => return self.both_directions(bundle, of.as_deref(), prepared, prefix),
            Does::EachStep(stages) => return self.each_step(bundle, stages, prepared, prefix),
            Does::Unknown { takes } => {
                let Bundle::Values(operands) = bundle else { return Bundle::Poison };
                if self.matched_arity(operands, *takes, &prepared.stage).is_none() {
                    return Bundle::Poison;
                }
                let value = self.value(Origin::Poison, Element::F32, None);
                return Bundle::Values(vec![Operand::new(value, span)]);
            }
            Does::Node { operation, takes } => (operation, *takes),
        };
        let name = self.names.name(chosen.as_ref(), prefix, &prepared.kind, span, self.errors);
        // Its weights exist whatever goes in, so that the program around can name them.
        let owner = prepared.weighted().then(|| self.owner(&name, operation));
        let Bundle::Values(operands) = bundle else { return Bundle::Poison };
        self.apply(operands, Ready { operation, takes, stage: &prepared.stage, name: name.to_string(), owner })
    }

    /// Adds a node.
    pub(super) fn apply(&mut self, operands: Vec<Operand>, ready: Ready<'_>) -> Bundle {
        let Ready { operation, takes, stage, name, owner } = ready;
        let Some((operands, given)) = self.matched(operands, operation, takes, stage) else { return Bundle::Poison };
        if !self.counts(operation, stage) {
            return Bundle::Poison;
        }
        let operation = match operation {
            Operation::Layer(layer) => &Operation::Layer(layer.given(&given).unwrap_or_else(|| Rc::clone(layer))),
            Operation::Network(_) | Operation::OpenSteps | Operation::CloseSteps => operation,
        };
        let node = NodeId(self.network.nodes.len());
        let count = match operation {
            Operation::Layer(layer) => layer.results(),
            Operation::Network(id) => self.program.networks[id.0].outputs.len(),
            Operation::OpenSteps | Operation::CloseSteps => operands.len(),
        };
        let results: Vec<ValueId> =
            (0..count).map(|result| self.value(Origin::Node { node, result }, Element::F32, None)).collect();
        self.network.nodes.push(Node {
            operation: operation.clone(),
            operands: operands.iter().map(|operand| operand.value).collect(),
            operand_spans: operands.iter().map(|operand| operand.span).collect(),
            operand_names: operands.iter().map(|operand| operand.name.clone()).collect(),
            results: results.clone(),
            facts: None,
            owner,
            name,
            frozen: self.frozen,
            stage: stage.clone(),
            part_of: self.sharing.as_ref().map(|sharing| sharing.part),
            use_span: self.sharing.as_ref().map(|sharing| sharing.use_span),
            template: self.template,
            around: self.around.clone(),
        });
        Bundle::Values(results.into_iter().map(|value| Operand::new(value, stage.span)).collect())
    }

    /// Counts a node; whether the network stays within what can be compiled, else that is told, once.
    fn counts(&mut self, operation: &Operation, stage: &crate::graph::Stage) -> bool {
        let (size, depth) = match operation {
            Operation::Layer(_) => (1, 0),
            Operation::Network(id) => (self.program.networks[id.0].size, self.program.networks[id.0].depth),
            Operation::OpenSteps | Operation::CloseSteps => (0, 0),
        };
        let network = &mut self.network;
        let (size_before, depth_before) = (network.size, network.depth);
        network.size = network.size.saturating_add(size);
        network.depth = network.depth.max(depth + 1);
        let name = &network.name;
        if size_before <= MOST_NODES && network.size > MOST_NODES {
            self.errors.error(stage.span, format!("`{name}` would have more than {MOST_NODES} layers"));
        }
        if depth_before <= DEEPEST && network.depth > DEEPEST {
            self.errors.error(stage.span, format!("networks are nested more than {DEEPEST} deep"));
        }
        network.size <= MOST_NODES && network.depth <= DEEPEST
    }
}
