//! The same values in other places.

pub(super) mod border;
pub(super) mod permute;
pub(super) mod reshape;
