//! What stands before a stage, matched against what it takes: by place or by name, as many as there have to be.

use proc_macro2::Ident;

use super::flow::Operand;
use super::network::Builder;
use crate::errors::Message;
use crate::graph::{Operation, Origin, Stage};
use crate::layers::signature::{Arity, Given, NamedOperand};
use crate::suggest::{self, quoted};

impl Builder<'_> {
    /// The operands in the order of the stage's inputs, and which of a layer's named ones these are; `None` if they do not
    /// match, which has been told.
    pub(super) fn matched(
        &mut self,
        operands: Vec<Operand>,
        operation: &Operation,
        takes: Arity,
        stage: &Stage,
    ) -> Option<(Vec<Operand>, Given)> {
        match operation {
            Operation::Layer(_) => self.matched_arity(operands, takes, stage),
            Operation::Network(id) => {
                let inputs = self.program.networks[id.0].inputs.iter();
                let inputs: Vec<Ident> = inputs.map(|input| input.name.clone()).collect();
                self.matched_inputs(operands, &inputs, stage).map(|operands| (operands, Given::default()))
            }
            // The stages within say what they take.
            Operation::OpenSteps | Operation::CloseSteps => Some((operands, Given::default())),
        }
    }

    /// The same for a layer.
    pub(super) fn matched_arity(
        &mut self,
        operands: Vec<Operand>,
        takes: Arity,
        stage: &Stage,
    ) -> Option<(Vec<Operand>, Given)> {
        let kind = &stage.kind;
        if let Arity::Named(named) = takes {
            return self.matched_named(operands, named, stage);
        }
        if let Some(name) = operands.iter().find_map(|operand| operand.input.as_ref()) {
            let message = Message::new(name.span(), format!("the inputs of `{kind}` have no names"));
            self.errors.push(match name == "mask" {
                true => message.help(format!(
                    "`{kind}` needs no mask: give it to the stages that do, e.g. `(x, mask = m) -> Lstm(32)`"
                )),
                false => message.help(format!("leave out `{name} =`")),
            });
            return None;
        }
        let (fits, expected) = match takes {
            Arity::One | Arity::Named(_) => (operands.len() == 1, "takes one input"),
            Arity::Two => (operands.len() == 2, "takes two inputs"),
            Arity::Several => (operands.len() > 1, "takes two inputs or more"),
        };
        if fits {
            return Some((operands, Given::default()));
        }
        let message = Message::new(stage.span, format!("`{kind}` {expected}, but gets {}", operands.len()));
        self.errors.push(match takes {
            Arity::One | Arity::Named(_) if self.of_one_stage(&operands) => {
                message.help("take one of them, `let (a, _) = ...;`, or join them, e.g. by `-> Concat`")
            }
            Arity::One | Arity::Named(_) => message.help("join them first, e.g. by `-> Concat`"),
            Arity::Two | Arity::Several => message.help(format!("write a tuple before it: `(a, b) -> {kind}`")),
        });
        None
    }

    /// Whether these are all results of one stage.
    fn of_one_stage(&self, operands: &[Operand]) -> bool {
        let node = |operand: &Operand| match self.network.values[operand.value.0].origin {
            Origin::Node { node, .. } => Some(node),
            Origin::Input(_) | Origin::Poison => None,
        };
        operands.windows(2).all(|pair| node(&pair[0]).is_some() && node(&pair[0]) == node(&pair[1]))
    }

    /// The operands of a layer that have names: those without one here take the places that need none, in order.
    fn matched_named(
        &mut self,
        operands: Vec<Operand>,
        named: &'static [NamedOperand],
        stage: &Stage,
    ) -> Option<(Vec<Operand>, Given)> {
        let kind = &stage.kind;
        let before = self.errors.len();
        let names: Vec<&'static str> = named.iter().map(|operand| operand.name).collect();
        let all = format!("its inputs: {}", quoted(&names));
        if operands.len() > named.len() {
            let text = format!("`{kind}` takes at most {} inputs, but gets {}", named.len(), operands.len());
            self.errors.push(Message::new(stage.span, text).note(all));
            return None;
        }
        let mut without_name = named.iter().enumerate().filter(|(_, operand)| !operand.by_name);
        let mut places: Vec<Option<Operand>> = named.iter().map(|_| None).collect();
        for operand in operands {
            let place = match &operand.input {
                None => without_name.next().map(|(index, _)| index),
                Some(name) => match named.iter().position(|candidate| name == candidate.name) {
                    Some(index) => Some(index),
                    None => {
                        let message = Message::new(name.span(), format!("`{kind}` has no input `{name}`"));
                        let help = suggest::help(&name.to_string(), names.iter().copied(), "its inputs are");
                        self.errors.push(Message { help, ..message });
                        continue;
                    }
                },
            };
            let Some(index) = place else {
                let of = |by_name: bool| named.iter().filter(move |candidate| candidate.by_name == by_name);
                let others: Vec<_> = of(false).map(|candidate| candidate.name).collect();
                let text = format!("`{kind}` takes only {} without a name", quoted(&others));
                let value = operand.name.as_ref().map_or("value".to_owned(), Ident::to_string);
                let cures: Vec<_> = of(true).map(|candidate| format!("`{} = {value}`", candidate.name)).collect();
                self.errors.push(Message::new(operand.span, text).help(format!("write {}", cures.join(" or "))));
                return None;
            };
            if places[index].is_some() {
                let span = operand.input.as_ref().map_or(operand.span, Ident::span);
                self.errors.error(span, format!("the input `{}` is given twice", names[index]));
                continue;
            }
            places[index] = Some(operand);
        }
        if self.errors.len() > before {
            return None;
        }
        for (candidate, place) in named.iter().zip(&places) {
            let missing =
                |other: &str| named.iter().zip(&places).all(|(of, place)| of.name != other || place.is_none());
            match place {
                None if !candidate.optional => {
                    let text = format!("`{kind}` is not given `{}`", candidate.name);
                    self.errors.push(Message::new(stage.span, text).note(all.clone()));
                }
                None => {}
                Some(operand) => {
                    if let Some(other) = candidate.with.filter(|other| missing(other)) {
                        let text = format!("`{kind}` is given `{}` without `{other}`", candidate.name);
                        self.errors.push(Message::new(operand.span, text).note(all.clone()));
                    }
                }
            }
        }
        if self.errors.len() > before {
            return None;
        }
        let given = names.into_iter().zip(&places).filter_map(|(name, place)| place.is_some().then_some(name));
        let given = Given(given.collect());
        Some((places.into_iter().flatten().collect(), given))
    }

    /// The operands in the order of these inputs, all of which have to be given: all by their names, or all in order.
    pub(super) fn matched_inputs(
        &mut self,
        operands: Vec<Operand>,
        inputs: &[Ident],
        stage: &Stage,
    ) -> Option<Vec<Operand>> {
        let kind = &stage.kind;
        let before = self.errors.len();
        if operands.len() != inputs.len() {
            let noun = if inputs.len() == 1 { "input" } else { "inputs" };
            let text = format!("`{kind}` takes {} {noun}, but gets {}", inputs.len(), operands.len());
            self.errors.push(Message::new(stage.span, text).note(format!("its {noun}: {}", quoted(inputs))));
            return None;
        }
        if operands.iter().all(|operand| operand.input.is_none()) {
            return Some(operands);
        }
        let mut places: Vec<Option<Operand>> = inputs.iter().map(|_| None).collect();
        for operand in operands {
            let Some(name) = operand.input.clone() else {
                let text = "the elements of this tuple have to be all named or all without names";
                let help = format!("write `name = value` for each of {}", quoted(inputs));
                self.errors.push(Message::new(operand.span, text).help(help));
                return None;
            };
            match inputs.iter().position(|input| *input == name) {
                Some(index) if places[index].is_none() => places[index] = Some(operand),
                Some(_) => self.errors.error(name.span(), format!("the input `{name}` is given twice")),
                None => {
                    let names: Vec<String> = inputs.iter().map(Ident::to_string).collect();
                    let message = Message::new(name.span(), format!("`{kind}` has no input `{name}`"));
                    let all = if names.len() == 1 { "its input is" } else { "its inputs are" };
                    let help = suggest::help(&name.to_string(), names.iter().map(String::as_str), all);
                    self.errors.push(Message { help, ..message });
                }
            }
        }
        if self.errors.len() > before { None } else { places.into_iter().collect() }
    }
}
