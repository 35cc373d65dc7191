//! The same weights at every step.

pub(super) mod lstm;
