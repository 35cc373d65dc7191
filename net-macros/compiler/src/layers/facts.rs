//! What a layer is to the other passes, once it is known what goes in. They know facts, and no layer by its name.

use super::Misfit;
use super::terms::Regularizer;
use super::weights::{Kind, Weights};
use crate::shape::{Element, Shape};

/// What a tensor holds, and the shape of one sample of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorType {
    /// What it holds.
    pub element: Element,
    /// Its shape.
    pub shape: Shape,
}

impl TensorType {
    /// Numbers of this shape.
    pub fn numbers(shape: Shape) -> Self {
        Self { element: Element::F32, shape }
    }
}

/// One use of a layer, by the operands that it has there.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What comes out.
    pub results: Vec<TensorType>,
    /// Its weights, in the order of the struct that holds them.
    pub weights: Option<Weights>,
    /// What the forward pass keeps for the backward pass: a tensor each, which exists in training alone.
    pub saved: Vec<Saved>,
    /// Multiplications with addition for one sample in a forward pass.
    pub multiply_adds: u64,
    /// Into how many turns these fall, each of which reads all weights again and waits for the one before: the steps of a recurrence.
    pub turns: usize,
    /// What the functions of the backward pass are computed from.
    pub backward: Backward,
    /// The operands by which it has no gradient: masks, what is compared. Its `backward_input` is never called for them, and
    /// nobody computes a gradient that leads there alone.
    pub without_gradient: Vec<usize>,
    /// Whether a gradient by an operand may be written where the operand lies.
    pub in_place: InPlace,
    /// Which steps around it, it can take over.
    pub fuses: Fuses,
    /// Which of its operands may be a part of a larger tensor.
    pub on_columns: OnColumns,
    /// Which arguments its functions take beside the tensors.
    pub takes: Takes,
    /// What it does in inference.
    pub inference: Inference,
    /// Whether the result of one sample depends on the others of its batch, in training: then a batch is not divided.
    pub mixes_samples: bool,
    /// Whether its forward pass can fail: it returns a `Result`.
    pub fallible: bool,
    /// What each of its results adds to the loss.
    pub activity: Option<Regularizer>,
    /// What is known of what it computes.
    pub meaning: Meaning,
}

impl Facts {
    /// A layer of which nothing is known but its result, numbers of this shape: it has no weights, keeps nothing and reads
    /// nothing in its backward pass, and fuses with nothing.
    pub fn of(result: Shape) -> Self {
        Self {
            results: vec![TensorType::numbers(result)],
            weights: None,
            saved: Vec::new(),
            multiply_adds: 0,
            turns: 1,
            backward: Backward::default(),
            without_gradient: Vec::new(),
            in_place: InPlace::Never,
            fuses: Fuses::default(),
            on_columns: OnColumns::Never,
            takes: Takes::default(),
            inference: Inference::Same,
            mixes_samples: false,
            fallible: false,
            activity: None,
            meaning: Meaning::default(),
        }
    }

    /// A layer that multiplies its operand by a kernel and perhaps adds a bias: an activation can follow within it.
    pub fn of_kernel(result: Shape, weights: Weights, multiply_adds: u64) -> Self {
        Self {
            weights: Some(weights),
            multiply_adds,
            backward: Backward {
                weights: Reads { operands: true, ..Reads::default() },
                input: Reads { weights: true, ..Reads::default() },
                ..Backward::default()
            },
            in_place: InPlace::Stores,
            fuses: Fuses { activation: true, affine: Some(Outputs::last_of(&result)), ..Fuses::default() },
            takes: Takes { scratch: true, ..Takes::default() },
            meaning: Meaning { values: Values::Any, ..Meaning::default() },
            ..Self::of(result)
        }
    }

    /// One that takes the largest or smallest of several elements, which its backward pass looks for again: where the operand is what
    /// the result is.
    pub fn of_extremes(self) -> Self {
        let input = Reads { operands: true, results: Read::All, ..Reads::default() };
        Self { backward: Backward { input, ..Backward::default() }, ..self }
    }

    /// One of which nothing else is known, whose operand is an image.
    pub fn of_image(result: Shape) -> Self {
        Self { meaning: Meaning { of_image: true, ..Meaning::default() }, ..Self::of(result) }
    }

    /// The same of a layer over so many axes before the channels, of which an image has two.
    pub fn of_spatial<const AXES: usize>(result: Shape) -> Self {
        if AXES == 2 { Self::of_image(result) } else { Self::of(result) }
    }

