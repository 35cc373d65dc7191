//! Files: parameters and training states as safetensors.
//!
//! A network saves and loads itself; the functions here do the same for code that is generic over networks. A file has a tensor of
//! `f32` for each parameter, under its stable name and in Keras's layout, so that Python reads it with
//! `safetensors.numpy.load_file`. It is written beside the old one and then gets its name: a crash leaves the one or the other.
//! Everything in a file is checked before anything is changed.
//!
//! ```
//! use net_runtime::io;
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Small(x: [4]) -> (y: [2]) {
//!         let y = x -> Dense(2);
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! # let path = std::env::temp_dir().join(format!("net-runtime-{}-io.safetensors", std::process::id()));
//! let net = Small::new(1);
//! net.save(&path)?; // or io::save_parameters(&net, &path)?
//!
//! let other = Small::load(&path)?;
//! assert_eq!(other.y_dense.kernel.values(), net.y_dense.kernel.values());
//!
//! let file = io::read_tensors(&path)?;
//! assert_eq!(file.tensors["y_dense.kernel"].dims, [4, 2]);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok(())
//! # }
//! ```
//!
//! | for | is |
//! | --- | --- |
//! | all parameters of a network | [`save_parameters`], [`load_parameters`] |
//! | the same without a file, of `include_bytes!` for instance | [`parameters_to_bytes`], [`load_parameters_from_bytes`] |
//! | those that have the same names and shapes, perhaps of a part | [`load_matching`], [`load_matching_as`] |
//! | a training that goes on later | [`Trainer::save_state`](crate::training::Trainer::save_state) |
//! | tensors of any kind | [`write_tensors`], [`read_tensors`] |

mod matching;
pub(crate) mod parameters;
mod problem;
pub(crate) mod read;
pub(crate) mod replace;
pub(crate) mod tensors;

pub use matching::{Matching, OtherShape, load_matching, load_matching_as};
pub use parameters::{load_parameters, load_parameters_from_bytes, parameters_to_bytes, save_parameters};
pub use tensors::{Tensor, Tensors, read_tensors, write_tensors};
