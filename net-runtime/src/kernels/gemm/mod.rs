//! Products of matrices: the microkernel, what is done with a part of a product at once, and dense layers.

pub(crate) mod dense;
pub(crate) mod dense_few;
pub(crate) mod epilogue;
pub(crate) mod factors;
mod far;
pub(crate) mod few_columns;
pub(crate) mod microkernel;
pub(crate) mod pack;
pub(crate) mod product;
pub(crate) mod rows;
pub(crate) mod sizes;
pub(crate) mod transpose;
pub(crate) mod transposed_left;
pub(crate) mod weight_gradient;
