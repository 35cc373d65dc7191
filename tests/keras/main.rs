//! What Keras says of layers, from the files in `answers/`, and what we say.
//!
//! The README beside this file tells how the answers are made. A test reads one file of them, makes weights and inputs
//! by the same formula, and compares. What it needs for that is in `tests_common::keras`. Convolutions and training are in targets of
//! their own: a target is compiled as a whole.

#[macro_use]
extern crate tests_common;

mod self_test;

mod activations;
mod attention;
mod dense;
mod embedding;
mod encodings;
mod functions;
mod merging;
mod moves;
mod noise;
mod norm;
mod normalization;
mod positions;
mod products;
mod recurrent;
mod reductions;
mod row_norms;
mod shaping;
mod slopes;
mod splitting;
mod wrappers;
