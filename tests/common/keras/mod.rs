//! What all comparisons with Keras need: its answers, the formula that inputs are made by, tolerances, and tests of one layer or of a
//! few stages.

pub mod answers;
pub mod compare;
mod flow;
pub mod formula;
pub mod harness;
mod layer;
