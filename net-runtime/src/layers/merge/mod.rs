//! One tensor of several.

pub(super) mod concat;
pub(super) mod elementwise;
pub(super) mod split;
