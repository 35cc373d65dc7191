//! Normalising: each channel gets mean 0 and variance 1.

pub(crate) mod batch;
mod columns;
