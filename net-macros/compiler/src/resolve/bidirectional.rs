//! `Bidirectional`: a layer that goes from step to step, in both directions, and what merges the two.

use std::rc::Rc;

use proc_macro2::{Ident, TokenTree};

use super::flow::{Bundle, Operand, Ready};
use super::names::{Prefix, snake_case};
use super::network::Builder;
use super::stage::{Does, Prepared};
use crate::errors::Message;
use crate::graph::{self, Operation, Origin};
use crate::layers::signature::{Arity, Given};
use crate::layers::{Layer, wrapper};
use crate::shape::Element;
use crate::syntax::Stage;

/// A layer in both directions, and how their results are merged: the word of the user's.
pub(super) struct BothDirections {
    forward: Direction,
    backward: Direction,
    merge: &'static str,
}

/// One direction.
#[derive(Clone)]
pub(super) struct Direction {
    layer: Rc<dyn Layer>,
    takes: Arity,
    /// What its states are called.
    states: Vec<&'static str>,
    stage: graph::Stage,
    name: Option<Ident>,
    frozen: bool,
    kind: String,
}

/// A layer that goes in both directions.
struct BothWays {
    forward: Direction,
    backward: Direction,
}

impl Builder<'_> {
    /// Both directions of the stage `name`, which is given these stages and this word; `None` if that cannot be, which has been
    /// told, `Some(None)` if that depends on a number that is not known, since a definition is checked.
    pub(super) fn both_directions_of(
        &mut self,
        name: &Ident,
        forward: &[Stage],
        backward: Option<&[Stage]>,
        merge: &'static str,
    ) -> Option<Option<Box<BothDirections>>> {
        let forward = self.both_ways(name, forward);
        let backward = match backward {
            Some(stages) => Some(self.both_ways(name, stages)?),
            None => None,
        };
        let (forward, backward) = match (forward?, backward) {
            (None, _) | (_, Some(None)) => return Some(None),
            (Some(both), None) => (both.forward, both.backward),
            (Some(first), Some(Some(second))) => (first.forward, second.backward),
        };
        if forward.states != backward.states || forward.layer.results() != backward.layer.results() {
            let text = format!("`{}` and `{}` have different states", forward.stage, backward.stage);
            self.errors.push(Message::new(backward.stage.span, text).help("both directions are layers of one kind"));
            return None;
        }
        Some(Some(Box::new(BothDirections { forward, backward, merge })))
    }

    /// What the only one of some stages is in both directions; `Some(None)` if that depends on a number that is not known.
    fn both_ways(&mut self, name: &Ident, stages: &[Stage]) -> Option<Option<BothWays>> {
        let stage = match stages {
            [stage] => stage,
            [_, second, ..] => {
                let (span, second) = (second.name().span(), second.name());
                let message = Message::new(span, format!("`{name}` takes one layer"));
                self.errors.push(message.help(format!("write what follows behind it: `{name}(...) -> {second}`")));
                return None;
            }
            [] => return None,
        };
        if self.shared(stage).is_some() {
            let text = format!("`{}` is a shared layer, but each direction has weights of its own", stage.name());
            let help = format!("write the layer itself into it, e.g. `{name}(Lstm(32))`, and share the whole");
            self.errors.push(Message::new(stage.name().span(), text).help(help));
            return None;
        }
        let Prepared { does, stage, name: chosen, frozen, kind } = self.prepare(stage)?;
        let known = match does {
            Does::Unknown { .. } => return Some(None),
            Does::Node { operation: Operation::Layer(layer), takes } => layer.halves().map(|halves| (halves, takes)),
            _ => None,
        };
        let Some(([forward, backward], takes)) = known else {
            let text =
                format!("`{name}` goes through steps in both directions, but `{}` is no recurrent layer", stage.kind);
            self.errors.push(Message::new(stage.span, text).help(format!("put one into it, e.g. `{name}(Lstm(32))`")));
            return None;
        };
        if let Some((_, span)) = stage.argument_spans.iter().find(|(argument, _)| argument == "reverse") {
            let message = Message::new(*span, format!("`{name}` goes in both directions anyway"));
            self.errors.push(message.help("leave out `reverse`"));
            return None;
        }
        let states = match takes {
            Arity::Named(operands) => wrapper::states(operands),
            Arity::One | Arity::Two | Arity::Several => Vec::new(),
        };
        let forward = Direction { layer: forward, takes, states, stage, name: chosen, frozen, kind };
        let backward = Direction { layer: backward, ..forward.clone() };
        Some(Some(BothWays { forward, backward }))
    }

    /// Adds both directions, and what merges their results; their states follow, those of the forward direction first.
    pub(super) fn both_directions(
        &mut self,
        bundle: Bundle,
        of: Option<&BothDirections>,
        around: &Prepared<'_>,
        prefix: &mut Prefix,
    ) -> Bundle {
        let span = around.stage.span;
        let Some(BothDirections { forward, backward, merge }) = of else {
            let value = self.value(Origin::Poison, Element::F32, None);
            return Bundle::Values(vec![Operand::new(value, span)]);
        };
        let mut own_prefix = match around.name.as_ref().map(|name| self.qualified(name)) {
            Some(name) => Some(Prefix::of(name.to_string())),
            None => prefix.is_alone().then(|| prefix.opened()),
        };
        let prefix = own_prefix.as_mut().unwrap_or(prefix);
        let operands = match bundle {
            Bundle::Values(operands) => {
                self.matched_arity(operands, Arity::Named(wrapper::both_ways(&forward.states)), &around.stage)
            }
            Bundle::Poison => None,
        };
        self.around.push(around.stage.kind.clone());
        // The weights of both exist whatever goes in.
        let forward = self.direction("forward", forward, operands.as_ref(), prefix);
        let backward = self.direction("backward", backward, operands.as_ref(), prefix);
        let merged = forward.zip(backward).and_then(|(forward, backward)| {
            let (first, states) = forward.split_first()?;
            let (second, more_states) = backward.split_first()?;
            let outputs = self.merged(vec![first.clone(), second.clone()], merge, around, prefix)?;
            Some([&*outputs, states, more_states].concat())
        });
        self.around.pop();
        match merged {
            // Messages about what follows stand on the use.
            Some(results) => {
                Bundle::Values(results.into_iter().map(|result| Operand::new(result.value, span)).collect())
            }
            None => Bundle::Poison,
        }
    }

    /// Adds one direction: the input and the mask are those of both, the states its own.
    fn direction(
        &mut self,
        direction: &str,
        of: &Direction,
        operands: Option<&(Vec<Operand>, Given)>,
        prefix: &mut Prefix,
    ) -> Option<Vec<Operand>> {
        let around = self.frozen;
        self.frozen |= of.frozen;
        let results = self.direction_within(direction, of, operands, prefix);
        self.frozen = around;
        results
    }

    fn direction_within(
        &mut self,
        direction: &str,
        of: &Direction,
        operands: Option<&(Vec<Operand>, Given)>,
        prefix: &mut Prefix,
    ) -> Option<Vec<Operand>> {
        let chosen = of.name.as_ref().map(|name| {
            let name = self.qualified(name);
            Ident::new(&format!("{direction}_{name}"), name.span())
        });
        let operation = Operation::Layer(Rc::clone(&of.layer));
        let kind = format!("{direction}_{}", of.kind);
        let name = self.names.name(chosen.as_ref(), prefix, &kind, of.stage.span, self.errors);
        let owner = of.layer.holder().map(|_| self.owner(&name, &operation));
        let (operands, given) = operands?;
        let own = operands.iter().zip(&given.0).filter_map(|(operand, name)| {
            let name = wrapper::of_direction(name, direction)?;
            Some(Operand { input: Some(Ident::new(name, operand.span)), ..operand.clone() })
        });
        let (own, name) = (own.collect(), name.to_string());
        match self.apply(own, Ready { operation: &operation, takes: of.takes, stage: &of.stage, name, owner }) {
            Bundle::Values(results) => Some(results),
            Bundle::Poison => None,
        }
    }

    /// Adds the layer that merges both outputs, if there is to be one.
    fn merged(
        &mut self,
        outputs: Vec<Operand>,
        merge: &str,
        around: &Prepared<'_>,
        prefix: &mut Prefix,
    ) -> Option<Vec<Operand>> {
        let Some((kind, layer)) = wrapper::merge(merge) else { return Some(outputs) };
        let span = around.stage.span;
        let stage = graph::Stage {
            path: TokenTree::from(Ident::new(kind, span)).into(),
            kind: kind.to_owned(),
            arguments: String::new(),
            span,
            argument_spans: Vec::new(),
        };
        let (operation, name) = (&Operation::Layer(layer), prefix.next(&snake_case(kind)));
        match self.apply(outputs, Ready { operation, takes: Arity::Several, stage: &stage, name, owner: None }) {
            Bundle::Values(merged) => Some(merged),
            Bundle::Poison => None,
        }
    }
}
