//! One network: its statements in their order.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span};
use quote::ToTokens;

use super::Context;
use super::flow::{Bundle, Operand};
use super::header::{mentioned, spans};
use super::names::{Names, Prefix};
use super::scope::{Entity, Scope};
use super::stage::{Declared, Sharing};
use crate::constants::Constants;
use crate::errors::{Errors, Message};
use crate::graph::{Annotation, Announcement, Input, Network, Origin, Output, Program, TemplateUseId, Value, ValueId};
use crate::shape::{Element, Shape};
use crate::syntax::{self, ExternNetwork, Let, Pattern, SharedLayer, Statement};

/// What is known while a network is built.
pub(super) struct Builder<'a> {
    pub(super) context: &'a Context<'a>,
    /// The constants of the block, and the numbers of the template whose definition is checked.
    pub(super) constants: &'a Constants,
    pub(super) program: &'a Program,
    pub(super) errors: &'a mut Errors,
    pub(super) network: Network,
    pub(super) scope: Scope,
    pub(super) names: Names,
    /// The layers declared with `layer`.
    pub(super) declared: Vec<Declared<'a>>,
    /// The use of a shared layer at hand.
    pub(super) sharing: Option<Sharing>,
    /// The use of a template at hand.
    pub(super) template: Option<TemplateUseId>,
    /// Whether what is around the stages at hand is frozen.
    pub(super) frozen: bool,
    /// The kinds of the stages around those at hand, outermost first.
    pub(super) around: Vec<String>,
    /// What the names within that use begin with.
    pub(super) base: Option<String>,
    /// Whether the definition of a template is checked: shapes and numbers are not known then.
    pub(super) checking: bool,
    /// Index of the statement at hand.
    pub(super) statement: usize,
    /// The names that the `let` at hand binds.
    pub(super) binding: Vec<String>,
    /// The statement with the metrics of each output.
    pub(super) metric_statements: BTreeMap<usize, usize>,
    /// Whether outputs may be missing because they could not be read.
    pub(super) header_broken: bool,
    /// Whether an error has hidden which values are used, so that nothing can be said about unused ones.
    pub(super) uses_hidden: bool,
}

/// A network without anything in it.
pub(super) fn blank(keyword: Span, name: &Ident) -> Network {
    Network {
        keyword,
        attributes: Vec::new(),
        visibility: syn::Visibility::Inherited,
        name: name.clone(),
        announced: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
        values: Vec::new(),
        lets: Vec::new(),
        nodes: Vec::new(),
        owners: Vec::new(),
        shared: Vec::new(),
        template_uses: Vec::new(),
        size: 0,
        depth: 1,
        largest: 0,
        losses: Vec::new(),
        metrics: Vec::new(),
    }
}

/// Builds one network; those that it uses are in `program`.
pub(super) fn network(
    tree: &syntax::Network,
    context: &Context<'_>,
    program: &Program,
    errors: &mut Errors,
) -> Network {
    let network = Network {
        attributes: tree.attributes.clone(),
        visibility: tree.visibility.clone(),
        ..blank(tree.keyword, &tree.name)
    };
    // A constant that is declared within the network by mistake is told there, not at its uses.
    let mut constants = context.constants.clone();
    for statement in &tree.statements {
        let Statement::Broken(broken) = statement else { continue };
        broken.names.iter().filter(|name| !context.constants.contains(&name.to_string())).for_each(|name| {
            constants.declare(name, None);
        });
    }
    let mut builder = Builder::new(network, context, &constants, program, errors);
    builder.header_broken = tree.broken;
    builder.uses_hidden =
        tree.broken || tree.statements.iter().any(|statement| matches!(statement, Statement::Broken(_)));
    builder.header(tree);
    for statement in &tree.statements {
        builder.announce(statement);
    }
    for (index, statement) in tree.statements.iter().enumerate() {
        builder.statement = index;
        builder.statement(statement);
    }
    let mentioned = mentioned(tree);
    builder.bind_outputs(&mentioned);
    if !builder.uses_hidden {
        builder.scope.tell_unused(builder.errors);
    }
    builder.network
}

