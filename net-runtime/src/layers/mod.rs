//! The layers: per kind a descriptor of plain numbers, which the compiler has worked out from the shapes, with a
//! forward and a backward pass.
//!
//! Everywhere, `n` is the number of samples, and a tensor is a slice of n samples of the layer's shape, channels last,
//! in row-major order. Results may hold anything before, a NaN included; gradients by an input are set or added to as
//! [`Write`](crate::Write) or [`Store`](crate::Store) says. Every function panics if a slice has another length than n and the descriptor say.

mod avg_pool;
mod concat;
mod conv2d;
mod conv2d_max_pooled;
mod dense;
mod dropout;
mod global_pool;
mod max_pool;
mod merge;
mod permute;
mod reshape;
mod softmax;
mod zero_pad;

pub use avg_pool::AvgPool2d;
pub use concat::Concat;
pub use conv2d::{Conv2d, Conv2dWithin, Part};
pub use conv2d_max_pooled::Conv2dMaxPooled;
pub use dense::Dense;
pub use dropout::Dropout;
pub use global_pool::{GlobalAvgPool2d, GlobalMaxPool2d};
pub use max_pool::MaxPool2d;
pub use merge::{Add, Average, Maximum, Minimum, Mul, Sub};
pub use permute::Permute;
pub use reshape::{Flatten, Reshape};
pub use softmax::Softmax;
pub use zero_pad::ZeroPad2d;

use crate::Gradient;
use crate::kernels::reductions::column_sums;

/// Contributes the sum of the gradients by a layer's results, over all places, to the gradient of its bias, if it has one.
fn bias_gradient(bias: Option<&mut Gradient>, dy: &[f32]) {
    if let Some(bias) = bias {
        let (values, write) = bias.contribute();
        column_sums(dy, values, write);
    }
}

/// Checks that a tensor holds `n` samples of `len` elements.
#[track_caller]
fn check(name: &str, tensor: &[f32], n: usize, len: usize) {
    assert_eq!(tensor.len(), n * len, "`{name}` does not hold {n} samples of {len} elements");
}
