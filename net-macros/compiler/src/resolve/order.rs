//! The order in which networks are resolved: one that uses another comes after it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Span;

use crate::errors::{Errors, Message};
use crate::syntax::{Flow, Network, Source, Stage, Statement};

/// The networks in that order. A circle is told, and its last use is put into `circles`.
pub(super) fn order<'a>(
    networks: &[&'a Network],
    circles: &mut BTreeSet<(String, String)>,
    errors: &mut Errors,
) -> Vec<&'a Network> {
    let by_name: BTreeMap<String, usize> =
        networks.iter().enumerate().map(|(index, network)| (network.name.to_string(), index)).collect();
    let uses: Vec<Vec<(usize, Span)>> = networks.iter().map(|network| uses(network, &by_name)).collect();
    let mut done = vec![false; networks.len()];
    let mut order = Vec::new();
    for start in 0..networks.len() {
        // Networks that wait for those they use, each with the number of its uses that were followed.
        let mut waiting: Vec<(usize, usize)> = if done[start] { Vec::new() } else { vec![(start, 0)] };
        while let Some((network, followed)) = waiting.last_mut() {
            let network = *network;
            let Some(&(used, span)) = uses[network].get(*followed) else {
                waiting.pop();
                done[network] = true;
                order.push(networks[network]);
                continue;
            };
            *followed += 1;
            if let Some(begin) = waiting.iter().position(|(waits, _)| *waits == used) {
                let mut circle: Vec<String> =
                    waiting[begin..].iter().map(|(waits, _)| format!("`{}`", networks[*waits].name)).collect();
                circle.push(format!("`{}`", networks[used].name));
                errors.push(
                    Message::new(span, format!("the network `{}` contains itself", networks[used].name))
                        .note(format!("the circle is {}", circle.join(" -> "))),
                );
                circles.insert((networks[network].name.to_string(), networks[used].name.to_string()));
            } else if !done[used] {
                waiting.push((used, 0));
            }
        }
    }
    order
}

/// The networks that one uses, each once, with the place of the first use.
fn uses(network: &Network, by_name: &BTreeMap<String, usize>) -> Vec<(usize, Span)> {
    let mut own_layers = BTreeSet::new();
    let mut stages = Vec::new();
    for statement in &network.statements {
        match statement {
            Statement::Let(statement) => collect(&statement.flow, &mut stages),
            Statement::Layer(layer) => {
                own_layers.insert(layer.name.to_string());
                stages.extend(&layer.stages);
            }
            Statement::Loss(_) | Statement::Metric(_) | Statement::Broken(_) => {}
        }
    }
    let mut uses: Vec<(usize, Span)> = Vec::new();
    for stage in stages {
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
