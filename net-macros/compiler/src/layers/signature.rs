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
    /// The first of these alone, or all of them, in this order or by their names.
    OneOr(&'static [&'static str]),
}
