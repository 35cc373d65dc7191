//! How a layer is written.

use std::rc::Rc;

use super::Layer;
use crate::arguments::{Arguments, Parameter};

/// How a layer is written, and what makes one of its arguments.
#[derive(Debug)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// What it takes in parentheses, in the order in which arguments without a name are given.
    pub parameters: &'static [Parameter<'static>],
    /// How many tensors it takes.
    pub operands: Arity,
    /// Makes the layer; `None` if an argument is wrong, which has been told.
    pub build: fn(&mut Arguments<'_>) -> Option<Rc<dyn Layer>>,
}

/// How many tensors a layer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// One.
    One,
    /// Two.
    Two,
    /// Two or more.
    Several,
    /// Some of these, each once, in this order or by their names.
    Named(&'static [NamedOperand]),
}

/// A tensor that a layer takes under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedOperand {
    /// Its name.
    pub name: &'static str,
    /// Whether it can be left out.
    pub optional: bool,
    /// Whether it is written with its name: what is easily taken for something else.
    pub by_name: bool,
    /// Another one, without which it is not given.
    pub with: Option<&'static str>,
}

impl NamedOperand {
    /// One that has to be given.
    pub const fn required(name: &'static str) -> Self {
        Self { name, optional: false, by_name: false, with: None }
    }

    /// One that can be left out.
    pub const fn optional(name: &'static str) -> Self {
        Self { optional: true, ..Self::required(name) }
    }

    /// One that is given with its name, `mask = m`, or not at all.
    pub const fn named(name: &'static str) -> Self {
        Self { by_name: true, ..Self::optional(name) }
    }

    /// The same, but given together with another one.
    pub const fn with(self, other: &'static str) -> Self {
        Self { with: Some(other), ..self }
    }
}

/// Which of its named operands a use of a layer is given, in the order of its [signature](Signature::operands), which is
/// that of the operands, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(pub Vec<&'static str>);

impl Given {
    /// Where among the operands the one of this name is, if it is given.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|given| *given == name)
    }

    /// Whether the one of this name is given.
    pub fn has(&self, name: &str) -> bool {
        self.index(name).is_some()
    }
}