    /// The same, of a layer whose weights are frozen: no gradient by them is computed, and where it has statistics, these are what it
    /// computes with, of each sample alone, as in inference.
    pub fn frozen(&self) -> Self {
        let mut facts = self.clone();
        let Some(weights) = &mut facts.weights else { return facts };
        weights.parameters.iter_mut().for_each(|parameter| parameter.frozen = true);
        facts.backward.weights = Reads::default();
        if weights.parameters.iter().any(|parameter| parameter.kind == Kind::Statistic) {
            facts.mixes_samples = false;
            // An empty place tells it so.
            facts.saved.iter_mut().for_each(|saved| saved.floats = 0);
        }
        facts
    }

    /// Whether it has weights that are frozen.
    pub fn has_frozen_weights(&self) -> bool {
        self.weights.iter().flat_map(|weights| &weights.parameters).any(|parameter| parameter.frozen)
    }

    /// Whether it has weights to which a backward pass contributes.
    pub fn moves_weights(&self) -> bool {
        self.weights.as_ref().is_some_and(Weights::move_in_training)
    }

    /// The shape of the only result.
    pub fn shape(&self) -> &Shape {
        &self.results[0].shape
    }
}

/// A tensor that the forward pass keeps for the backward pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub name: &'static str,
    /// Floats for each sample. What is kept of a whole batch takes the first of them.
    pub floats: usize,
}

/// What the functions of a layer's backward pass are computed from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backward {
    /// `backward_begin`, for what the other functions have in common: it changes what the forward pass has kept.
    pub begin: Option<Reads>,
    /// `backward_weights`, if there are weights.
    pub weights: Reads,
    /// `backward_input`.
    pub input: Reads,
}

impl Backward {
    fn functions(&self) -> impl Iterator<Item = Reads> {
        self.begin.into_iter().chain([self.weights, self.input])
    }

    /// Whether it reads the operands.
    pub fn reads_operands(&self) -> bool {
        self.functions().any(|reads| reads.operands)
    }

    /// What it reads of the results.
    pub fn reads_results(&self) -> Read {
        self.functions().map(|reads| reads.results).max().unwrap_or_default()
    }
}

/// What one of these functions reads, beside what was kept. By default the gradients by the results alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    /// Whether it reads the weights.
    pub weights: bool,
    /// Whether it reads the operands.
    pub operands: bool,
    /// What it reads of the results.
    pub results: Read,
    /// Whether it reads the gradients by the results.
    pub upstream: bool,
    /// Whether it draws what the forward pass has drawn: of `backward_begin` and `backward_input`.
    pub random: bool,
}

impl Default for Reads {
    fn default() -> Self {
        Self { weights: false, operands: false, results: Read::Nothing, upstream: true, random: false }
    }
}

/// What is read of a tensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Read {
    /// Nothing.
    #[default]
    Nothing,
    /// Where it is positive.
    Sign,
    /// Everything.
    All,
}

/// Whether a layer's backward pass can write the gradient by an operand where the operand lies, which it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InPlace {
    /// No: it reads the operand meanwhile, or adds up several terms there.
    Never,
    /// `backward_input` takes any of the runtime's `Store`s.
    Stores,
    /// Where operands are read, by `backward_in_place(n, dy, x, store)`, which needs no result.
    Replaces,
}

/// Which steps around it, a layer can take over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fuses {
    /// An elementwise function behind it: its `forward` takes an activation.
    pub activation: bool,
    /// Any elementwise function behind it, whatever its derivative needs: the functions of its backward pass take it, and the gradient behind
    /// it, of which they make the one before it.
    pub derivative: bool,
    /// A concatenation behind it, if its result is an image: `within(part)` has the same functions.
    pub concatenation: bool,
    /// A pool of 2x2 behind it: `max_pooled()` has the same functions, which also take what it keeps for backward.
    pub pool: bool,
    /// In inference a sum behind it: its `forward` takes a `Finish` for an activation, which may say that the result is added to what
    /// lies there.
    pub sum: bool,
    /// In inference a layer behind it that is [`Inference::Affine`], if its result is linear in its kernel and its bias: the `forward`
    /// takes any kernel and bias for weights.
    pub affine: Option<Outputs>,
}

/// How the outputs of a layer, which are the last axis of its result, lie in its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// How many there are.
    pub count: usize,
    /// How many neighbouring elements of the kernel belong to one: 1 where they are its last axis.
    pub run: usize,
}

