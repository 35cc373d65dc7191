//! The layers: one file for each theme, with formulas, derivatives and random arguments.

mod activation;
mod activity_regularization;
mod attention;
mod batch_norm;
mod bidirectional;
mod category_encoding;
mod choosing;
mod concat;
mod conv2d;
mod conv_lstm;
mod convolution;
mod dense;
mod dropout;
mod each_step;
mod einsum_dense;
mod embedding;
mod global_pool2d;
mod held;
mod largest;
mod linear;
mod masked_mean;
mod merge;
mod multi_head_attention;
mod noise;
mod normalization;
mod pool2d;
mod positions;
mod prelu;
mod products;
mod recurrent;
mod rescaling;
mod row_norm;
mod shaping;
mod softmax;
mod split;
mod table;
#[cfg(test)]
mod tests;
mod window;
mod windows;

use std::fmt::Debug;

use crate::noise::Noise;
use crate::philox::Key;
use crate::tensor::{Dims, Tensor};
use crate::terms::{Constraint, Regularizer};

pub use activation::Activation;
pub use batch_norm::BatchNorm;
pub use concat::Concat;
pub use conv_lstm::ConvLstm;
pub use conv2d::Conv2d;
pub use convolution::{Convolution, Separable};
pub use dense::Dense;
pub use embedding::Embedding;
pub use global_pool2d::GlobalPool2d;
pub use held::held;
pub use merge::Merge;
pub use pool2d::Pool2d;
pub use recurrent::Recurrent;
pub use shaping::{Flatten, Reshape};
pub use softmax::Softmax;
pub use split::Split;
pub use table::{Wanted, activation, draw, draw_of_whole, draw_with_more};
pub use window::{Padding, Window};

/// Where a gradient gets to.
#[derive(Clone, Copy, Debug)]
pub enum To {
    /// The operand of this index.
    Operand(usize),
    /// The weight of this index.
    Weight(usize),
}

/// A layer with its arguments.
pub trait Layer: Debug {
    /// As the language calls it.
    fn kind(&self) -> &'static str;

    /// What stands in its parentheses.
    fn arguments(&self) -> Vec<String> {
        Vec::new()
    }

    /// The names that its operands are given by, for those that are not given by their place.
    fn operand_names(&self) -> &'static [Option<&'static str>] {
        &[]
    }

    /// The operands by which it has no gradient.
    fn without_gradient(&self) -> &'static [usize] {
        &[]
    }

    /// Whether a gradient by the result of this index is one by that, too.
    fn leads(&self, _result: usize, _to: To) -> bool {
        true
    }

    /// The shapes of its results, `None` if it cannot take operands of these shapes.
    fn results(&self, operands: &[Dims]) -> Option<Vec<Dims>>;

    /// Name and shape of its weights.
    fn weights(&self, _operands: &[Dims]) -> Vec<(&'static str, Dims)> {
        Vec::new()
    }

    /// The name that a weight has in the network, of a layer of this name.
    fn weight_name(&self, own: &str, _index: usize, parameter: &str) -> String {
        format!("{own}.{parameter}")
    }

    /// Which weights are statistics: no gradient moves them, but a step of their own in every training step.
    fn statistics(&self) -> &'static [&'static str] {
        &[]
    }

    /// The part of a statistic that a step keeps.
    fn kept_of_statistics(&self) -> f64 {
        0.0
    }

    /// Whether it draws random numbers in training.
    fn is_random(&self) -> bool {
        false
    }

    /// How many streams of random numbers of its own a use of it has: also of a layer that draws with other arguments alone.
    fn streams(&self) -> u64 {
        self.is_random().into()
    }

    /// What a weight adds to the loss.
    fn regularizer(&self, _parameter: &str) -> Option<Regularizer> {
        None
    }

    /// What a weight is held to.
    fn constraint(&self, _parameter: &str) -> Option<Constraint> {
        None
    }

    /// What each result adds to the loss.
    fn activity(&self) -> Option<Regularizer> {
        None
    }

    /// The results.
    fn forward(&self, call: &mut Call, x: &[&Tensor], weights: &[&Tensor]) -> Vec<Tensor>;

    /// The gradients with respect to operands and weights, from those with respect to the results.
    fn backward(&self, call: &Call, x: &[&Tensor], weights: &[&Tensor], y: &[&Tensor], dy: &[&Tensor]) -> Gradients;
}

/// What a backward pass of a layer gives.
#[derive(Debug, Default)]
pub struct Gradients {
    /// One for each operand.
    pub operands: Vec<Tensor>,
    /// One for each weight.
    pub weights: Vec<Tensor>,
}

impl Gradients {
    /// Those of a layer with one operand and no weights.
    pub fn of(operand: Tensor) -> Self {
        Self { operands: vec![operand], weights: Vec::new() }
    }
}

/// What a layer is told, and what it tells, besides tensors.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whether the pass is one of training.
    pub training: bool,
    /// What it draws from.
    pub random: Key,
    /// On which side of each kink of a function it was computed, one choice after the other.
    pub choices: Vec<Choice>,
    /// How what a layer writes in between is rounded: where its terms cancel, that is all that is left.
    pub noise: Noise,
}

/// On which side of a kink something was computed: which of two slopes an activation has, which of several values is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// On this one.
    Side(usize),
    /// On the kink itself. Only zeros and copies of one number lie there, and they do so in `f32`, too: no rounding decides.
    Kink,
    /// Where rounding, or how a loss is computed, decides for sure.
    Hazard,
}

/// Whether noise leaves all choices as they are, so that rounding does.
pub fn same_choices(exact: &[Choice], noisy: &[Choice]) -> bool {
    let same = |(exact, noisy): (&Choice, &Choice)| match exact {
        Choice::Side(_) => exact == noisy,
        Choice::Kink => true,
        Choice::Hazard => false,
    };
    exact.len() == noisy.len() && exact.iter().zip(noisy).all(same)
}

impl Call {
    /// Before anything is computed.
    pub fn new(training: bool, random: Key) -> Self {
        Self { training, random, choices: Vec::new(), noise: Noise::none() }
    }

    /// Remembers on which side of a kink a value lies.
    pub fn choose(&mut self, side: usize, on_kink: bool) {
        self.choices.push(if on_kink { Choice::Kink } else { Choice::Side(side) });
    }
}

/// Height, width and channels of an image.
fn image(dims: &[usize]) -> Option<[usize; 3]> {
    dims.try_into().ok()
}

/// The only operand.
fn single(operands: &[Dims]) -> Option<&Dims> {
    match operands {
        [operand] => Some(operand),
        _ => None,
    }
}

/// A batch of samples of this shape.
pub(crate) fn batch(samples: usize, dims: &[usize]) -> Dims {
    [&[samples], dims].concat()
}

/// `(2, 3)`, or `2` for a pair of equal numbers.
fn pair([rows, columns]: [usize; 2]) -> String {
    if rows == columns { rows.to_string() } else { format!("({rows}, {columns})") }
}
