//! Convolutions: as products whose left factor is read where the images lie, or by Winograd's algorithms.

mod all_phases;
pub(crate) mod bands;
mod by_filters;
pub(crate) mod choice;
pub(crate) mod conv2d;
mod conv2d_pooled;
pub(crate) mod conv2d_weights;
mod conv2d_weights_pooled;
pub(crate) mod conv3d;
mod cost;
mod cuts;
pub(crate) mod depthwise;
pub(crate) mod depthwise_weights;
mod dilated;
mod few_filters;
pub(crate) mod geometry;
pub(crate) mod max_pooled;
mod patches;
mod prices;
mod sweep;
pub(crate) mod winograd;
