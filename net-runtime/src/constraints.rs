//! What weights are held to.
//!
//! In `network!`, an argument says so for the weights of any layer: `Dense(64, kernel_constraint = max_norm(2), bias_constraint =
//! non_neg)`. The functions are Keras's constraints. They are applied after every step of an optimizer, and not before the first
//! one: weights begin as they begin. Averages of weights are those of before.
//!
//! Where lengths are limited, `axis = 0` says along which axes of the weight they are measured: those of a filter of a `Conv2d` have
//! `axis = (0, 1, 2)`.
//!
//! | written | is |
//! | --- | --- |
//! | `non_neg` | [`non_neg`] |
//! | `max_norm(max_value = 2.0, axis = 0)` | [`max_norm`] |
//! | `min_max_norm(min_value = 0.0, max_value = 1.0, rate = 1.0, axis = 0)` | [`min_max_norm`] |
//! | `unit_norm(axis = 0)` | [`unit_norm`] |
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Held(image: [8, 8, 1]) -> (y: [2]) {
//!         let seen = image -> Conv2d(4, 3, kernel_constraint = max_norm(1, axis = (0, 1, 2))) -> relu -> Flatten;
//!         let inner = seen -> Dense(8, kernel_constraint = unit_norm) -> relu;
//!         let other = inner -> Dense(8, kernel_constraint = min_max_norm(0.5, 1.5)) -> relu;
//!         let y = other -> Dense(2, kernel_constraint = non_neg, bias_constraint = non_neg);
//!         loss y: MeanSquaredError;
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let samples = HeldSamples { image: Batch::zeros(1), y: Batch::zeros(1) };
//! let mut trainer = Trainer::new(Held::new(1), Sgd::new(0.1));
//! trainer.step(&samples)?;
//! assert!(trainer.network().y_dense.kernel.values().iter().all(|weight| *weight >= 0.0));
//! # Ok(())
//! # }
//! ```

pub use crate::parameters::constraint::{Constraint, max_norm, min_max_norm, non_neg, unit_norm};
