//! What a plan consists of: a step is a call of a layer or of an announced network, with what was fused to it.

use std::rc::Rc;

use proc_macro2::Ident;

use super::{Place, TensorId};
use crate::layers::{Derivative, Facts};

/// One operation of the generated code.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is called.
    pub compute: Compute,
    /// The constant that holds the runtime's descriptor.
    pub descriptor: Ident,
    /// What goes in.
    pub operands: Vec<Place>,
    /// What comes out: one tensor, or as many as an announced network has outputs. Several steps may write parts of one.
    pub results: Vec<TensorId>,
    /// How often it is computed for each sample: its functions are called for so many times as many samples as there are.
    pub times: usize,
}

impl Step {
    /// What comes out of a step with one result.
    pub fn result(&self) -> TensorId {
        self.results[0]
    }
}

/// What a step calls, after fusion.
#[derive(Clone, Debug)]
pub enum Compute {
    /// A layer, and what was fused to it.
    Layer(LayerCall),
    /// An announced network.
    Announced {
        /// The fields that lead to its weights, outermost first.
        weights: Vec<Ident>,
        /// Which of [`Plan::workspaces`](super::Plan::workspaces) it works in.
        workspace: usize,
        /// Whether its weights are frozen.
        frozen: bool,
    },
}

impl Compute {
    /// Whether it returns a `Result`.
    pub fn can_fail(&self) -> bool {
        match self {
            Self::Layer(layer) => layer.facts.fallible,
            Self::Announced { .. } => true,
        }
    }
}

/// A call of a layer, by the facts of its use.
#[derive(Clone, Debug)]
pub struct LayerCall {
    /// What it is for its operands.
    pub facts: Rc<Facts>,
    /// Where its weights are, if it has any.
    pub weights: Option<WeightsPlace>,
    /// What it keeps for backward, beside its results.
    pub saved: Vec<Kept>,
    /// The activation in it.
    pub activation: Option<Fused>,
    /// Height, width and channels of the result, if that is an image.
    pub image: Option<[usize; 3]>,
    /// Which part of a larger tensor its result is, if it is one.
    pub part: Option<Part>,
    /// Whether the largest of each 2x2 pixels is the result, and not the image.
    pub pooled: bool,
    /// Whether its results are parts of its operand, and lie there.
    pub copies_nothing: bool,
    /// What of it is computed in inference.
    pub inference: InInference,
}

/// What of a step is computed in inference.
#[derive(Clone, Debug, Default)]
pub enum InInference {
    /// What it computes in training.
    #[default]
    Same,
    /// That and what steps behind it do.
    Takes(Box<Taken>),
    /// Nothing, for a step before it computes that.
    Taken,
}

/// What a layer computes in inference for the steps behind it, in this order.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The layer that is folded into its weights.
    pub folded: Option<Folded>,
    /// The tensor that its result is added to, and takes the place of.
    pub sum_with: Option<TensorId>,
    /// The constant that holds the activation.
    pub activation: Option<Ident>,
    /// The result of the last of these steps.
    pub result: TensorId,
    /// The constants that hold the descriptors of the steps.
    pub steps: Vec<Ident>,
}

/// A layer that is folded into the weights of the one before it.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The constant that holds its descriptor.
    pub descriptor: Ident,
    /// Where its weights are.
    pub weights: WeightsPlace,
    /// How many neighbouring elements of the kernel before it belong to one channel.
    pub run: usize,
    /// The number under which a workspace keeps the weights of both, and what it makes of them.
    pub number: usize,
}

/// Where the weights of a step are.
#[derive(Clone, Debug)]
pub struct WeightsPlace {
    /// The fields that lead to them, outermost first.
    pub path: Vec<Ident>,
    /// The number of the first of them among the parameters that steps compute with: under its number a workspace keeps what
    /// it makes of a parameter.
    pub first: usize,
}

/// What a step keeps for backward.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it is called.
    pub name: &'static str,
    /// The tensor, which exists in training alone.
    pub tensor: TensorId,
}

/// Where an image lies within a larger tensor, in floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins.
    pub start: usize,
    /// Distance of two pixels.
    pub pixel: usize,
    /// Distance of two lines.
    pub line: usize,
    /// Length of the larger tensor.
    pub sample: usize,
}

/// An activation in the layer before it.
#[derive(Clone, Debug)]
pub struct Fused {
    /// The constant that holds it.
    pub constant: Ident,
    /// What its derivative needs; not its operand, which is gone, unless the layer computes that again.
    pub derivative: Derivative,
}
