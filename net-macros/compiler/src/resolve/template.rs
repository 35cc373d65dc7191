//! Templates: `block residual(x, const N) { ... }`. A definition is checked once, with inputs of unknown shape; each use
//! adds its stages to the network around it, with the numbers of that use and weights of its own.
//!
//! They are opened here and not as text, so that what is wrong with a definition is told once, and where it stands. In a shared
//! layer a template is opened at every use, and finds the places of its weights again by their names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span};
use syn::{LitFloat, LitInt};

use super::Context;
use super::flow::{Bundle, Operand};
use super::names::Prefix;
use super::network::{Builder, blank};
use super::scope::Entity;
use super::stage::Prepared;
use crate::arguments::Amount;
use crate::errors::{Errors, Message};
use crate::graph::{Origin, Program, TemplateUse, TemplateUseId};
use crate::shape::Element;
use crate::syntax::{
    Argument, Arguments, Flow, Let, SharedLayer, Source, Stage, Statement, Template, TupleItem, Value,
};

/// How deep templates may use one another; each level is a recursion of the compiler.
const DEEPEST: usize = 64;

/// A template whose definition was checked.
pub(super) struct Checked<'a> {
    pub(super) tree: &'a Template,
    /// Number of values that it gives.
    results: usize,
    /// How deep templates are nested in it: 1 without any.
    depth: usize,
}

/// Checks a definition; `None` if it is wrong, which has been told, so that no use of it tells it again.
pub(super) fn check<'a>(
    tree: &'a Template,
    context: &Context<'a>,
    program: &Program,
    errors: &mut Errors,
) -> Option<Checked<'a>> {
    let before = errors.len();
    let mut constants = context.constants.clone();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for name in tree.inputs.iter().chain(&tree.constants) {
        if !seen.insert(name.to_string()) {
            errors.error(name.span(), format!("the template `{}` has two parameters `{name}`", tree.name));
        }
    }
    for number in &tree.constants {
        if context.constants.contains(&number.to_string()) {
            let message = Message::new(number.span(), format!("`{number}` is a constant of this block already"));
            errors.push(message.help("give the number of the template another name"));
        }
        constants.declare(number, None);
    }
    if tree.inputs.is_empty() {
        let message = Message::new(tree.name.span(), format!("the template `{}` has no input", tree.name));
        errors.push(message.help(format!("name one: `block {}(x, ...) {{ ... }}`", tree.name)));
        return None;
    }
    if tell_inputs_as_numbers(tree, errors) {
        return None;
    }
    let deepest = |stage: &Ident| context.templates.get(&stage.to_string()).map(|used| used.depth);
    let depth = 1 + super::order::Unit::Template(tree).stages().into_iter().filter_map(deepest).max().unwrap_or(0);
    if depth > DEEPEST {
        errors.error(tree.name.span(), format!("templates are nested more than {DEEPEST} deep"));
        return None;
    }

    let mut builder = Builder::new(blank(tree.keyword, &tree.name), context, &constants, program, errors);
    builder.checking = true;
    builder.uses_hidden = tree.statements.iter().any(|statement| matches!(statement, Statement::Broken(_)));
    let unreadable = builder.uses_hidden;
    for name in &tree.inputs {
        if builder.scope.peek(&name.to_string()).is_none() {
            let value = builder.value(Origin::Poison, Element::F32, None);
            builder.scope.bind(name, "input", Entity::Value(value), builder.errors);
        }
    }
    let mut prefix = Prefix::new(&tree.name, false);
    let results = builder.body(&tree.statements, &tree.result, &mut prefix);
    if !builder.uses_hidden {
        builder.scope.tell_unused(builder.errors);
        if seen.len() == tree.inputs.len() + tree.constants.len() {
            tell_unused_numbers(tree, builder.errors);
        }
    }
    match results {
        Bundle::Values(values) if errors.len() == before && !unreadable => {
            Some(Checked { tree, results: values.len(), depth })
        }
        Bundle::Values(_) | Bundle::Poison => None,
    }
}

