//! Sums and largest values of rows and columns, and what is made of them.

pub(crate) mod dot_products;
pub(crate) mod log_softmax;
pub(crate) mod masked;
pub(crate) mod places;
pub(crate) mod reductions;
pub(crate) mod sigmoid_crossentropy;
pub(crate) mod softmax;
pub(crate) mod sparsemax;
