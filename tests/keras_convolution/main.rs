//! What Keras says of layers with windows over images, steps and volumes, and what we say. See `../keras/`.

#[macro_use]
extern crate tests_common;

mod conv_lstm;
mod convolution;
mod convolution_depthwise;
mod convolution_grouped;
mod convolution_steps;
mod convolution_transposed;
mod pooling;
mod spatial;
