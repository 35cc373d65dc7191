//! The loops of the layers, on plain slices: what a layer means is said in `layers`, how it is computed here.
//!
//! Every kernel divides its work into parts that are fixed by the shapes, and each part of a result has one owner, so
//! that the bits of a result do not depend on the number of threads. Only samples of a recurrence are divided by that number, none of
//! which depends on another.

pub(crate) mod attention;
pub(crate) mod axis;
pub(crate) mod companion;
pub(crate) mod contraction;
pub(crate) mod conv;
pub(crate) mod distance;
pub(crate) mod elementwise;
pub(crate) mod embedding;
pub(crate) mod gemm;
pub(crate) mod norm;
pub(crate) mod optimizers;
pub(crate) mod peak;
pub(crate) mod pool;
pub(crate) mod prelu;
pub(crate) mod recurrent;
pub(crate) mod reduce;
pub(crate) mod resize;
pub(crate) mod simd;
pub(crate) mod terms;
#[cfg(test)]
mod tests;
