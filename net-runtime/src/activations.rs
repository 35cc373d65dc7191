//! Functions of one element, as Keras 3 defines them: its activations, and some of mathematics.
//!
//! Exponentials are computed by polynomials, of which each result of `sigmoid`, `tanh`, `softplus` and the exponential itself is
//! within 3 units in the last place, on every machine; the last digits differ between instruction sets.

pub use crate::layers::argmax::argmax;
pub use crate::layers::softmax::softmax;
pub use crate::tensor::activation::{
    Activation, abs, celu, clip, elu, exp, gelu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, log,
    log_sigmoid, mish, neg, reciprocal, rectified_linear, relu, relu6, rsqrt, selu, sigmoid, silu, soft_shrink,
    softplus, softsign, sparse_plus, sparse_sigmoid, sqrt, square, squareplus, tanh, tanh_shrink, threshold,
};
