//! What one caller of a network works in: the arena of its tensors, the scratch memory of its kernels, what its draws are
//! keyed by.

pub(crate) mod algorithm;
pub(crate) mod arena;
pub(crate) mod folded;
pub(crate) mod mode;
pub(crate) mod packed;
pub(crate) mod philox;
pub(crate) mod random;
pub(crate) mod scratch;
