//! A memory that learns what to keep.

use super::recurrence::recurrent_layer;
use super::sequence::Sequence;
use crate::kernels::recurrent::functions::Functions;
use crate::kernels::recurrent::lstm;
use crate::tensor::activation::Activation;

/// Long short-term memory (Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997), as Keras's `LSTM`.
///
/// From a hidden state h and a cell state c, zeros at first, and with · a matrix product, ⊙ element by element:
///
/// ```text
/// [i, f, g, o] = x[t] · kernel + h · recurrent_kernel + bias
/// c ← sigmoid(f) ⊙ c + sigmoid(i) ⊙ tanh(g)
/// h ← sigmoid(o) ⊙ tanh(c)
/// ```
///
/// Other functions may stand in the places of sigmoid and tanh; these two are the fastest.
///
/// Operands are `x`, perhaps h and c, the states at the start, `[units]` each, and perhaps a mask. Results are the hidden states, or
/// these, the last hidden state and the last cell state.
///
/// # In `network!`
///
/// `Lstm(units, activation = tanh, recurrent_activation = sigmoid, sequences = false, states = false, reverse = false, bias = true,
/// unit_forget_bias = true, dropout = 0, recurrent_dropout = 0)`: `[steps, features]` to `[units]`, or with `sequences` to
/// `[steps, units]`. It is written on `x`, or on `(x, h, c)` with the states at the start, `[units]` each, and with `mask = m`,
/// `[steps]`, where a 0 hides a step. With `states`, the results are the output and both states at the end; `reverse` begins with
/// the last step. The weights are [`Recurrent`](crate::weights::Recurrent): a kernel `[features, 4 · units]`, at first
/// `glorot_uniform`, a recurrent kernel `[units, 4 · units]`, at first `orthogonal`, and a bias `[4 · units]`, zeros but for ones
/// of the forget gate.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Translate(text: [12, 8], other: [10, 8]) -> (next: [10, 20]) {
///         let (_, h, c) = text -> Lstm(32, states = true);
///         let steps: [10, 32] = (other, h, c) -> Lstm(32, sequences = true);
///         let next = steps -> Dense(20) -> softmax;
///     }
/// }
/// assert_eq!(Translate::PARAMETERS, 2 * 4 * 32 * (8 + 32 + 1) + (32 * 20 + 20));
/// ```
///
/// # In generated code
///
/// What a training pass keeps, [`kept`](Self::kept) floats a sample, is for the backward pass: [`backward_begin`] goes back through
/// all steps, and the other two read what it leaves there. Without a backward pass `kept` may be empty.
///
/// [`backward_begin`]: Self::backward_begin
#[derive(Clone, Copy, Debug)]
pub struct Lstm {
    /// The sequence.
    pub sequence: Sequence,
    /// The function of the candidate and of the cell state; not one of those whose derivative is computed from what goes in.
    pub activation: Activation,
    /// The function of the gates; likewise.
    pub recurrent_activation: Activation,
}

impl Lstm {
    /// With tanh, and sigmoid for the gates.
    pub const fn new(sequence: Sequence) -> Self {
        Self { sequence, activation: Activation::Tanh, recurrent_activation: Activation::Sigmoid }
    }

    fn cell(&self) -> lstm::Lstm {
        lstm::Lstm { functions: Functions { activation: self.activation, recurrent: self.recurrent_activation } }
    }
}

recurrent_layer!(Lstm, lstm::Lstm);
