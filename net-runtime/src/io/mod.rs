//! Files: parameters and training states as safetensors.

pub(crate) mod parameters;
mod problem;
pub(crate) mod read;
pub(crate) mod replace;
pub(crate) mod tensors;

pub use parameters::{load_parameters, save_parameters};
pub use tensors::{Tensor, Tensors, read_tensors, write_tensors};
