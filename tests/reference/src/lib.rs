//! Random networks and what is right for them.
//!
//! A [`Program`] describes a block of `network!`: templates, inner networks, shared layers, branches, merges, heads. One
//! description has two readings, and both are taken from the same value:
//!
//! - [`text`] writes the program that the compiler gets;
//! - [`open`](fn@open) makes one flat [`Graph`] of it, which [`interpret`] runs forward and backward, layer by layer, in `f64`.
//!
//! The interpreter is written to be looked through: loops over every element, each layer's derivative beside its formula. It
//! shares no code with the runtime or the compiler, and depends on nothing. It is itself compared with finite differences, which are
//! exact enough in `f64`.
//!
//! # Rounding
//!
//! The runtime computes in `f32`. How much that may change is not guessed by a tolerance for all networks: it is [measured](noise),
//! for every tensor, by what noise of the size of `f32`'s rounding does to the interpreter's own numbers. Where a result hangs on
//! a coin, because a value lies so near a kink of a function that rounding decides, the samples are drawn again.
//!
//! # Adding a layer
//!
//! A file in `layers/` with the formula, its derivative and a random choice of its arguments, and a line in one of the tables of
//! `layers/table.rs`: that of layers with one operand, with several as they come, with more operands whose shapes follow from the first
//! (states, masks, keys: the generator finds or makes them), or with whole numbers. The generator draws shapes of features, sequences,
//! images and volumes.

#![allow(clippy::needless_range_loop, reason = "formulas have indices, and are recognised by them")]

pub mod draw;
pub mod generate;
pub mod graph;
pub mod interpret;
pub mod layers;
pub mod losses;
pub mod noise;
pub mod open;
pub mod philox;
pub mod program;
pub mod tensor;
pub mod terms;
pub mod text;

pub use draw::Random;
pub use generate::program;
pub use graph::Graph;
pub use open::open;
pub use program::Program;
pub use tensor::Tensor;
