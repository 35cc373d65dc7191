//! Steps of optimizers: one pass over a parameter, its gradient and its moments.

pub(crate) mod adafactor;
pub(crate) mod adam;
pub(crate) mod clipped_gradient;
pub(crate) mod loops;
pub(crate) mod newton_schulz;
pub(crate) mod rules;
pub(crate) mod step;
