//! Activation functions, as Keras 3 defines them.
//!
//! Exponentials are computed by polynomials, of which each result of `sigmoid`, `tanh`, `softplus` and the exponential itself is
//! within 3 units in the last place, on every machine; the last digits differ between instruction sets.

pub use crate::layers::softmax::softmax;
pub use crate::tensor::activation::{
    Activation, elu, gelu, hard_sigmoid, leaky_relu, relu, selu, sigmoid, silu, softplus, tanh,
};
