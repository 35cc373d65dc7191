//! A memory that learns what to keep.

use super::recurrence::recurrent_layer;
use super::sequence::Sequence;
use crate::kernels::recurrent::lstm;

/// Long short-term memory (Hochreiter and Schmidhuber 1997), as Keras's `LSTM`.
///
/// From a hidden state h and a cell state c, zeros at first, and with · a matrix product, ⊙ element by element:
///
/// ```text
/// [i, f, g, o] = x[t] · kernel + h · recurrent_kernel + bias
/// c ← sigmoid(f) ⊙ c + sigmoid(i) ⊙ tanh(g)
/// h ← sigmoid(o) ⊙ tanh(c)
/// ```
///
/// Operands are `x`, perhaps h and c, the states at the start, `[units]` each, and perhaps a mask. Results are the hidden states, or
/// these, the last hidden state and the last cell state.
///
/// What a training pass keeps, [`kept`](Self::kept) floats a sample, is for the backward pass: [`backward_begin`] goes back through
/// all steps, and the other two read what it leaves there. Without a backward pass `kept` may be empty.
///
/// [`backward_begin`]: Self::backward_begin
#[derive(Clone, Copy, Debug)]
pub struct Lstm {
    /// The sequence.
    pub sequence: Sequence,
}

impl Lstm {
    fn cell(&self) -> lstm::Lstm {
        lstm::Lstm
    }
}

recurrent_layer!(Lstm, lstm::Lstm);
