//! Normalising.

pub(super) mod batch_norm;
