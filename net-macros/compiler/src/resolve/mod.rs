//! Syntax tree to graph: what every name means, which weights are shared, and the arguments of every layer.

mod bidirectional;
mod chosen;
mod flow;
mod header;
mod heads;
mod names;
mod network;
mod operands;
mod order;
mod scope;
mod stage;
mod template;
mod wrapper;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;
use quote::ToTokens;

use crate::constants::Constants;
use crate::errors::{Errors, Message};
use crate::graph::{AnnouncedConstant, Constant, Network, NetworkId, Operation, Program};
use crate::layers::{table, wrapper as wrapper_table};
use crate::syntax::{Block, Const, ExternConst, Item, Statement, last_name};
use order::Unit;

/// What all networks of a block have in common.
pub(crate) struct Context<'a> {
    constants: Constants,
    /// The networks that are resolved so far.
    networks: BTreeMap<String, NetworkId>,
    /// The templates that are checked so far.
    templates: BTreeMap<String, template::Checked<'a>>,
    /// Names whose meaning could not be found out, which has been told: their uses are not reported again.
    unclear: BTreeSet<String>,
    /// Uses of networks, by user and used, that are part of a circle, which has been told.
    circles: BTreeSet<(String, String)>,
}

/// Builds the graph of a block. What is wrong is left out of it, but every network whose header is readable is in it.
pub fn resolve(block: &Block, errors: &mut Errors) -> Program {
    let mut program = Program::default();
    let mut context = Context {
        constants: Constants::new(|word| table::find(word).is_some() || wrapper_table::find(word).is_some()),
        networks: BTreeMap::new(),
        templates: BTreeMap::new(),
        unclear: block.broken.iter().map(Ident::to_string).collect(),
        circles: BTreeSet::new(),
    };
    for name in &block.broken {
        context.constants.declare(name, None);
    }
    let items = distinct(block, &mut context.unclear, errors);
    constants(&items, &mut context.constants, &mut program, errors);
    let (mut announced, mut units) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Const(_) | Item::ExternConst(_) => {}
            Item::ExternNetwork(network) => announced.push(network),
            Item::Template(template) => units.push(Unit::Template(template)),
            Item::Network(network) => units.push(Unit::Network(network)),
        }
    }
    let unreadable = |unit: &Unit<'_>| {
        let broken = |statement: &Statement| matches!(statement, Statement::Broken(_));
        unit.statements().iter().any(broken) || matches!(unit, Unit::Network(network) if network.broken)
    };
    if block.broken.is_empty() && !units.iter().any(unreadable) {
        order::tell_unused(&units, errors);
    }
    for network in announced {
        let graph = network::announced(network, &context, &program, errors);
        add(graph, network.broken, network.inputs.len(), &mut context, &mut program);
    }
    for unit in order::order(&units, &mut context.circles, errors) {
        let network = match unit {
            Unit::Network(network) => network,
            Unit::Template(tree) => {
                let name = tree.name.to_string();
                match template::check(tree, &context, &program, errors) {
                    Some(checked) => drop(context.templates.insert(name, checked)),
                    None => drop(context.unclear.insert(name)),
                }
                continue;
            }
        };
        let graph = network::network(network, &context, &program, errors);
        add(graph, network.broken, network.inputs.len(), &mut context, &mut program);
    }
    if errors.is_empty() {
        tell_unused(&program, errors);
    }
    program
}

/// Computes the constants of a block, which may speak of each other in any order, of announced ones too.
fn constants(items: &[&Item], known: &mut Constants, program: &mut Program, errors: &mut Errors) {
    for named in order::order_constants(items, known, errors) {
        let value = known.length(named.value, &format!("`{}`", named.name), errors);
        known.declare(named.name, value);
    }
    // In the order of the text, whatever they were computed in.
    for item in items {
        match item {
            Item::Const(Const { attributes, name, value: _ }) => {
                if let Some(value) = known.value(name) {
                    program.constants.push(Constant { attributes: attributes.clone(), name: name.clone(), value });
                }
            }
            Item::ExternConst(ExternConst { path, value: announced, .. }) => {
                if let Some(value) = known.value(last_name(path)) {
                    let (path, span) = (path.to_token_stream(), announced.span());
                    program.announced.push(AnnouncedConstant { path, value, span });
                }
            }
            Item::ExternNetwork(_) | Item::Network(_) | Item::Template(_) => {}
        }
    }
}

