//! The same values in other places.

pub(super) mod blocks;
pub(super) mod border;
pub(super) mod permute;
pub(super) mod repeat;
pub(super) mod reshape;
pub(super) mod resize;
pub(super) mod reverse;
pub(super) mod slice;