/// Tells which inputs are used as numbers, for which `const` was forgotten; whether there is one.
fn tell_inputs_as_numbers(tree: &Template, errors: &mut Errors) -> bool {
    let before = errors.len();
    for name in &tree.inputs {
        let mut place = None;
        Numbers(BTreeMap::from([(name.to_string(), Amount::Whole(1))]))
            .body(tree, &mut |span| place = place.or(Some(span)));
        if let Some(place) = place {
            let message = Message::new(name.span(), format!("`{name}` is an input, but is used as a number"));
            let message = message.note(format!("it is used in line {}", place.start().line));
            errors.push(message.help(format!("write `const {name}` here")));
        }
    }
    errors.len() > before
}

fn tell_unused_numbers(tree: &Template, errors: &mut Errors) {
    for number in &tree.constants {
        let text = number.to_string();
        let replaced = Numbers(BTreeMap::from([(text.clone(), Amount::Whole(1))]));
        let mut used = false;
        replaced.body(tree, &mut |_| used = true);
        if !used && !text.starts_with('_') {
            errors.push(
                Message::new(number.span(), format!("the number `{text}` is never used"))
                    .help(format!("remove it, or call it `_{text}`")),
            );
        }
    }
}

impl Builder<'_> {
    /// The statements and the result of a template.
    fn body(&mut self, statements: &[Statement], result: &Flow, prefix: &mut Prefix) -> Bundle {
        for statement in statements {
            self.announce(statement);
        }
        for statement in statements {
            match statement {
                Statement::Loss(loss) if self.checking => self.belongs_to_a_network(&loss.output, "loss"),
                Statement::Metric(metric) if self.checking => self.belongs_to_a_network(&metric.output, "metric"),
                Statement::Loss(_) | Statement::Metric(_) => {}
                Statement::Let(_) | Statement::Layer(_) | Statement::Broken(_) => self.statement(statement),
            }
        }
        self.flow(result, prefix)
    }

    fn belongs_to_a_network(&mut self, output: &Ident, what: &str) {
        let message = Message::new(output.span(), format!("a {what} belongs to an output, and a template has none"));
        self.errors.push(message.help(format!("write the `{what}` into the network that uses the template")));
        self.uses_hidden = true;
    }

    /// One use of a template: its stages become nodes of this network, named after `base`.
    pub(super) fn use_template(
        &mut self,
        bundle: Bundle,
        template: &Checked<'_>,
        numbers: Option<&[Amount]>,
        prepared: &Prepared<'_>,
        base: String,
    ) -> Bundle {
        let Bundle::Values(operands) = bundle else { return Bundle::Poison };
        let Some(operands) = self.matched_inputs(operands, &template.tree.inputs, &prepared.stage) else {
            return Bundle::Poison;
        };
        let span = prepared.stage.span;
        if self.checking {
            let mut fresh = |_| Operand::new(self.value(Origin::Poison, Element::F32, None), span);
            return Bundle::Values((0..template.results).map(&mut fresh).collect());
        }
        let Some(numbers) = numbers else { return Bundle::Poison };
        let names = template.tree.constants.iter().map(Ident::to_string);
        let numbers = Numbers(names.zip(numbers.iter().copied()).collect());
        let (statements, result) = numbers.body(template.tree, &mut |_| ());

        let id = TemplateUseId(self.network.template_uses.len());
        let text = prepared.stage.to_string();
        self.network.template_uses.push(TemplateUse { text: text.clone(), span, within: self.template });
        let before = self.errors.len();
        // Inside, only its own names are known.
        let scope = std::mem::take(&mut self.scope);
        let declared = std::mem::take(&mut self.declared);
        let around = (self.template.replace(id), self.base.replace(base.clone()));
        for (name, operand) in template.tree.inputs.iter().zip(operands) {
            self.scope.bind(name, "input", Entity::Value(operand.value), self.errors);
        }
        let mut prefix = Prefix::of(base);
        let bundle = self.body(&statements, &result, &mut prefix);
        (self.template, self.base) = around;
        self.scope = scope;
        self.declared = declared;
        self.errors.note_since(before, &format!("in `{text}`, used in line {}", span.start().line));
        match bundle {
            // Messages about what follows stand on the use.
            Bundle::Values(results) => {
                Bundle::Values(results.into_iter().map(|result| Operand::new(result.value, span)).collect())
            }
            Bundle::Poison => Bundle::Poison,
        }
    }
}

