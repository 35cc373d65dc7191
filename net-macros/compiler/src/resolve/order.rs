//! The order in which networks and templates are resolved: one that uses another comes after it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};

use crate::errors::{Errors, Message};
use crate::syntax::{Flow, Network, Source, Stage, Statement, Template};

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

    /// Every stage in it, whatever it names.
    pub(super) fn stages(self) -> Vec<&'a Stage> {
        let mut stages = Vec::new();
        for statement in self.statements() {
            match statement {
                Statement::Let(statement) => collect(&statement.flow, &mut stages),
                Statement::Layer(layer) => stages.extend(&layer.stages),
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
                errors.push(
                    Message::new(span, format!("the {} `{}` contains itself", units[used].noun(), units[used].name()))
                        .note(format!("the circle is {}", circle.join(" -> "))),
                );
                circles.insert((units[unit].name().to_string(), units[used].name().to_string()));
            } else if !done[used] {
                waiting.push((used, 0));
            }
        }
    }
    order
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
    for stage in unit.stages() {
        let name = stage.name();
        if stage.path.get_ident().is_none() || own_layers.contains(&name.to_string()) {
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

fn collect<'a>(flow: &'a Flow, stages: &mut Vec<&'a Stage>) {
    match &flow.source {
        Source::Name(_) => {}
        Source::Tuple { items, .. } => items.iter().for_each(|item| collect(&item.flow, stages)),
    }
    stages.extend(&flow.stages);
}

/// Tells which templates no network and no other template uses.
pub(super) fn tell_unused(units: &[Unit<'_>], errors: &mut Errors) {
    let used: BTreeSet<String> =
        units.iter().flat_map(|unit| unit.stages()).map(|stage| stage.name().to_string()).collect();
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
