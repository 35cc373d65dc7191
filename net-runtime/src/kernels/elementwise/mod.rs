//! What is done with each element, or with each row as a whole: functions, arithmetic, moves.

pub(crate) mod activations;
pub(crate) mod arithmetic;
pub(crate) mod border;
pub(crate) mod broadcast;
pub(crate) mod copy;
pub(crate) mod dropout;
pub(crate) mod flush;
pub(crate) mod gated;
pub(crate) mod noise;
pub(crate) mod permute;
pub(crate) mod pieces;
pub(crate) mod quick;
pub(crate) mod rescale;
pub(crate) mod strided;
