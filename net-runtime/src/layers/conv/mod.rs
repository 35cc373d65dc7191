//! Convolutions.

pub(super) mod conv2d;
pub(super) mod conv2d_max_pooled;
