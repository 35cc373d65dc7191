//! The table of the layers. Adding one is a file with its signature and its rules, and a line here.

use super::signature::Signature;
use super::{
    activation, batch_norm, compare, concat, conv2d, dense, dropout, embedding, flatten, global_pool2d, lstm, merge,
    permute, pool2d, reshape, softmax, split, zero_pad2d,
};

/// Every layer, sorted by name.
pub static LAYERS: &[Signature] = &[
    merge::ADD,
    merge::AVERAGE,
    pool2d::AVG_POOL2D,
    batch_norm::SIGNATURE,
    concat::SIGNATURE,
    conv2d::SIGNATURE,
    dense::SIGNATURE,
    dropout::SIGNATURE,
    embedding::SIGNATURE,
    compare::EQUAL,
    flatten::SIGNATURE,
    global_pool2d::GLOBAL_AVG_POOL2D,
    global_pool2d::GLOBAL_MAX_POOL2D,
    compare::GREATER,
    compare::LESS,
    lstm::SIGNATURE,
    pool2d::MAX_POOL2D,
    merge::MAXIMUM,
    merge::MINIMUM,
    merge::MUL,
    compare::NOT_EQUAL,
    permute::SIGNATURE,
    reshape::SIGNATURE,
    split::SIGNATURE,
    merge::SUB,
    zero_pad2d::SIGNATURE,
    activation::ELU,
    activation::GELU,
    activation::HARD_SIGMOID,
    activation::LEAKY_RELU,
    activation::RELU,
    activation::SELU,
    activation::SIGMOID,
    activation::SILU,
    softmax::SIGNATURE,
    activation::SOFTPLUS,
    activation::TANH,
];

/// The layer of this name.
pub fn find(name: &str) -> Option<&'static Signature> {
    LAYERS.iter().find(|signature| signature.name == name)
}