/// The inputs and outputs of a network that is declared elsewhere.
pub(super) fn announced(
    tree: &ExternNetwork,
    context: &Context<'_>,
    program: &Program,
    errors: &mut Errors,
) -> Network {
    let header = syntax::Network {
        keyword: tree.keyword,
        attributes: Vec::new(),
        visibility: syn::Visibility::Inherited,
        name: tree.name().clone(),
        inputs: tree.inputs.clone(),
        outputs: tree.outputs.clone(),
        statements: Vec::new(),
        broken: tree.broken,
        lost: Vec::new(),
    };
    let mut builder = Builder::new(blank(tree.keyword, &header.name), context, &context.constants, program, errors);
    builder.header_broken = tree.broken;
    builder.header(&header);
    let mut network = builder.network;
    let spans_of = |input: &Input| {
        let dims = header.inputs.iter().find(|declared| declared.name == input.name).map(|declared| &declared.dims);
        let known = network.values[input.value.0].shape.is_some();
        dims.filter(|_| known).map(spans)
    };
    let inputs = network.inputs.iter().map(spans_of).collect();
    // Of what is inside, nothing is seen: each use is one step.
    network.size = 1;
    network.announced = Some(Announcement { what: tree.what, path: tree.path.to_token_stream(), inputs });
    network
}

