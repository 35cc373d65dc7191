//! Normalising: each channel, group of channels or row gets mean 0 and variance 1.

pub(crate) mod batch;
pub(super) mod columns;
pub(crate) mod groups;
pub(crate) mod known;
mod normalize;
pub(crate) mod rows;
mod upstream;
