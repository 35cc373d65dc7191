//! What Keras says, from the files in `answers/`, and what we say.
//!
//! The README beside this file tells how the answers are made. A test reads one file of them, makes weights and inputs
//! by the same formula, and compares.

mod answers;
mod compare;
#[macro_use]
mod flow;
mod formula;
mod harness;
mod initializers;
#[macro_use]
mod layer;
mod self_test;

mod activations;
mod attention;
mod conv_lstm;
mod convolution;
mod convolution_depthwise;
mod convolution_grouped;
mod convolution_steps;
mod convolution_transposed;
mod dense;
mod embedding;
mod encodings;
mod fit;
mod functions;
mod losses;
mod merging;
mod metrics;
mod moves;
mod networks;
mod noise;
mod norm;
mod normalization;
mod optimizers;
mod pooling;
mod positions;
mod products;
mod recurrent;
mod reductions;
mod row_norms;
mod schedules;
mod shaping;
mod slopes;
mod spatial;
mod splitting;
mod wrappers;
