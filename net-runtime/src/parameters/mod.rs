//! What a layer learns: its weights, how they begin, and their gradients.

pub(crate) mod adapt;
pub(crate) mod constraint;
pub(crate) mod gradient;
pub mod initializers;
pub(crate) mod regularizer;
pub mod weights;
