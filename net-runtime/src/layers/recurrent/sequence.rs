//! What all recurrent layers have in common: how they go through a sequence.

pub use crate::kernels::recurrent::sequence::{Direction, MaskedResult};

use crate::kernels::elementwise::dropout;
use crate::kernels::recurrent::sequence::Sizes;
use crate::memory::random::RandomKey;
use crate::tensor::exact::{product, sum};

/// How a recurrent layer goes through a sequence: `[steps, inputs]` to the last result `[units]`, or to those of all steps,
/// `[steps, units]`.
///
/// A mask, `[steps]`, has a 0 for each step that does not count: it changes no state, and its result is the one before (zeros where
/// there is none) or zeros. With dropout, a training pass multiplies the inputs of all steps of a sample by the same random factors, of
/// which each is 0 with that probability, else 1 / (1 − dropout) (Gal and Ghahramani 2016; Keras's `dropout`). With recurrent dropout it
/// does so with the hidden state where that goes into a product, at all steps and for all gates: Keras's `recurrent_dropout` draws other
/// factors for each gate.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    /// Number of steps, at least one.
    pub steps: usize,
    /// Features of a step.
    pub inputs: usize,
    /// Units: the length of a state.
    pub units: usize,
    /// Whether the result is that of all steps.
    pub sequences: bool,
    /// The order of the steps.
    pub direction: Direction,
    /// What the result of a masked step is, if the last operand is a mask.
    pub mask: Option<MaskedResult>,
    /// Probability of a zero among the inputs, from 0 to 1.
    pub dropout: f32,
    /// Probability of a zero among the hidden states that go into a product, from 0 to 1.
    pub recurrent_dropout: f32,
    /// Which use of which layer it is: each draws from a stream of its own.
    pub stream: u64,
}

impl Sequence {
    /// Forward to the last result, without mask and dropout.
    pub const fn new(steps: usize, inputs: usize, units: usize) -> Self {
        Self {
            steps,
            inputs,
            units,
            sequences: false,
            direction: Direction::Forward,
            mask: None,
            dropout: 0.0,
            recurrent_dropout: 0.0,
            stream: 0,
        }
    }

    /// The sizes with so many samples.
    pub(super) fn sizes(&self, samples: usize) -> Sizes {
        let Self { steps, inputs, units, direction, .. } = *self;
        Sizes { samples, steps, inputs, units, direction }
    }

    /// Whether the results are the hidden states of all steps: then these are not kept a second time.
    pub(super) const fn results_are_hidden(&self) -> bool {
        self.sequences && self.mask.is_none()
    }

    /// What is kept of a sample, with rows of so many columns and so many states, in the order of [`Parts`]; in all, for a layer that
    /// asks how much memory it takes.
    pub(super) const fn kept(&self, columns: usize, states: usize) -> [usize; 5] {
        let hidden = if self.results_are_hidden() { 0 } else { product(&[self.steps, self.units]) };
        let factors = if self.dropout > 0.0 { self.inputs } else { 0 };
        let state_factors = if self.recurrent_dropout > 0.0 { self.units } else { 0 };
        let rows = product(&[columns, self.steps, self.units]);
        [rows, hidden, product(&[states, self.units]), factors, state_factors]
    }

    /// The length of all of that.
    pub(super) const fn kept_len(&self, columns: usize, states: usize) -> usize {
        sum(&self.kept(columns, states))
    }

    /// Cuts what is kept of all samples.
    pub(super) fn split<'a>(&self, n: usize, columns: usize, states: usize, kept: &'a mut [f32]) -> Parts<'a> {
        let [rows, hidden, carried, factors, _] = self.kept(columns, states);
        let (rows, rest) = kept.split_at_mut(n * rows);
        let (hidden, rest) = rest.split_at_mut(n * hidden);
        let (carried, rest) = rest.split_at_mut(n * carried);
        let (factors, state_factors) = rest.split_at_mut(n * factors);
        Parts { rows, hidden, carried, factors, state_factors }
    }

    /// Draws what inputs and hidden states are multiplied by.
    pub(super) fn draw(&self, random: RandomKey, parts: &mut Parts<'_>) {
        if self.dropout > 0.0 {
            dropout::Mask::new(self.dropout, self.stream, random).fill(parts.factors);
        }
        if self.recurrent_dropout > 0.0 {
            // Streams are counted from 0: this one is no other use's.
            dropout::Mask::new(self.recurrent_dropout, !self.stream, random).fill(parts.state_factors);
        }
    }
}

/// The parts of what a training pass keeps.
pub(super) struct Parts<'a> {
    /// The rows of all steps.
    pub rows: &'a mut [f32],
    /// The hidden states of all steps, where these are not the results.
    pub hidden: &'a mut [f32],
    /// Behind `backward_begin` for each sample the gradients by the states before the first step.
    pub carried: &'a mut [f32],
    /// What the inputs were multiplied by, if some were dropped.
    pub factors: &'a mut [f32],
    /// What the hidden states were multiplied by before their products.
    pub state_factors: &'a mut [f32],
}

/// Factors, if there are some.
pub(super) fn some(factors: &[f32]) -> Option<&[f32]> {
    (!factors.is_empty()).then_some(factors)
}
