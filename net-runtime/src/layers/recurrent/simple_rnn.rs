//! A memory without gates.

use super::recurrence::recurrent_layer;
use super::sequence::Sequence;
use crate::kernels::recurrent::simple;
use crate::tensor::activation::Activation;

/// A recurrent layer without gates (Elman, "Finding Structure in Time", 1990), as Keras's `SimpleRNN`: from a hidden state h, zeros
/// at first,
///
/// ```text
/// h ← activation(x[t] · kernel + h · recurrent_kernel + bias)
/// ```
///
/// Operands are `x`, perhaps h, the state at the start, `[units]`, and perhaps a mask. Results are the hidden states, or these and
/// the last one. What is kept is as [`Lstm`](super::super::Lstm) says.
///
/// # In `network!`
///
/// `SimpleRnn(units, activation = tanh, sequences = false, states = false, reverse = false, bias = true, dropout = 0,
/// recurrent_dropout = 0)`: `[steps, features]` to `[units]`, or with `sequences` to `[steps, units]`, on `x` or on
/// `(x, state = h)`, and with `mask = m`, as of [`Lstm`](super::super::Lstm). The weights are
/// [`Recurrent`](crate::weights::Recurrent): a kernel `[features, units]`, at first `glorot_uniform`, a recurrent kernel
/// `[units, units]`, at first `orthogonal`, and a bias `[units]` of zeros.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Counter(bits: [16, 1]) -> (odd: [1]) {
///         let odd = bits -> SimpleRnn(8) -> Dense(1) -> sigmoid;
///     }
/// }
/// assert_eq!(Counter::PARAMETERS, 8 * (1 + 8 + 1) + (8 + 1));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SimpleRnn {
    /// The sequence.
    pub sequence: Sequence,
    /// The function; not one of those whose derivative is computed from what goes in.
    pub activation: Activation,
}

impl SimpleRnn {
    /// With tanh.
    pub const fn new(sequence: Sequence) -> Self {
        Self { sequence, activation: Activation::Tanh }
    }

    fn cell(&self) -> simple::Simple {
        simple::Simple { activation: self.activation }
    }
}

recurrent_layer!(SimpleRnn, simple::Simple);
