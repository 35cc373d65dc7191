//! Files: parameters and training states as safetensors.

mod matching;
pub(crate) mod parameters;
mod problem;
pub(crate) mod read;
pub(crate) mod replace;
pub(crate) mod tensors;

pub use matching::{Matching, OtherShape, load_matching, load_matching_as};
pub use parameters::{load_parameters, load_parameters_from_bytes, parameters_to_bytes, save_parameters};
pub use tensors::{Tensor, Tensors, read_tensors, write_tensors};
