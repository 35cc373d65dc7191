//! Neural networks that are declared with [`network!`], checked while the program compiles, and run by the kernels of
//! this crate.

mod aligned;
mod batch;
mod error;
mod generated;
mod info;
mod kernels;
mod network;
mod param;
pub mod plot;
mod shape;
mod summary;
#[cfg(test)]
mod test_networks;
mod workspace;

pub mod activations;
pub mod data;
pub mod initializers;
pub mod io;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod optimizers;
pub mod prelude;
pub mod training;
pub mod weights;

pub use ndarray;
pub use net_macros::network;

pub use batch::{Batch, Element, View};
pub use error::Error;
pub use generated::{Classes, check_classes, no_weights, same_samples, unknown_head};
pub use info::{Connection, NetworkInfo, OutputInfo, RowInfo, UseInfo};
pub use network::{Gradients, Inputs, Network, ParamVisitor, Samples, Trainable, Workspace};
pub use param::{Gradient, Param, Write};
pub use shape::{Shape, Shape0, Shape1, Shape2, Shape3, Shape4, Shape5};
pub use summary::Summary;
pub use workspace::{Arena, GradientSlot, Mode, RandomKey, Scratch, Slot};
