//! The same weights at every step: the loops over steps, which all kinds share, and what each kind does at one of them.

pub(crate) mod backward;
pub(crate) mod cell;
pub(crate) mod forward;
pub(crate) mod functions;
pub(crate) mod gradients;
pub(crate) mod gru;
pub(crate) mod lstm;
pub(crate) mod places;
mod products;
pub(crate) mod sequence;
pub(crate) mod simple;
