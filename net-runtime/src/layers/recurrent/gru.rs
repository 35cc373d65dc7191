//! A memory with one state.

use super::recurrence::recurrent_layer;
use super::sequence::Sequence;
use crate::kernels::recurrent::gru;

/// Gated recurrent units (Cho et al. 2014), as Keras's `GRU`.
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
/// gates. Else it is `[3 · units]`.
///
/// Operands are `x`, perhaps h, the state at the start, `[units]`, and perhaps a mask. Results are the hidden states, or these and
/// the last one. What is kept is as [`Lstm`](super::super::Lstm) says.
#[derive(Clone, Copy, Debug)]
pub struct Gru {
    /// The sequence.
    pub sequence: Sequence,
    /// Whether the reset gate is applied behind the product of hidden state and recurrent kernel.
    pub reset_after: bool,
}

impl Gru {
    fn cell(&self) -> gru::Gru {
        gru::Gru { reset_after: self.reset_after }
    }
}

recurrent_layer!(Gru, gru::Gru);
