//! Numbers in memory and what is said of them: shapes, batches, names, parameters, functions of one element.

pub(crate) mod activation;
pub(crate) mod aligned;
pub(crate) mod any;
pub(crate) mod argmax;
pub(crate) mod axes;
pub(crate) mod batch;
pub(crate) mod columns;
pub(crate) mod element;
pub(crate) mod exact;
pub(crate) mod name;
pub(crate) mod param;
pub(crate) mod pattern;
pub(crate) mod rows;
pub(crate) mod shape;
