//! The order in which networks and templates are resolved: one that uses another comes after it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};

use crate::constants::Constants;
use crate::errors::{Errors, Message};
use crate::layers::wrapper;
use crate::syntax::{
    Argument, Const, ExternConst, Flow, Item, Network, Source, Stage, Statement, Template, Value, last_name,
};

/// What has a body in which others are used.
#[derive(Clone, Copy)]
pub(super) enum Unit<'a> {
    Network(&'a Network),
    Template(&'a Template),
}

impl<'a> Unit<'a> {
    pub(super) fn name(self) -> &'a Ident {
        match self {
            Self::Network(network) => &network.name,
            Self::Template(template) => &template.name,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Network(_) => "network",
            Self::Template(_) => "template",
        }
    }

    pub(super) fn statements(self) -> &'a [Statement] {
        match self {
            Self::Network(network) => &network.statements,
            Self::Template(template) => &template.statements,
        }
    }

    /// The names of the stages in it, whatever they stand for.
    pub(super) fn stages(self) -> Vec<&'a Ident> {
        let mut stages = Vec::new();
        for statement in self.statements() {
            match statement {
                Statement::Let(statement) => collect(&statement.flow, &mut stages),
                Statement::Layer(layer) => layer.stages.iter().for_each(|stage| collect_stage(stage, &mut stages)),
                Statement::Loss(_) | Statement::Metric(_) | Statement::Broken(_) => {}
            }
        }
        if let Self::Template(template) = self {
            collect(&template.result, &mut stages);
        }
        stages
    }
}

/// The units in that order. A circle is told, and its last use is put into `circles`.
pub(super) fn order<'a>(
    units: &[Unit<'a>],
    circles: &mut BTreeSet<(String, String)>,
    errors: &mut Errors,
) -> Vec<Unit<'a>> {
    let by_name: BTreeMap<String, usize> =
        units.iter().enumerate().map(|(index, unit)| (unit.name().to_string(), index)).collect();
    let uses: Vec<Vec<(usize, Span)>> = units.iter().map(|unit| uses(*unit, &by_name)).collect();
    let mut done = vec![false; units.len()];
    let mut order = Vec::new();
    for start in 0..units.len() {
        // Units that wait for those they use, each with the number of its uses that were followed.
        let mut waiting: Vec<(usize, usize)> = if done[start] { Vec::new() } else { vec![(start, 0)] };
        while let Some((unit, followed)) = waiting.last_mut() {
            let unit = *unit;
            let Some(&(used, span)) = uses[unit].get(*followed) else {
                waiting.pop();
                done[unit] = true;
                order.push(units[unit]);
                continue;
            };
            *followed += 1;
            if let Some(begin) = waiting.iter().position(|(waits, _)| *waits == used) {
                let mut circle: Vec<String> =
                    waiting[begin..].iter().map(|(waits, _)| format!("`{}`", units[*waits].name())).collect();
                circle.push(format!("`{}`", units[used].name()));
                let name = units[used].name();
                let message = Message::new(span, format!("the {} `{name}` contains itself", units[used].noun()))
                    .note(format!("the circle is {}", circle.join(" -> ")));
                errors.push(match crate::layers::table::find(&name.to_string()) {
                    Some(_) => message.help(format!(
                        "`{name}` means yours here, not the layer of that name: give yours another name"
                    )),
                    None => message,
                });
                circles.insert((units[unit].name().to_string(), units[used].name().to_string()));
            } else if !done[used] {
                waiting.push((used, 0));
            }
        }
    }
    order
}

/// A constant of a block, or an announced one.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'a Ident,
    pub(super) value: &'a Value,
}

