//! Files: parameters and training states as safetensors.

mod parameters;
mod replace;
mod tensors;

pub(crate) use replace::replace_file;

pub use parameters::{load_parameters, save_parameters};
pub use tensors::{Tensor, Tensors, read_tensors, write_tensors};
