//! What weights and activities add to a loss, and what constraints make of weights.

pub(crate) mod norms;
pub(crate) mod orthogonal;
pub(crate) mod sums;