/// The constants of a block, each behind those that its value speaks of, whatever their order in the text. One that is a part
/// of its own value is told, declared without a value, and left out.
pub(super) fn order_constants<'a>(items: &[&'a Item], known: &mut Constants, errors: &mut Errors) -> Vec<Named<'a>> {
    let constants: Vec<Named<'_>> = items
        .iter()
        .filter_map(|item| match item {
            Item::Const(Const { name, value, .. }) => Some(Named { name, value }),
            Item::ExternConst(ExternConst { path, value, .. }) => Some(Named { name: last_name(path), value }),
            Item::ExternNetwork(_) | Item::Network(_) | Item::Template(_) => None,
        })
        .collect();
    let by_name: BTreeMap<String, usize> =
        constants.iter().enumerate().map(|(index, constant)| (constant.name.to_string(), index)).collect();
    let uses: Vec<Vec<(usize, &Ident)>> = constants
        .iter()
        .map(|constant| {
            let words = constant.value.words().into_iter();
            words.filter_map(|word| Some((*by_name.get(&word.to_string())?, word))).collect()
        })
        .collect();
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Untouched,
        Waiting,
        Done,
    }
    let mut states = vec![State::Untouched; constants.len()];
    let mut ordered = Vec::with_capacity(constants.len());
    for start in 0..constants.len() {
        // Constants that wait for others, each with the number of those that were followed.
        let mut waiting = if states[start] == State::Untouched { vec![(start, 0)] } else { Vec::new() };
        while let Some((constant, followed)) = waiting.last_mut() {
            let constant = *constant;
            states[constant] = State::Waiting;
            let Some(&(used, word)) = uses[constant].get(*followed) else {
                waiting.pop();
                states[constant] = State::Done;
                ordered.push(constants[constant]);
                continue;
            };
            *followed += 1;
            match states[used] {
                State::Untouched => waiting.push((used, 0)),
                State::Waiting => {
                    let name = &constants[used].name;
                    let message = Message::new(word.span(), format!("the value of `{name}` is computed from itself"));
                    errors.push(message.help("one of them has to be a number"));
                    known.declare(name, None);
                }
                State::Done => {}
            }
        }
    }
    ordered.retain(|constant| !known.contains(&constant.name.to_string()));
    ordered
}

/// The units that one uses, each once, with the place of the first use.
fn uses(unit: Unit<'_>, by_name: &BTreeMap<String, usize>) -> Vec<(usize, Span)> {
    let own_layers: BTreeSet<String> = unit
        .statements()
        .iter()
        .filter_map(|statement| match statement {
            Statement::Layer(layer) => Some(layer.name.to_string()),
            Statement::Let(_) | Statement::Loss(_) | Statement::Metric(_) | Statement::Broken(_) => None,
        })
        .collect();
    let mut uses: Vec<(usize, Span)> = Vec::new();
    for name in unit.stages() {
        if own_layers.contains(&name.to_string()) {
            continue;
        }
        if let Some(&used) = by_name.get(&name.to_string())
            && uses.iter().all(|(other, _)| *other != used)
        {
            uses.push((used, name.span()));
        }
    }
    uses
}

fn collect<'a>(flow: &'a Flow, stages: &mut Vec<&'a Ident>) {
    match &flow.source {
        Source::Name(_) => {}
        Source::Tuple { items, .. } => items.iter().for_each(|item| collect(&item.flow, stages)),
    }
    flow.stages.iter().for_each(|stage| collect_stage(stage, stages));
}

/// A stage's name, and those of the stages within it; a path is no name of this block.
fn collect_stage<'a>(stage: &'a Stage, stages: &mut Vec<&'a Ident>) {
    stages.extend(stage.path.get_ident());
    let text = stage.name().to_string();
    for Argument { name, value } in stage.arguments.iter().flat_map(|arguments| &arguments.items) {
        match value {
            Value::Chain(within) => within.iter().for_each(|stage| collect_stage(stage, stages)),
            Value::Word(word) if wrapper::takes_stage(&text, name.as_ref().map(Ident::to_string).as_deref()) => {
                stages.push(word);
            }
            _ => {}
        }
    }
}

/// Tells which templates no network and no other template uses.
pub(super) fn tell_unused(units: &[Unit<'_>], errors: &mut Errors) {
    let used: BTreeSet<String> = units.iter().flat_map(|unit| unit.stages()).map(Ident::to_string).collect();
    for unit in units {
        let text = unit.name().to_string();
        if matches!(unit, Unit::Template(_)) && !used.contains(&text) && !text.starts_with('_') {
            errors.push(
                Message::new(unit.name().span(), format!("the template `{text}` is never used"))
                    .help(format!("remove it, or call it `_{text}`")),
            );
        }
    }
}
