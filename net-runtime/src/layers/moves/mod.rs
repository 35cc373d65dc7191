//! The same values in other places.

pub(super) mod permute;
pub(super) mod reshape;
pub(super) mod zero_pad;
