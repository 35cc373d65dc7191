//! The syntax tree of a `network!` block. It keeps the user's tokens, so that every later message can stand on one.

mod value;

use proc_macro2::{Ident, Span};

pub(crate) use value::list;
pub use value::{Argument, Arguments, Operator, Value};

use crate::shape::Element;

/// Everything in one `network!` block.
#[derive(Debug, Default)]
pub struct Block {
    /// The items that could be parsed, in the order of the text.
    pub items: Vec<Item>,
    /// Names of items that were declared but could not be parsed: their uses are not reported again.
    pub broken: Vec<Ident>,
}

/// An item of a block.
#[derive(Debug)]
pub enum Item {
    /// `const NAME: usize = dim;`
    Const(Const),
    /// `extern const path = integer;`
    ExternConst(ExternConst),
    /// `extern network Path as Name(...) -> (...);`, `extern layer Path as Name(...) -> (...);`
    ExternNetwork(ExternNetwork),
    /// `network Name(...) -> (...) { ... }`
    Network(Box<Network>),
    /// `block name(...) { ... }`
    Template(Template),
}

/// `const NAME: usize = dim;`
#[derive(Debug)]
pub struct Const {
    /// Doc comments.
    pub attributes: Vec<syn::Attribute>,
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub value: Value,
}

/// `extern const path = integer;`
#[derive(Debug)]
pub struct ExternConst {
    /// The `extern` token.
    pub keyword: Span,
    /// Where the constant is.
    pub path: syn::Path,
    /// The value that it is announced with.
    pub value: Value,
}

/// What is announced with its inputs and outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// A network.
    Network,
    /// A layer of the program's own, which has one output.
    Layer,
}

impl Announced {
    /// The word for it, in the language and in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Layer => "layer",
        }
    }
}

/// `extern network Path as Name(...) -> (...);`, `extern layer Path as Name(...) -> (...);`
#[derive(Debug)]
pub struct ExternNetwork {
    /// The `extern` token.
    pub keyword: Span,
    /// What it is.
    pub what: Announced,
    /// Where it is.
    pub path: syn::Path,
    /// Its name here.
    pub alias: Option<Ident>,
    /// Its inputs.
    pub inputs: Vec<Input>,
    /// Its outputs.
    pub outputs: Vec<Output>,
    /// Whether a part of it was unreadable, so that inputs or outputs may be missing.
    pub broken: bool,
}

impl ExternNetwork {
    /// Its name in this block.
    pub fn name(&self) -> &Ident {
        self.alias.as_ref().unwrap_or_else(|| last_name(&self.path))
    }
}

/// `block name(x, const N) { statements flow }`
#[derive(Debug)]
pub struct Template {
    /// The `block` token.
    pub keyword: Span,
    /// Its name.
    pub name: Ident,
    /// Names of the tensors that go in.
    pub inputs: Vec<Ident>,
    /// Names of the numbers that it takes.
    pub constants: Vec<Ident>,
    /// The statements before the result.
    pub statements: Vec<Statement>,
    /// The result.
    pub result: Flow,
}

/// `network Name(inputs) -> (outputs) { statements }`
#[derive(Debug)]
pub struct Network {
    /// The word `network` before it: where generated code is said to be.
    pub keyword: Span,
    /// Doc comments and attributes.
    pub attributes: Vec<syn::Attribute>,
    /// Its visibility.
    pub visibility: syn::Visibility,
    /// Its name.
    pub name: Ident,
    /// Its inputs.
    pub inputs: Vec<Input>,
    /// Its outputs.
    pub outputs: Vec<Output>,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Whether a part of the header or the body was unreadable, so that names may be missing.
    pub broken: bool,
    /// The names of inputs that could not be read.
    pub lost: Vec<Ident>,
}

/// `name: u32[40]`
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: Ident,
    /// What it holds; numbers where nothing is said.
    pub element: Element,
    /// Its shape.
    pub dims: Dims,
}

/// `name: [10]`
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Ident,
    /// Its shape.
    pub dims: Dims,
}

