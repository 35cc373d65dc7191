//! The table of the layers. Adding one is a file with its signature and its rules, and a line here.

use super::signature::Signature;
use super::{
    activation, batch_norm, border, compare, concat, conv2d, dense, dropout, embedding, flatten, global_pool, lstm,
    merge, permute, pool, reshape, softmax, split,
};

/// Every layer, sorted by name.
pub static LAYERS: &[Signature] = &[
    merge::ADD,
    merge::AVERAGE,
    pool::AVG_POOL1D,
    pool::AVG_POOL2D,
    pool::AVG_POOL3D,
    batch_norm::SIGNATURE,
    concat::SIGNATURE,
    conv2d::SIGNATURE,
    border::CROP1D,
    border::CROP2D,
    border::CROP3D,
    dense::SIGNATURE,
    dropout::SIGNATURE,
    embedding::SIGNATURE,
    compare::EQUAL,
    flatten::SIGNATURE,
    global_pool::GLOBAL_AVG_POOL1D,
    global_pool::GLOBAL_AVG_POOL2D,
    global_pool::GLOBAL_AVG_POOL3D,
    global_pool::GLOBAL_MAX_POOL1D,
    global_pool::GLOBAL_MAX_POOL2D,
    global_pool::GLOBAL_MAX_POOL3D,
    compare::GREATER,
    compare::LESS,
    lstm::SIGNATURE,
    pool::MAX_POOL1D,
    pool::MAX_POOL2D,
    pool::MAX_POOL3D,
    merge::MAXIMUM,
    merge::MINIMUM,
    merge::MUL,
    compare::NOT_EQUAL,
    permute::SIGNATURE,
    reshape::SIGNATURE,
    split::SIGNATURE,
    merge::SUB,
    border::ZERO_PAD1D,
    border::ZERO_PAD2D,
    border::ZERO_PAD3D,
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
