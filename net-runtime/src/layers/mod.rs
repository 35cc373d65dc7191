//! The layers: per kind a descriptor of plain numbers, which the compiler has worked out from the shapes, with a
//! forward and a backward pass.
//!
//! Everywhere, `n` is the number of samples, and a tensor is a slice of n samples of the layer's shape, channels last,
//! in row-major order. Results may hold anything before, a NaN included; gradients by an input are set or added to as
//! [`Write`](crate::Write) or [`Store`](crate::Store) says. Every function panics if a slice has another length than n and the descriptor say.

mod conv;
mod dense;
mod dropout;
mod merge;
mod moves;
mod pool;
mod softmax;

pub use conv::conv2d::{Conv2d, Conv2dWithin, Part};
pub use conv::conv2d_max_pooled::Conv2dMaxPooled;
pub use dense::Dense;
pub use dropout::Dropout;
pub use merge::concat::Concat;
pub use merge::elementwise::{Add, Average, Maximum, Minimum, Mul, Sub};
pub use moves::permute::Permute;
pub use moves::reshape::{Flatten, Reshape};
pub use moves::zero_pad::ZeroPad2d;
pub use pool::avg_pool::AvgPool2d;
pub use pool::global_pool::{GlobalAvgPool2d, GlobalMaxPool2d};
pub use pool::max_pool::MaxPool2d;
pub use softmax::Softmax;

use crate::kernels::reduce::reductions::column_sums;
use crate::parameters::gradient::Gradient;

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
