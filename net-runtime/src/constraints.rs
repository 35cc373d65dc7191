//! What weights are held to.
//!
//! In `network!`, an argument says so for the weights of any layer: `Dense(64, kernel_constraint = max_norm(2), bias_constraint = non_neg)`.
//! The functions are Keras's constraints. They are applied after every step of an optimizer, and not before the first one: weights begin as
//! they begin. Averages of weights are those of before.
//!
//! Where lengths are limited, `axis = 0` says along which axes of the weight they are measured: those of a filter of a `Conv2d` have
//! `axis = (0, 1, 2)`.

pub use crate::parameters::constraint::{Constraint, max_norm, min_max_norm, non_neg, unit_norm};