/// What the numbers of a template are in one use.
struct Numbers(BTreeMap<String, Amount>);

/// Is told of each number that is replaced.
type Found<'f> = &'f mut dyn FnMut(Span);

impl Numbers {
    /// The body with every number in place of its name.
    fn body(&self, tree: &Template, found: Found<'_>) -> (Vec<Statement>, Flow) {
        let statements = tree.statements.iter().map(|statement| self.statement(statement, found)).collect();
        (statements, self.flow(&tree.result, found))
    }

    fn statement(&self, statement: &Statement, found: Found<'_>) -> Statement {
        match statement {
            Statement::Let(Let { pattern, annotation, flow }) => {
                let mut annotation = annotation.clone();
                for dim in annotation.iter_mut().flat_map(|dims| &mut dims.dims) {
                    *dim = self.value(dim, found);
                }
                Statement::Let(Let { pattern: pattern.clone(), annotation, flow: self.flow(flow, found) })
            }
            Statement::Layer(SharedLayer { name, arguments, stages }) => {
                let (name, arguments) = (name.clone(), arguments.clone());
                Statement::Layer(SharedLayer { name, arguments, stages: self.stages(stages, found) })
            }
            Statement::Loss(_) | Statement::Metric(_) | Statement::Broken(_) => statement.clone(),
        }
    }

    fn flow(&self, flow: &Flow, found: Found<'_>) -> Flow {
        let source = match &flow.source {
            Source::Name(name) => Source::Name(name.clone()),
            Source::Tuple { items, span } => {
                let item = |item: &TupleItem| TupleItem { name: item.name.clone(), flow: self.flow(&item.flow, found) };
                Source::Tuple { items: items.iter().map(item).collect(), span: *span }
            }
        };
        Flow { source, stages: self.stages(&flow.stages, found) }
    }

    fn stages(&self, stages: &[Stage], found: Found<'_>) -> Vec<Stage> {
        stages.iter().map(|stage| self.stage(stage, found)).collect()
    }

    fn stage(&self, stage: &Stage, found: Found<'_>) -> Stage {
        let mut stage = stage.clone();
        for Argument { name, value } in stage.arguments.iter_mut().flat_map(|Arguments { items, .. }| items) {
            // A stage's own name is a word, not a number.
            if name.as_ref().is_none_or(|name| name != "name") {
                *value = self.value(value, found);
            }
        }
        stage
    }

    fn value(&self, value: &Value, found: Found<'_>) -> Value {
        match value {
            Value::Word(name) => match self.0.get(&name.to_string()) {
                Some(Amount::Whole(number)) => {
                    found(name.span());
                    let minus = (*number < 0).then(|| name.span());
                    let literal = LitInt::new(&number.unsigned_abs().to_string(), name.span());
                    Value::Integer { minus, literal }
                }
                Some(Amount::Decimal(number)) => {
                    found(name.span());
                    let minus = (*number < 0.0).then(|| name.span());
                    let literal = LitFloat::new(&format!("{:?}", number.abs()), name.span());
                    Value::Float { minus, literal }
                }
                None => value.clone(),
            },
            Value::Tuple { items, span } => {
                Value::Tuple { items: items.iter().map(|item| self.value(item, found)).collect(), span: *span }
            }
            Value::Operation { first, rest } => Value::Operation {
                first: Box::new(self.value(first, found)),
                rest: rest.iter().map(|(operator, at, value)| (*operator, *at, self.value(value, found))).collect(),
            },
            Value::Chain(stages) => Value::Chain(self.stages(stages, found)),
            Value::Integer { .. } | Value::Float { .. } | Value::Bool(_) | Value::Text(_) => value.clone(),
        }
    }
}
