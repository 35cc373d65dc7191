//! Recurrent layers: the same weights at every step, each step with the result of the one before.

mod cell;
pub(crate) mod lstm;
