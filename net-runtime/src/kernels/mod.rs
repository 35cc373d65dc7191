//! The loops of the layers, on plain slices: what a layer means is said in `layers`, how it is computed here.
//!
//! Every kernel divides its work into parts that are fixed by the shapes, and each part of a result has one owner, so
//! that the bits of a result do not depend on the number of threads.

pub(crate) mod activations;
pub(crate) mod axis;
pub(crate) mod broadcast;
pub(crate) mod conv2d;
mod conv2d_pooled;
pub(crate) mod conv2d_weights;
mod conv2d_weights_pooled;
pub(crate) mod copy;
pub(crate) mod dense;
mod dense_few;
pub(crate) mod dropout;
pub(crate) mod elementwise;
pub(crate) mod epilogue;
pub(crate) mod max_pool_in_place;
pub(crate) mod max_pooled;
pub(crate) mod optimizers;
pub(crate) mod parallel;
pub(crate) mod peak;
pub(crate) mod permute;
pub(crate) mod philox;
pub(crate) mod pool;
pub(crate) mod reductions;
pub(crate) mod simd;
mod slots;
pub(crate) mod softmax;
mod sweep;
#[cfg(test)]
mod tests;
pub(crate) mod tile;
mod transpose;
mod winograd;
mod winograd_adjoint;
mod winograd_gradient;
mod winograd_line;
mod winograd_line_transforms;
mod winograd_line_weights;
mod winograd_outputs;
mod winograd_weights;
