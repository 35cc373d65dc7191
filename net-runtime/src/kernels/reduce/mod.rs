//! Sums and largest values of rows and columns, and what is made of them.

pub(crate) mod reductions;
pub(crate) mod softmax;
