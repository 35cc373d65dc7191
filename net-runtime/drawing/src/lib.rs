//! The table and the picture of a network, drawn from a description of it.
//!
//! A crate of its own, since both sides draw: `net-runtime` when a program asks for its summary or its plot, and the
//! compiler for the documentation of the struct. So it is small, and depends on next to nothing.

// For `test_networks`, which the tests of `net-runtime` include, too.
#[cfg(test)]
extern crate self as net_drawing;

mod boxes;
mod graph;
mod info;
mod layout;
mod markdown;
#[cfg(test)]
mod picture_tests;
mod summary;
pub mod svg;
#[cfg(test)]
mod test_networks;

pub use graph::{draw, draw_on_page};
pub use info::{Connection, NetworkInfo, OutputInfo, RowInfo, UseInfo};
pub use markdown::{Link, table};
pub use summary::{CHAIN, Frozen, Summary, bytes, count_parameters, thousands};
