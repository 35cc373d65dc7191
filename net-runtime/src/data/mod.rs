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
//!
//! | for | is |
//! | --- | --- |
//! | samples from vectors, slices and `ndarray` arrays | [`Batch`](crate::Batch), [`View`](crate::View) |
//! | tables in files | `csv::read_numbers`, `csv::read` where classes have names; with the feature `csv` |
//! | a row of zeros and a one for each class, and back | [`one_hot`], [`argmax`] |
//! | samples to train on and to judge by | [`split`], [`split_indices`] |
//! | another order | [`shuffle`] |
//!
//! Values are brought to a common scale in the network, by [`Normalization`](crate::layers::Normalization) or
//! [`Rescaling`](crate::layers::Rescaling).

#[cfg(feature = "csv")]
pub mod csv;
mod one_hot;
pub(crate) mod shuffle;
mod split;

pub use crate::tensor::argmax::argmax;
pub use one_hot::one_hot;
pub use shuffle::shuffle;
pub use split::{split, split_indices};