/// `[64, 64, 3]`
#[derive(Clone, Debug)]
pub struct Dims {
    /// The brackets.
    pub span: Span,
    /// The length of every axis.
    pub dims: Vec<Value>,
}

/// A statement of a network.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `let pattern = flow;`
    Let(Let),
    /// `layer name = stage -> stage;`
    Layer(SharedLayer),
    /// `loss output: terms;`
    Loss(LossStatement),
    /// `metric output: Name, Name;`
    Metric(MetricStatement),
    /// What could not be parsed, which has been told.
    Broken(BrokenStatement),
}

/// What is known of a statement that could not be parsed: enough to keep silent about its consequences.
#[derive(Clone, Debug, Default)]
pub struct BrokenStatement {
    /// The names that it would have bound.
    pub names: Vec<Ident>,
    /// Every word in it: an output that it mentions does not count as missing.
    pub mentions: Vec<String>,
}

/// `let pattern: [dims] = flow;`
#[derive(Clone, Debug)]
pub struct Let {
    /// The names that it binds.
    pub pattern: Pattern,
    /// The shape that the user expects.
    pub annotation: Option<Dims>,
    /// What it binds them to.
    pub flow: Flow,
}

/// The left side of a `let`.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// One name.
    Name(Ident),
    /// `(class, _)`
    Tuple {
        /// A name, or `None` for `_`.
        names: Vec<Option<Ident>>,
        /// The parentheses.
        span: Span,
    },
}

impl Pattern {
    /// The names that it binds.
    pub fn names(&self) -> impl Iterator<Item = &Ident> {
        let (one, many) = match self {
            Self::Name(name) => (Some(name), [].as_slice()),
            Self::Tuple { names, .. } => (None, names.as_slice()),
        };
        one.into_iter().chain(many.iter().flatten())
    }
}

/// `layer name = stage -> stage;`
#[derive(Clone, Debug)]
pub struct SharedLayer {
    /// Its name.
    pub name: Ident,
    /// What is said of all of it, in parentheses behind its name.
    pub arguments: Option<Arguments>,
    /// Its stages; at least one.
    pub stages: Vec<Stage>,
}

/// `source -> stage -> stage`
#[derive(Clone, Debug)]
pub struct Flow {
    /// Where it begins.
    pub source: Source,
    /// What happens to it.
    pub stages: Vec<Stage>,
}

/// The beginning of a flow.
#[derive(Clone, Debug)]
pub enum Source {
    /// A value's name.
    Name(Ident),
    /// `(left, right = right -> relu)`; one element is grouping.
    Tuple {
        /// The elements.
        items: Vec<TupleItem>,
        /// The parentheses.
        span: Span,
    },
}

/// An element of a tuple.
#[derive(Clone, Debug)]
pub struct TupleItem {
    /// The input of the stage behind it that it is meant for.
    pub name: Option<Ident>,
    /// The tensor.
    pub flow: Flow,
}

/// `Conv2d(256, 3)`
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it is.
    pub path: syn::Path,
    /// Its arguments, if it has parentheses.
    pub arguments: Option<Arguments>,
}

impl Stage {
    /// The last name of the path, on which messages stand.
    pub fn name(&self) -> &Ident {
        last_name(&self.path)
    }
}

/// The last name of a path.
pub fn last_name(path: &syn::Path) -> &Ident {
    &path.segments.last().expect("the parser makes no path without a segment").ident
}

/// `loss output: term + term;`
#[derive(Clone, Debug)]
pub struct LossStatement {
    /// The output.
    pub output: Ident,
    /// The terms of the sum; at least one.
    pub terms: Vec<LossTerm>,
}

/// `2.0 * MeanSquaredError`
#[derive(Clone, Debug)]
pub struct LossTerm {
    /// Its weight.
    pub weight: Option<Value>,
    /// The loss and its arguments.
    pub loss: Stage,
}

/// `metric output: Accuracy, TopK(3);`
#[derive(Clone, Debug)]
pub struct MetricStatement {
    /// The output.
    pub output: Ident,
    /// The metrics; at least one.
    pub metrics: Vec<Stage>,
}
