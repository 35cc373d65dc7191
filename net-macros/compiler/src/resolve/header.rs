//! What a network declares in its header: inputs and outputs, with their shapes.

use std::collections::BTreeSet;

use proc_macro2::Ident;

use super::network::Builder;
use super::scope::Entity;
use crate::errors::Message;
use crate::graph::{Input, Origin, Output, Spans};
use crate::parse::header::EVERY_AXIS;
use crate::shape::Shape;
use crate::syntax::{self, Dims, Statement};

/// Largest number of axes that the runtime has a type for.
const MOST_AXES: usize = 5;

impl Builder<'_> {
    pub(super) fn header(&mut self, tree: &syntax::Network) {
        if tree.inputs.is_empty() && !tree.broken {
            self.errors.error(tree.name.span(), format!("the network `{}` has no input", tree.name));
        }
        if tree.outputs.is_empty() && !tree.broken {
            self.errors.error(tree.name.span(), format!("the network `{}` has no output", tree.name));
        }
        for syntax::Input { name, element, dims } in &tree.inputs {
            let shape = self.shape(dims, name);
            let value = self.value(Origin::Input(self.network.inputs.len()), *element, shape.as_ref().ok().cloned());
            self.network.values[value.0].name = Some(name.clone());
            if self.scope.peek(&name.to_string()).is_some() {
                self.errors.error(name.span(), format!("two inputs are called `{name}`"));
                continue;
            }
            let entity = if shape.is_ok() { Entity::Value(value) } else { Entity::Poison };
            self.scope.bind(name, "input", entity, self.errors);
            let shape = shape.unwrap_or_else(|stand_in| stand_in);
            self.network.inputs.push(Input { name: name.clone(), element: *element, shape, value });
        }
        for name in &tree.lost {
            if self.scope.peek(&name.to_string()).is_none() {
                self.scope.bind(name, "input", Entity::Poison, self.errors);
            }
        }
        for syntax::Output { name, dims } in &tree.outputs {
            if let Some(input) = tree.inputs.iter().find(|input| input.name == *name) {
                let message = Message::new(name.span(), format!("`{name}` is an input and an output"));
                self.errors.push(
                    message
                        .note(format!("the input is declared in line {}", input.name.span().start().line))
                        .help("inputs and values share one namespace; give the output another name"),
                );
                self.scope.forgive(name);
                self.uses_hidden = true;
                self.header_broken = true;
                continue;
            }
            if self.network.outputs.iter().any(|output| output.name == *name) {
                self.errors.error(name.span(), format!("two outputs are called `{name}`"));
                continue;
            }
            if name == "total" {
                self.errors.push(
                    Message::new(name.span(), "an output cannot be called `total`")
                        .help("`total` is the sum of all losses in the generated code; choose another name"),
                );
                self.header_broken = true;
                self.uses_hidden = true;
                continue;
            }
            let shape = self.shape(dims, name);
            let declared = shape.is_ok().then(|| spans(dims));
            let shape = shape.unwrap_or_else(|stand_in| stand_in);
            self.network.outputs.push(Output { name: name.clone(), shape, declared, value: None, target: None });
        }
    }

    /// A declared shape; with an error, which is told, a stand-in of as many axes.
    pub(super) fn shape(&mut self, dims: &Dims, of: &Ident) -> Result<Shape, Shape> {
        let what = format!("an axis of `{of}`");
        let mut lengths: Vec<Option<usize>> = Vec::new();
        for dim in &dims.dims {
            let before = self.errors.len();
            lengths.push(self.constants.length(dim, &what, self.errors));
            if let syntax::Value::Integer { minus: Some(_), .. } = dim {
                self.errors.help_since(before, EVERY_AXIS);
            }
        }
        let stand_in = vec![1; lengths.len().min(MOST_AXES)];
        if lengths.is_empty() || lengths.len() > MOST_AXES {
            let text = format!("the shape of `{of}` has {} axes, but there must be 1 to {MOST_AXES}", lengths.len());
            self.errors.error(dims.span, text);
            return Err(stand_in);
        }
        let shape: Shape = lengths.into_iter().collect::<Option<_>>().ok_or_else(|| stand_in.clone())?;
        if let Err(text) = crate::shapes::check_size(&shape) {
            self.errors.error(dims.span, format!("`{of}` is {shape:?}, {text}"));
            return Err(stand_in);
        }
        Ok(shape)
    }

    pub(super) fn bind_outputs(&mut self, mentioned: &BTreeSet<String>) {
        for output in &mut self.network.outputs {
            let text = output.name.to_string();
            match self.scope.find(&text).map(|entry| entry.entity) {
                Some(Entity::Value(value)) => output.value = Some(value),
                Some(Entity::Layer(_) | Entity::Poison) => {}
                None if self.header_broken || mentioned.contains(&text) => {}
                None => {
                    let message = Message::new(output.name.span(), format!("the output `{text}` has no value"));
                    self.errors.push(message.help(format!("bind it: `let {text} = ...;`")));
                    self.uses_hidden = true;
                }
            }
        }
    }
}

/// Every word of the statements that could not be read: an output that they mention does not count as
/// missing.
pub(super) fn mentioned(tree: &syntax::Network) -> BTreeSet<String> {
    let mut mentioned = BTreeSet::new();
    for statement in &tree.statements {
        if let Statement::Broken(broken) = statement {
            mentioned.extend(broken.mentions.iter().cloned());
        }
    }
    mentioned
}

/// Where a shape is written.
pub(super) fn spans(dims: &Dims) -> Spans {
    Spans { whole: dims.span, axes: dims.dims.iter().map(syntax::Value::span).collect() }
}