/// Gives a network that has no inputs or no outputs, which has been told, one of each: its types are generated all the
/// same, and nobody is told about those.
pub(super) fn with_stand_ins(mut network: Network) -> Network {
    let name = Ident::new("nothing", network.name.span());
    if network.inputs.is_empty() {
        let value = ValueId(network.values.len());
        let (element, shape) = (Element::F32, vec![1]);
        network.values.push(Value {
            name: None,
            origin: Origin::Poison,
            element,
            shape: None,
            steps: Vec::new(),
            annotations: Vec::new(),
        });
        network.inputs.push(Input { name: name.clone(), element, shape, value });
    }
    if network.outputs.is_empty() {
        network.outputs.push(Output { name, shape: vec![1], declared: None, value: None, target: None });
    }
    network
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        network: Network,
        context: &'a Context<'a>,
        constants: &'a Constants,
        program: &'a Program,
        errors: &'a mut Errors,
    ) -> Self {
        Self {
            context,
            constants,
            program,
            errors,
            network,
            scope: Scope::default(),
            names: Names::default(),
            declared: Vec::new(),
            sharing: None,
            template: None,
            frozen: false,
            around: Vec::new(),
            base: None,
            checking: false,
            statement: 0,
            binding: Vec::new(),
            metric_statements: BTreeMap::new(),
            header_broken: false,
            uses_hidden: false,
        }
    }

    /// A new tensor.
    pub(super) fn value(&mut self, origin: Origin, element: Element, shape: Option<Shape>) -> ValueId {
        let id = ValueId(self.network.values.len());
        self.network.values.push(Value {
            name: None,
            origin,
            element,
            shape,
            steps: Vec::new(),
            annotations: Vec::new(),
        });
        id
    }

    pub(super) fn announce(&mut self, statement: &Statement) {
        match statement {
            Statement::Let(statement) => {
                statement.pattern.names().for_each(|name| self.scope.announce(name, Some(false)))
            }
            Statement::Layer(layer) => self.scope.announce(&layer.name, Some(true)),
            Statement::Loss(_) | Statement::Metric(_) => {}
            Statement::Broken(broken) => broken.names.iter().for_each(|name| self.scope.announce(name, None)),
        }
    }

    pub(super) fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let(statement) => self.let_statement(statement),
            Statement::Layer(layer) => self.layer(layer),
            Statement::Loss(loss) => self.loss(loss),
            Statement::Metric(metric) => self.metric(metric),
            Statement::Broken(broken) => {
                self.broken_loss(broken);
                for name in &broken.names {
                    if self.scope.peek(&name.to_string()).is_none() {
                        self.scope.bind(name, "value", Entity::Poison, self.errors);
                    }
                }
            }
        }
    }

    fn let_statement(&mut self, Let { pattern, annotation, flow }: &Let) {
        let Some(first) = pattern.names().next() else {
            if let Pattern::Tuple { span, .. } = pattern {
                let message = Message::new(*span, "this binds no name");
                self.errors.push(message.help("give a value a name, or remove the statement"));
            }
            return;
        };
        let mut prefix = Prefix::new(&self.qualified(first), false);
        if self.scope.peek(&first.to_string()).is_some() {
            prefix = prefix.bound_twice();
        }
        self.binding = pattern.names().map(Ident::to_string).collect();
        let bundle = self.flow(flow, &mut prefix);
        let expected = match annotation {
            None => None,
            Some(dims) => {
                let shape = self.shape(dims, first).ok();
                shape.map(|shape| Annotation { name: first.clone(), shape, spans: spans(dims) })
            }
        };
        let names: Vec<Option<&Ident>> = match pattern {
            Pattern::Name(name) => vec![Some(name)],
            Pattern::Tuple { names, .. } => names.iter().map(Option::as_ref).collect(),
        };
        let operands = match bundle {
            Bundle::Values(operands) if operands.len() == names.len() => operands,
            // How many values a stage gives can depend on a number that is not known while a definition is checked.
            Bundle::Values(operands) if self.checking && !flow.stages.is_empty() && self.is_open(&operands) => {
                for name in names.into_iter().flatten() {
                    let value = self.value(Origin::Poison, Element::F32, None);
                    self.scope.bind(name, "value", Entity::Value(value), self.errors);
                }
                return;
            }
            Bundle::Values(operands) => {
                let place = match pattern {
                    Pattern::Name(name) => name.span(),
                    Pattern::Tuple { span, .. } => *span,
                };
                let (right, left) = (operands.len(), names.len());
                let count = |count: usize| if count == 1 { "one value".to_owned() } else { format!("{count} values") };
                let name = if left == 1 { "one name" } else { "names" };
                let text = if left == 1 {
                    format!("this gives {}, but binds {name}", count(right))
                } else {
                    format!("this gives {}, but binds {left} {name}", count(right))
                };
                let message = Message::new(place, text);
                self.errors.push(if left == 1 {
                    message.help("bind them all, e.g. `let (a, b) = ...;`, or join them with a stage, e.g. `-> Concat`")
                } else if right == 1 {
                    message.help(format!("write `let {first} = ...;`"))
                } else if right > left {
                    message.help("write `_` for a value that is not needed")
                } else {
                    message.help(format!("leave out {}", if left - right == 1 { "one name" } else { "the others" }))
                });
                names.into_iter().flatten().for_each(|name| self.bind_poison(name));
                return;
            }
            Bundle::Poison => {
                names.into_iter().flatten().for_each(|name| self.bind_poison(name));
                return;
            }
        };
        for (name, operand) in names.into_iter().zip(operands) {
            let Some(name) = name else { continue };
            let value = &mut self.network.values[operand.value.0];
            let is_this =
                |entry: &super::scope::Entry| matches!(entry.entity, Entity::Value(id) if id == operand.value);
            // A name that it has in a template is not known here.
            if let Some(other) =
                value.name.as_ref().filter(|other| self.scope.peek(&other.to_string()).is_some_and(is_this))
            {
                let text = format!("`{name}` would only be a second name of `{other}`");
                let is_output =
                    self.template.is_none() && self.network.outputs.iter().any(|output| output.name == *name);
                let help = match value.origin {
                    Origin::Input(_) if is_output => {
                        "an output is what a stage makes: the input is known already".to_owned()
                    }
                    _ if is_output => format!("call it `{name}` where it is bound"),
                    _ => format!("use `{other}` itself"),
                };
                self.errors.push(Message::new(name.span(), text).help(help));
                self.bind_poison(name);
                continue;
            }
            value.name = Some(name.clone());
            value.annotations.extend(expected.clone());
            if self.template.is_none() {
                self.network.lets.push((name.clone(), operand.value));
            }
            self.scope.bind(name, "value", Entity::Value(operand.value), self.errors);
        }
    }

    /// Whether this is one value of which nothing is known.
    fn is_open(&self, operands: &[Operand]) -> bool {
        matches!(operands, [operand] if self.network.values[operand.value.0].origin == Origin::Poison)
    }

    /// A name as it is known in the whole network: within a template it begins with the name of the use.
    pub(super) fn qualified(&self, name: &Ident) -> Ident {
        match &self.base {
            Some(base) => Ident::new(&format!("{base}_{name}"), name.span()),
            None => name.clone(),
        }
    }

    fn bind_poison(&mut self, name: &Ident) {
        self.scope.bind(name, "value", Entity::Poison, self.errors);
    }

    fn layer(&mut self, layer: &SharedLayer) {
        if self.template.is_none() && self.network.outputs.iter().any(|output| output.name == layer.name) {
            let text = format!("`{}` is an output, which is bound by `let`, but this is a layer", layer.name);
            self.errors.error(layer.name.span(), text);
            self.scope.bind(&layer.name, "layer", Entity::Poison, self.errors);
            return;
        }
        if self.scope.peek(&layer.name.to_string()).is_some() {
            self.scope.bind(&layer.name, "layer", Entity::Poison, self.errors);
            return;
        }
        let entity = match self.declare(layer) {
            Some(declared) => {
                self.declared.push(declared);
                Entity::Layer(self.declared.len() - 1)
            }
            None => Entity::Poison,
        };
        self.scope.bind(&layer.name, "layer", entity, self.errors);
    }
}
