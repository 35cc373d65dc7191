//! Samples from files and arrays, and classes from scores: reading tables, one-hot targets, shuffling and splitting.
//!
//! ```
//! use net_runtime::{Batch, Shape1, data};
//!
//! let targets: Batch<Shape1<3>> = data::one_hot(&[2, 0])?;
//! assert_eq!(targets.data(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
//!
//! let (train, held_out) = data::split_indices(10, 0.3, 42)?;
//! assert_eq!((train.len(), held_out.len()), (7, 3));
//! # Ok::<(), net_runtime::Error>(())
//! ```

#[cfg(feature = "csv")]
pub mod csv;
mod one_hot;
pub(crate) mod shuffle;
mod split;

pub use crate::tensor::argmax::argmax;
pub use one_hot::one_hot;
pub use shuffle::shuffle;
pub use split::{split, split_indices};
