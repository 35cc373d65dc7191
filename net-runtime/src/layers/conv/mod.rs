//! Convolutions.

pub(super) mod conv2d;
pub(super) mod conv2d_grouped;
pub(super) mod conv2d_max_pooled;
pub(super) mod conv2d_transpose;
pub(super) mod conv3d;
pub(super) mod depthwise_conv2d;
mod kernel_gradient;
pub(super) mod one_kernel;
pub(super) mod separable_conv2d;
pub(super) mod steps;
