//! The same weights at every step.

pub(super) mod conv_lstm;
mod convolution;
pub(super) mod gru;
pub(super) mod lstm;
mod operands;
mod recurrence;
pub(super) mod sequence;
pub(super) mod simple_rnn;
