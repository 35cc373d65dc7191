//! The flat form of a network, which the interpreter runs.

use std::rc::Rc;

use crate::draw::Random;
use crate::layers::{Layer, To};
use crate::losses::Head;
use crate::tensor::Dims;
use crate::terms::{Constraint, Regularizer};

/// A network of layers alone, in an order in which they can be computed.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The shape of a sample of every value; the inputs come first.
    pub values: Vec<Dims>,
    /// The inputs.
    pub inputs: Vec<Input>,
    /// The uses of layers.
    pub nodes: Vec<Node>,
    /// The weights, each once.
    pub weights: Vec<Weight>,
    /// Name and value of each output.
    pub outputs: Vec<(String, usize)>,
    /// The outputs with losses, in the order of the outputs.
    pub heads: Vec<Head>,
}

/// An input of a network.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Shape of a sample.
    pub dims: Dims,
    /// What its samples are made of.
    pub element: Element,
}

/// What samples are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Numbers.
    F32,
    /// Zeros and ones, as numbers: what counts and what does not.
    Mask,
    /// Whole numbers below this one.
    U32(usize),
}

impl Element {
    /// As the language calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 | Self::Mask => "f32",
            Self::U32(_) => "u32",
        }
    }

    /// Whether what is made of these may be given where those are wanted.
    pub fn serves(self, wanted: Self) -> bool {
        match (self, wanted) {
            (Self::U32(own), Self::U32(wanted)) => own <= wanted,
            _ => self == wanted,
        }
    }

    /// A random one, from a number from -1 to 1 if it is a number.
    pub fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::F32 => random.number(),
            Self::Mask => random.below(2) as f64,
            Self::U32(end) => random.below(end) as f64,
        }
    }
}

/// A use of a layer.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it computes.
    pub layer: Rc<dyn Layer>,
    /// The values that go in.
    pub operands: Vec<usize>,
    /// The values that come out.
    pub results: Vec<usize>,
    /// Its weights.
    pub weights: Vec<usize>,
    /// Whether training leaves its weights as they are.
    pub frozen: bool,
    /// Whether it is in a network that is announced where it is used, of which nobody knows there whether it has weights.
    pub closed: bool,
    /// The number of its stream of random numbers, and before it those of the closed networks around it.
    pub streams: Vec<u64>,
}

/// A tensor of trained numbers, or of statistics.
#[derive(Clone, Debug)]
pub struct Weight {
    /// The name that it has in the network: fields and parameter, with points between them.
    pub name: String,
    /// Length of every axis.
    pub dims: Dims,
    /// For a statistic, which part of it a step keeps. Its "gradient" is the step, which is added.
    pub statistic: Option<f64>,
    /// What it adds to the loss.
    pub regularizer: Option<Regularizer>,
    /// What it is held to after a step.
    pub constraint: Option<Constraint>,
}

impl Graph {
    /// Whether a weight is trained before each head that has a frozen one before it, or what is taken to have one.
    pub fn has_something_to_train(&self) -> bool {
        self.heads.iter().all(|head| {
            let (mut frozen, mut trained) = (false, false);
            for node in self.before(&[head.output]) {
                frozen |= node.frozen && (node.closed || !node.weights.is_empty());
                trained |= !node.frozen && !node.weights.is_empty();
            }
            trained || !frozen
        })
    }

    /// The nodes that gradients get to from these outputs.
    pub fn before(&self, outputs: &[usize]) -> impl Iterator<Item = &Node> {
        self.reached(outputs).into_iter().map(|(node, _)| node)
    }

    /// Number of the weights that gradients get to from these outputs.
    pub fn weights_before(&self, outputs: &[usize]) -> usize {
        let mut weights = vec![false; self.weights.len()];
        for (node, results) in self.reached(outputs) {
            for (index, weight) in node.weights.iter().enumerate() {
                weights[*weight] |= results.iter().any(|result| node.layer.leads(*result, To::Weight(index)));
            }
        }
        weights.into_iter().filter(|reached| *reached).count()
    }

    /// The nodes that gradients get to from these outputs, each with the results by which there is one.
    fn reached(&self, outputs: &[usize]) -> Vec<(&Node, Vec<usize>)> {
        let mut reached = vec![false; self.values.len()];
        outputs.iter().for_each(|output| reached[self.outputs[*output].1] = true);
        let mut nodes = Vec::new();
        for node in self.nodes.iter().rev() {
            let results: Vec<usize> = (0..node.results.len()).filter(|&index| reached[node.results[index]]).collect();
            if results.is_empty() {
                continue;
            }
            for (index, operand) in node.operands.iter().enumerate() {
                let leads = || results.iter().any(|&result| node.layer.leads(result, To::Operand(index)));
                reached[*operand] |= !node.layer.without_gradient().contains(&index) && leads();
            }
            nodes.push((node, results));
        }
        nodes
    }

    /// What remains of the gradient of a weight when that of another backward pass is added.
    pub fn kept(&self, weight: usize) -> f64 {
        let uses = self.nodes.iter().filter(|node| node.weights.contains(&weight)).count();
        self.weights[weight].statistic.map_or(1.0, |kept| kept.powi(uses as i32))
    }
}
