//! A memory with one state.

use super::recurrence::recurrent_layer;
use super::sequence::Sequence;
use crate::kernels::recurrent::functions::Functions;
use crate::kernels::recurrent::gru;
use crate::tensor::activation::Activation;

/// Gated recurrent units (Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014), as Keras's `GRU`.
///
/// From a hidden state h, zeros at first, and with · a matrix product, ⊙ element by element, where a kernel's columns are those of z, r and
/// n:
///
/// ```text
/// z = sigmoid(x[t] · kernel_z + h · recurrent_kernel_z + bias_z)
/// r = sigmoid(x[t] · kernel_r + h · recurrent_kernel_r + bias_r)
/// n = tanh(x[t] · kernel_n + r ⊙ (h · recurrent_kernel_n + recurrent_bias_n) + bias_n)    reset_after
/// n = tanh(x[t] · kernel_n + (r ⊙ h) · recurrent_kernel_n + bias_n)                       else
/// h ← z ⊙ h + (1 − z) ⊙ n
/// ```
///
/// With `reset_after`, as in cuDNN, the bias is `[2, 3 · units]`: the second row belongs to the products of hidden states, in all three
/// gates. Else it is `[3 · units]`. Other functions may stand in the places of sigmoid and tanh; these two are the fastest.
///
/// Operands are `x`, perhaps h, the state at the start, `[units]`, and perhaps a mask. Results are the hidden states, or these and
/// the last one. What is kept is as [`Lstm`](super::super::Lstm) says.
///
/// # In `network!`
///
/// `Gru(units, activation = tanh, recurrent_activation = sigmoid, sequences = false, states = false, reverse = false, reset_after =
/// true, bias = true, dropout = 0, recurrent_dropout = 0)`: `[steps, features]` to `[units]`, or with `sequences` to
/// `[steps, units]`, on `x` or on `(x, state = h)`, and with `mask = m`, as of [`Lstm`](super::super::Lstm). The weights are
/// [`Recurrent`](crate::weights::Recurrent): a kernel `[features, 3 · units]`, at first `glorot_uniform`, a recurrent kernel
/// `[units, 3 · units]`, at first `orthogonal`, and a bias of zeros.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Weather(days: [30, 6]) -> (tomorrow: [6]) {
///         let all: [30, 24] = days -> Gru(24, sequences = true);
///         let tomorrow = all -> Gru(12, reset_after = false) -> Dense(6);
///     }
/// }
/// assert_eq!(Weather::PARAMETERS, 3 * 24 * (6 + 24 + 2) + 3 * 12 * (24 + 12 + 1) + (12 * 6 + 6));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Gru {
    /// The sequence.
    pub sequence: Sequence,
    /// Whether the reset gate is applied behind the product of hidden state and recurrent kernel.
    pub reset_after: bool,
    /// The function of the candidate; not one of those whose derivative is computed from what goes in.
    pub activation: Activation,
    /// The function of the gates; likewise.
    pub recurrent_activation: Activation,
}

impl Gru {
    /// With tanh, sigmoid for the gates, and the reset gate behind the product.
    pub const fn new(sequence: Sequence) -> Self {
        let (activation, recurrent_activation) = (Activation::Tanh, Activation::Sigmoid);
        Self { sequence, reset_after: true, activation, recurrent_activation }
    }

    fn cell(&self) -> gru::Gru {
        let functions = Functions { activation: self.activation, recurrent: self.recurrent_activation };
        gru::Gru { reset_after: self.reset_after, functions }
    }
}

recurrent_layer!(Gru, gru::Gru);