/// Makes a network known to those after it; `inputs` are written in its header.
fn add(network: Network, broken: bool, inputs: usize, context: &mut Context, program: &mut Program) {
    let name = network.name.to_string();
    // With inputs or outputs missing, every use of it would seem to be wrong.
    if broken || network.inputs.len() != inputs || network.outputs.is_empty() {
        context.unclear.insert(name.clone());
    }
    context.networks.insert(name, NetworkId(program.networks.len()));
    program.networks.push(network::with_stand_ins(network));
}

/// Tells which announced networks nobody uses: an announcement does nothing else.
fn tell_unused(program: &Program, errors: &mut Errors) {
    let nodes = program.networks.iter().flat_map(|network| &network.nodes);
    let used: BTreeSet<NetworkId> = nodes
        .filter_map(|node| match node.operation {
            Operation::Network(id) => Some(id),
            Operation::Layer(_) | Operation::OpenSteps | Operation::CloseSteps => None,
        })
        .collect();
    for (index, Network { name, announced, .. }) in program.networks.iter().enumerate() {
        let Some(announced) = announced else { continue };
        let text = name.to_string();
        if !used.contains(&NetworkId(index)) && !text.starts_with('_') {
            errors.push(
                Message::new(name.span(), format!("the announced {} `{text}` is never used", announced.what.word()))
                    .help("remove the announcement"),
            );
        }
    }
}

/// What is generated beside the struct of a network, by the end of its name.
const SIBLINGS: [&str; 12] = [
    "Inputs",
    "Outputs",
    "OutputViews",
    "Samples",
    "Gradients",
    "OutputGradients",
    "InputGradients",
    "Upstream",
    "Workspace",
    "Metrics",
    "Losses",
    "Slots",
];

/// The items without those whose name was taken already.
fn distinct<'a>(block: &'a Block, unclear: &mut BTreeSet<String>, errors: &mut Errors) -> Vec<&'a Item> {
    let mut seen: BTreeMap<String, &Ident> = BTreeMap::new();
    let mut items = Vec::new();
    for item in &block.items {
        let name = match item {
            Item::Const(constant) => &constant.name,
            Item::ExternConst(constant) => last_name(&constant.path),
            Item::ExternNetwork(network) => network.name(),
            Item::Network(network) => &network.name,
            Item::Template(template) => &template.name,
        };
        if matches!(item, Item::Network(_)) && name == "net_runtime" {
            let text = "`net_runtime` is the crate of which the network's code is made: a struct would hide it";
            errors.push(Message::new(name.span(), text).help("give the network another name"));
            unclear.insert(name.to_string());
            continue;
        }
        if let Some(first) = seen.get(&name.to_string()) {
            errors.push(
                Message::new(name.span(), format!("`{name}` is declared twice"))
                    .note(format!("first in line {}", first.span().start().line)),
            );
            continue;
        }
        seen.insert(name.to_string(), name);
        items.push(item);
    }
    let clashing = siblings(&items, &seen, errors);
    items.retain(|item| !matches!(item, Item::Network(network) if clashing.contains(&network.name.to_string())));
    unclear.extend(clashing);
    items
}

/// Tells where the name of an item, or of a type generated for one network, is that of a type generated for another, and
/// returns the names of those networks, for which nothing can be generated.
fn siblings(items: &[&Item], declared: &BTreeMap<String, &Ident>, errors: &mut Errors) -> BTreeSet<String> {
    let mut generated: BTreeMap<String, &Ident> = BTreeMap::new();
    let mut clashing = BTreeSet::new();
    for item in items {
        let Item::Network(network) = item else { continue };
        let owner = &network.name;
        for sibling in SIBLINGS {
            let name = format!("{owner}{sibling}");
            if let Some(other) = declared.get(&name) {
                let text = format!("`{other}` is also the name of a type that is generated for the network `{owner}`");
                errors.push(Message::new(other.span(), text).help("give one of them another name"));
                clashing.insert(other.to_string());
            }
            if let Some(other) = generated.insert(name.clone(), owner) {
                let text = format!("a type `{name}` would be generated for the network `{owner}` and for `{other}`");
                errors.push(Message::new(owner.span(), text).help("give one of the networks another name"));
                clashing.insert(owner.to_string());
            }
        }
    }
    clashing
}
