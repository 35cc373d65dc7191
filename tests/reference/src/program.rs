//! The description of a block of `network!`, from which both its text and its graph are made.

use std::rc::Rc;

use crate::graph::Input;
use crate::layers::Layer;
use crate::losses::Loss;
use crate::tensor::Dims;

/// A block, and the blocks with the networks that it announces.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The templates.
    pub templates: Vec<Template>,
    /// The networks; each uses only networks before it, and the last one is what the program is about.
    pub networks: Vec<Network>,
}

/// A network.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Whether it is declared in another block, and announced in this one.
    pub announced: bool,
    /// Its inputs.
    pub inputs: Vec<Input>,
    /// Its outputs: name and shape.
    pub outputs: Vec<(String, Dims)>,
    /// What it does.
    pub statements: Vec<Statement>,
    /// Index of an output, and its losses with their factors.
    pub losses: Vec<(usize, Vec<(f32, Loss)>)>,
}

/// A template: statements that every use has anew.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The names of what goes in.
    pub inputs: Vec<String>,
    /// What it does.
    pub statements: Vec<Statement>,
    /// The values that come out.
    pub results: Vec<String>,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `layer name = stage -> stage;`
    Shared {
        /// Its name.
        name: String,
        /// The chain.
        stages: Vec<Stage>,
    },
    /// `let (a, b) = flow;`
    Let {
        /// What comes out; `None` for `_`.
        names: Vec<Option<String>>,
        /// The flow.
        flow: Flow,
    },
}

/// Values through stages.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The values that go in.
    pub sources: Vec<Source>,
    /// What happens to them.
    pub stages: Vec<Stage>,
}

/// A value that goes into a flow.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name of the operand that it is, if it is given by that.
    pub operand: Option<&'static str>,
    /// Its own name.
    pub value: String,
}

impl Source {
    /// One that is given by its place.
    pub fn of(value: &str) -> Self {
        Self { operand: None, value: value.to_owned() }
    }
}

/// A stage of a flow.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it is.
    pub what: What,
    /// The name that its weights are given, if it has some of its own.
    pub name: Option<String>,
    /// Whether training leaves its weights as they are.
    pub frozen: bool,
}

/// What a stage is.
#[derive(Clone, Debug)]
pub enum What {
    /// A layer.
    Layer(Rc<dyn Layer>),
    /// A shared layer, by its name.
    Shared(String),
    /// A template, by its index.
    Template(usize),
    /// A network, by its index.
    Network(usize),
}

impl Program {
    /// The network that the program is about.
    pub fn main(&self) -> &Network {
        self.networks.last().expect("a program has a network")
    }
}
