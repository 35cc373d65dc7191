//! What is known of a value: its shape, its memory, what its stages cost.

use std::collections::{BTreeMap, BTreeSet};

use net_drawing::{bytes, thousands};
use proc_macro2::{Ident, TokenStream};

use super::shape_type;
use crate::graph::{HeadMetric, Network, Node, Operation, Origin, OwnerId, Program, ValueId};
use crate::layers::Weights;

/// The graphs, and what each network costs as a whole.
pub(super) struct Facts<'p> {
    program: &'p Program,
    costs: Vec<Cost>,
}

/// Parameters and multiply-adds.
#[derive(Clone, Copy, Default)]
struct Cost {
    parameters: usize,
    multiply_adds: u64,
    /// Whether announced networks add theirs, which only rustc knows.
    more: bool,
}

/// A value, for its documentation.
pub(super) struct Known {
    pub(super) text: String,
    /// A type that shows its shape.
    pub(super) kind: TokenStream,
}

impl<'p> Facts<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        let mut facts = Self { program, costs: Vec::new() };
        // A network stands after those that it uses.
        for network in &program.networks {
            let mut cost = facts.cost(network, &network.nodes.iter().collect::<Vec<_>>());
            cost.more |= network.announced.is_some();
            facts.costs.push(cost);
        }
        facts
    }

    /// The graph of a network.
    pub(super) fn network(&self, name: &Ident) -> Option<&'p Network> {
        self.program.networks.iter().find(|network| network.name == *name)
    }

    /// What is known of a value; `None` if its shape is not.
    pub(super) fn value(&self, network: &Network, bound: &BTreeSet<ValueId>, id: ValueId) -> Option<Known> {
        let value = &network.values[id.0];
        let shape = value.shape.as_ref()?;
        let size = bytes(shape.iter().product::<usize>().saturating_mul(size_of::<f32>()));
        let cost = self.cost(network, &stages_of(network, bound, id));
        let text = format!("`{shape:?}`, {size} for each sample.{}", cost.text());
        Some(Known { text, kind: shape_type(shape, value.element) })
    }

    /// What a shared layer costs: its parameters once, its multiply-adds for all its uses.
    pub(super) fn layer(&self, network: &Network, name: &Ident) -> String {
        let Some(shared) = network.shared.iter().position(|shared| shared.name == *name) else {
            return String::new();
        };
        let of_layer = |node: &&Node| node.part_of.is_some_and(|part| part.shared.0 == shared);
        let cost = self.cost(network, &network.nodes.iter().filter(of_layer).collect::<Vec<_>>());
        let uses = network.shared[shared].uses.len();
        format!(", {uses} {}.{}", if uses == 1 { "use" } else { "uses" }, cost.text())
    }

    /// The cost of some nodes; weights that several of them share count once.
    fn cost(&self, network: &Network, nodes: &[&Node]) -> Cost {
        let mut cost = Cost::default();
        let owners: BTreeSet<OwnerId> = nodes.iter().filter_map(|node| node.owner).collect();
        for owner in owners.iter().map(|owner| &network.owners[owner.0]) {
            cost.parameters += match &owner.operation {
                Operation::Layer(_) => owner.weights.as_ref().map_or(0, Weights::count),
                Operation::Network(inner) => self.costs[inner.0].parameters,
                Operation::OpenSteps | Operation::CloseSteps => 0,
            };
        }
        for node in nodes {
            if let Operation::Network(inner) = &node.operation {
                cost.more |= self.costs[inner.0].more;
            }
            let multiply_adds = match &node.operation {
                Operation::Layer(_) => node.facts.as_ref().map_or(0, |facts| facts.multiply_adds),
                Operation::Network(inner) => self.costs[inner.0].multiply_adds,
                Operation::OpenSteps | Operation::CloseSteps => 0,
            };
            let all = multiply_adds.saturating_mul(network.times(node) as u64);
            cost.multiply_adds = cost.multiply_adds.saturating_add(all);
        }
        cost
    }
}

impl Cost {
    /// A sentence, or nothing where nothing is to be told.
    fn text(self) -> String {
        let multiply_adds = thousands(self.multiply_adds);
        let mut text = match (self.parameters, self.multiply_adds) {
            (0, 0) => String::new(),
            (0, _) => format!(" Its stages need {multiply_adds} multiply-adds."),
            (parameters, _) => {
                let parameters = thousands(parameters as u64);
                format!(" Its stages have {parameters} parameters and need {multiply_adds} multiply-adds.")
            }
        };
        if self.more {
            text.push_str(" What is announced adds its own.");
        }
        text
    }
}

/// The values that a network binds by `let`.
pub(super) fn values(network: &Network) -> BTreeMap<String, ValueId> {
    network.lets.iter().map(|(name, value)| (name.to_string(), *value)).collect()
}

/// The metrics of a network: the output, and the name of the runtime's item.
pub(super) fn metrics(network: &Network) -> Vec<(String, String)> {
    let names = network.metrics.iter().filter_map(|HeadMetric { output, metric, span: _ }| {
        let output = &network.outputs[*output];
        let path = metric.path(&output.shape, output.target.as_ref()?).to_string();
        Some((output.name.to_string(), path.rsplit(' ').next()?.to_owned()))
    });
    names.collect()
}

/// The stages between a value and those bound values that it comes from.
fn stages_of<'n>(network: &'n Network, bound: &BTreeSet<ValueId>, value: ValueId) -> Vec<&'n Node> {
    let mut seen = BTreeSet::new();
    let mut open = vec![value];
    while let Some(next) = open.pop() {
        let Origin::Node { node, .. } = network.values[next.0].origin else { continue };
        if seen.insert(node) {
            let operands = network.nodes[node.0].operands.iter().copied();
            open.extend(operands.filter(|operand| !bound.contains(operand)));
        }
    }
    seen.into_iter().map(|node| &network.nodes[node.0]).collect()
}