impl Outputs {
    /// The last axis of a kernel, or its last axes together.
    fn last_of(result: &Shape) -> Self {
        Self { count: result.last().copied().unwrap_or(1), run: 1 }
    }
}

/// Which operands of a layer may be a part of a larger tensor that was cut along an axis: columns of a matrix, whose rows are what the
/// axes before that one make. For these, `on_columns(columns)` has the same functions, on the larger tensor and its gradient; it is given a
/// list of `Option`s if the layer takes a list of operands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnColumns {
    /// None.
    Never,
    /// All, whatever the columns.
    Any,
    /// Each, if they are so many.
    Of(Vec<usize>),
}

/// Which arguments a layer's functions take beside the tensors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Takes {
    /// Operands as a list, and the index of the one whose gradient is wanted.
    pub operand_list: bool,
    /// Results and the gradients by them as lists; of the latter each can be missing.
    pub result_list: bool,
    /// What random numbers are drawn from; in the backward pass those functions that [say so](Reads::random).
    pub random: bool,
    /// Memory for the time of a call.
    pub scratch: bool,
}

/// What a layer does in inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inference {
    /// The same.
    Same,
    /// Nothing: its result is its operand.
    Identity,
    /// The same, which is then a factor and a summand for each index of the last axis, made of its weights, which have a number for
    /// each index: `fold(weights, weights before, run, scratch)` gives the weights with which a layer before it makes what both make.
    Affine,
}

/// What is known of what a layer computes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Whether its result is the operand's numbers in the same order under another shape: nothing is computed.
    pub alias: bool,
    /// Whether its result has the operand's shape, whatever that is.
    pub keeps_shape: bool,
    /// For a function of each element, what its derivative needs: its functions take no number of samples.
    pub elementwise: Option<Derivative>,
    /// Whether its result is the sum of its operands, element by element, of which none is repeated.
    pub sum: bool,
    /// What its numbers are.
    pub values: Values,
    /// For a layer that puts its operands side by side, how.
    pub concatenation: Option<Runs>,
    /// For a layer whose results are parts of its operand, side by side there, how. If these are left where they are,
    /// `finish_gradient(n, given, dx)` fills in those by which there is no gradient.
    pub parts: Option<Runs>,
    /// Whether it takes the largest of each 2x2 pixels of an image.
    pub pairs: bool,
    /// Whether its operand is an image: `[height, width, channels]`.
    pub of_image: bool,
    /// For a layer whose result is that of its last step alone, the argument by which it gives every step's.
    pub every_step: Option<&'static str>,
}

/// How tensors lie in a larger one: `outer` times, so many floats of each in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// How many times.
    pub outer: usize,
    /// Floats of each.
    pub lens: Vec<usize>,
}

/// What the derivative of an elementwise function is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivative {
    /// Its operand.
    FromOperand,
    /// Its result.
    FromResult,
    /// Whether its result is positive: it is 1 there, else 0.
    Mask,
}

impl Derivative {
    /// Whether its result is enough.
    pub fn from_result(self) -> bool {
        matches!(self, Self::FromResult | Self::Mask)
    }

    /// What it reads of the result.
    pub fn of_result(self) -> Read {
        match self {
            Self::FromOperand => Read::Nothing,
            Self::FromResult => Read::All,
            Self::Mask => Read::Sign,
        }
    }
}

/// What the numbers of a result are, as far as a loss cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Values {
    /// What the operands' are, or not known.
    #[default]
    Unknown,
    /// Any numbers.
    Any,
    /// Numbers of at least 0.
    NotNegative,
    /// Numbers from 0 to 1, though no loss can take the operand for logits.
    UnitInterval,
    /// Probabilities: a cross-entropy behind them is computed from the operand, stably.
    Probabilities(Distribution),
    /// The logarithms of probabilities.
    LogProbabilities(Distribution),
}

impl Values {
    /// The distribution, if they are one.
    pub fn distribution(self) -> Option<Distribution> {
        match self {
            Self::Probabilities(distribution) => Some(distribution),
            Self::Unknown | Self::Any | Self::NotNegative | Self::UnitInterval | Self::LogProbabilities(_) => None,
        }
    }
}

/// What a layer makes of logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// One probability a class, along the last axis.
    Softmax,
    /// An independent probability each.
    Sigmoid,
}

/// What [`Layer::infer`](super::Layer::infer) finds.
pub type Inferred = Result<Facts, Misfit>;
