//! The layers, by family; their pages have formula, shapes, arguments with defaults, weights, the paper and an example.
//!
//! In [`network!`](crate::network) a layer is a stage, `x -> Dense(64)`; shapes are those of one sample, channels last, without the
//! batch axis. The section "In `network!`" of a page says how it is written. Every layer takes these arguments, too:
//!
//! | argument | means |
//! | --- | --- |
//! | `name = first` | its weights are called `first.kernel`, .., instead of by the value and the kind |
//! | `frozen = true` | training leaves its weights as they are |
//! | `init = he_normal`, `bias_init = ...`, .. | how its weights begin: [`initializers`](crate::initializers) |
//! | `kernel_regularizer = l2(1e-4)`, .., `activity_regularizer = ...` | what is added to the loss: [`regularizers`](crate::regularizers) |
//! | `kernel_constraint = non_neg`, .. | what weights are held to: [`constraints`](crate::constraints) |
//!
//! # Families
//!
//! Functions of one element, softmax and its like have a page of their own: [`activations`](crate::activations).
//!
//! | for | layers |
//! | --- | --- |
//! | all features at once | [`Dense`], [`EinsumDense`] |
//! | steps | [`Conv1d`], [`Conv1dTranspose`], [`DepthwiseConv1d`], [`SeparableConv1d`] |
//! | images | [`Conv2d`], [`Conv2dTranspose`], [`DepthwiseConv2d`], [`SeparableConv2d`] |
//! | volumes | [`Conv3d`], [`Conv3dTranspose`] |
//! | fewer places | [`MaxPool1d`], [`MaxPool2d`], [`MaxPool3d`], [`AvgPool1d`], [`AvgPool2d`], [`AvgPool3d`], [`AdaptiveAvgPool1d`], [`AdaptiveAvgPool2d`], [`AdaptiveAvgPool3d`], [`AdaptiveMaxPool1d`], [`AdaptiveMaxPool2d`], [`AdaptiveMaxPool3d`] |
//! | one place | [`GlobalAvgPool1d`], [`GlobalAvgPool2d`], [`GlobalAvgPool3d`], [`GlobalMaxPool1d`], [`GlobalMaxPool2d`], [`GlobalMaxPool3d`] |
//! | more places | [`UpSampling1d`], [`UpSampling2d`], [`UpSampling3d`], [`Resize`], [`DepthToSpace`], [`SpaceToDepth`] |
//! | a border | [`ZeroPad1d`], [`ZeroPad2d`], [`ZeroPad3d`], [`Crop1d`], [`Crop2d`], [`Crop3d`] |
//! | other shapes | [`Flatten`], [`Reshape`], [`Permute`], [`Repeat`], [`Slice`], [`Reverse`] |
//! | one number for an axis | [`Mean`], [`Sum`], [`Max`], [`Min`] |
//! | several tensors | [`Concat`], [`Stack`], [`Split`], [`Add`], [`Sub`], [`Mul`], [`Average`], [`Maximum`], [`Minimum`], [`Dot`], [`Matmul`], [`Distance`] |
//! | sequences | [`Lstm`], [`Gru`], [`SimpleRnn`], [`ConvLstm1d`], [`ConvLstm2d`], [`ConvLstm3d`], [`Bidirectional`], [`TimeDistributed`] |
//! | attention | [`MultiHeadAttention`], [`GroupQueryAttention`], [`Attention`], [`AdditiveAttention`], [`SinePositions`], [`LearnedPositions`] |
//! | whole numbers, masks | [`Embedding`], [`CategoryEncoding`], [`NotEqual`], [`Equal`], [`Greater`], [`Less`] |
//! | mean 0 and variance 1 | [`BatchNorm`], [`LayerNorm`], [`GroupNorm`], [`RmsNorm`], [`UnitNorm`], [`Normalization`], [`Rescaling`] |
//! | chance in training | [`Dropout`], [`SpatialDropout1d`], [`SpatialDropout2d`], [`SpatialDropout3d`], [`AlphaDropout`], [`GaussianDropout`], [`GaussianNoise`] |
//! | slopes, terms of the loss | [`PRelu`], [`ActivityRegularization`] |
//! | your own | [`Layer`] |
//!
//! # In generated code
//!
//! At run time, a layer is what its page shows: a descriptor of plain numbers, which the compiler has worked out from the
//! shapes, with a forward and a backward pass. Only who computes by hand calls these, or measures a kernel.
//!
//! Everywhere, `n` is the number of samples, and a tensor is a slice of n samples of the layer's shape, channels last,
//! in row-major order. Results may hold anything before, a NaN included; gradients by an input are set or added to as
//! [`Write`](crate::Write) or [`Store`](crate::Store) says.
//! Every function panics if a slice, a weight or a gradient has another length than n and the descriptor say, or if a descriptor makes
//! no sense: a window without taps, or sizes whose product is more than memory can hold.

mod activation;
pub(crate) mod argmax;
mod attention;
mod category_encoding;
mod compare;
mod conv;
mod dense;
mod dropout;
mod einsum_dense;
mod embedding;
pub(crate) mod glu;
mod merge;
mod moves;
mod noise;
mod norm;
pub(crate) mod own;
mod pool;
mod positions;
mod prelu;
mod recurrent;
mod reduce;
mod rescaling;
pub(crate) mod rows_along;
pub(crate) mod softmax;
mod wrappers;

pub use argmax::Argmax;
pub use attention::multi_head::{GroupQueryAttention, MultiHeadAttention};
pub use attention::one_head::{AdditiveAttention, Attention, AttentionScore};
pub use attention::operands::AttentionMask;
pub use category_encoding::CategoryEncoding;
pub use compare::{Equal, Greater, Less, NotEqual};
pub use conv::conv2d::Conv2d;
pub use conv::conv2d_grouped::Conv2dGrouped;
pub use conv::conv2d_transpose::Conv2dTranspose;
pub use conv::conv3d::{Conv3d, Conv3dTranspose};
pub use conv::depthwise_conv2d::DepthwiseConv2d;
pub use conv::separable_conv2d::SeparableConv2d;
pub use conv::steps::{Conv1d, Conv1dTranspose, DepthwiseConv1d, SeparableConv1d};
pub use dense::Dense;
pub use dropout::{Dropout, SpatialDropout, SpatialDropout1d, SpatialDropout2d, SpatialDropout3d};
pub use einsum_dense::EinsumDense;
pub use embedding::Embedding;
pub use glu::Glu;
pub use merge::concat::{Concat, Stack};
pub use merge::distance::{Distance, DistanceMetric};
pub use merge::dot::{Dot, Matmul};
pub use merge::elementwise::{Add, Average, Maximum, Minimum, Mul, Sub};
pub use merge::split::Split;
pub use moves::blocks::{DepthToSpace, SpaceToDepth};
pub use moves::border::{Crop, Crop1d, Crop2d, Crop3d, ZeroPad, ZeroPad1d, ZeroPad2d, ZeroPad3d};
pub use moves::permute::Permute;
pub use moves::repeat::{Repeat, UpSampling, UpSampling1d, UpSampling2d, UpSampling3d};
pub use moves::reshape::{ActivityRegularization, Flatten, Reshape};
pub use moves::resize::{Interpolation, Resize};
pub use moves::reverse::Reverse;
pub use moves::slice::Slice;
pub use noise::{AlphaDropout, GaussianDropout, GaussianNoise};
pub use norm::batch_norm::BatchNorm;
pub use norm::group_norm::GroupNorm;
pub use norm::normalization::Normalization;
pub use norm::row_norm::{LayerNorm, RmsNorm, UnitNorm};
pub use own::{Backward, Forward, Indices, Initial, Layer, Operand, Operands, Weight};
pub use pool::adaptive_pool::{AdaptiveAvgPool, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d};
pub use pool::adaptive_pool::{AdaptiveMaxPool, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d};
pub use pool::avg_pool::{AvgPool, AvgPool1d, AvgPool2d, AvgPool3d};
pub use pool::global_pool::{GlobalAvgPool, GlobalAvgPool1d, GlobalAvgPool2d, GlobalAvgPool3d};
pub use pool::global_pool::{GlobalMaxPool, GlobalMaxPool1d, GlobalMaxPool2d, GlobalMaxPool3d};
pub use pool::masked_avg_pool::MaskedAvgPool1d;
pub use pool::max_pool::{MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
pub use positions::{LearnedPositions, SinePositions};
pub use prelu::PRelu;
pub use recurrent::conv_lstm::{ConvLstm1d, ConvLstm2d, ConvLstm3d};
pub use recurrent::gru::Gru;
pub use recurrent::lstm::Lstm;
pub use recurrent::sequence::{Direction, MaskedResult, Sequence};
pub use recurrent::simple_rnn::SimpleRnn;
pub use reduce::{Max, Mean, Min, Sum};
pub use rescaling::Rescaling;
pub use rows_along::{RowFunction, RowsAlong};
pub use softmax::{LogSoftmax, Softmax, Sparsemax};
pub use wrappers::{Bidirectional, TimeDistributed};

pub use crate::tensor::any::Tensor;

// What the compiler alone makes of a layer: without weights, of a part of a tensor, or together with the layer behind it.
#[doc(hidden)]
pub use activation::{ActivationOnColumns, Finish};
#[doc(hidden)]
pub use attention::one_head::AttentionPlain;
#[doc(hidden)]
pub use conv::conv2d::{Conv2dWithin, Part};
#[doc(hidden)]
pub use conv::conv2d_max_pooled::Conv2dMaxPooled;
#[doc(hidden)]
pub use dense::DenseOnColumns;
#[doc(hidden)]
pub use merge::OnColumns;
#[doc(hidden)]
pub use norm::group_norm::GroupNormPlain;
#[doc(hidden)]
pub use norm::normalization::NormalizationBy;
#[doc(hidden)]
pub use norm::row_norm::LayerNormPlain;

#[doc(hidden)]
pub use crate::tensor::columns::Columns;

use crate::kernels::gemm;
use crate::kernels::gemm::rows::Rows;
use crate::kernels::gemm::sizes::Sizes;
use crate::kernels::reduce::reductions::column_sums;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::Kernel;

/// Contributes xᵀ · dy to the gradient of a kernel, perhaps as its factors.
fn kernel_gradient(sizes: Sizes, x: Rows<'_>, dy: &[f32], kernel: &mut Gradient, scratch: &mut Scratch) {
    let taken = x.alone().is_some_and(|x| kernel.take_factors(sizes, x, dy));
    if !taken {
        let (values, write) = kernel.contribute();
        gemm::weight_gradient::backward_weights(sizes, x, dy.into(), values, write, scratch);
    }
}

/// Contributes the sum of the gradients by a layer's results, over all places, to the gradient of its bias, if it has one.
fn bias_gradient(bias: Option<&mut Gradient>, dy: &[f32]) {
    if let Some(bias) = bias {
        let (values, write) = bias.contribute();
        column_sums(dy, values, write);
    }
}

/// Checks that a tensor holds `n` samples of these dimensions, whose product may be more than can be counted: a descriptor is
/// any numbers that a caller has written down.
#[track_caller]
fn check<T>(name: &str, tensor: &[T], n: usize, dims: &[usize]) {
    let found = tensor.len();
    assert!(holds(found, n, dims), "`{name}` does not hold {n} samples of {dims:?} elements, but {found} in all");
}

/// Whether so many elements are `n` samples of these dimensions. That no product wraps is asked for also where there are none.
#[inline]
fn holds(elements: usize, n: usize, dims: &[usize]) -> bool {
    let countable = dims.iter().try_fold(n.max(1), |len, dim| len.checked_mul(*dim.max(&1)));
    countable.is_some() && elements == n * dims.iter().product::<usize>()
}

/// Checks the weights of a layer: a kernel of these dimensions, of which the last one is the bias's.
#[track_caller]
fn check_weights(weights: &impl Kernel, dims: &[usize]) {
    check_weights_of(weights, dims, dims[dims.len() - 1]);
}

/// The same where the bias has another length.
#[track_caller]
fn check_weights_of(weights: &impl Kernel, dims: &[usize], outputs: usize) {
    let [kernel, bias] = [Some(weights.kernel()), weights.bias()].map(|param| param.map(|param| param.values().len()));
    check_lengths(kernel, bias, dims, outputs);
}

/// The same for their gradients.
#[track_caller]
fn check_gradients(kernel: &Gradient, bias: Option<&Gradient>, dims: &[usize]) {
    check_gradients_of(kernel, bias, dims, dims[dims.len() - 1]);
}

/// The same where the bias has another length.
#[track_caller]
fn check_gradients_of(kernel: &Gradient, bias: Option<&Gradient>, dims: &[usize], outputs: usize) {
    check_lengths(Some(kernel.len()), bias.map(Gradient::len), dims, outputs);
}

/// Checks weights of another kind, or their gradients: how many elements each has.
#[track_caller]
fn check_parameter(what: &str, found: usize, dims: &[usize]) {
    assert!(holds(found, 1, dims), "a {what} of {dims:?} does not have {found} elements");
}

#[track_caller]
fn check_lengths(kernel: Option<usize>, bias: Option<usize>, dims: &[usize], outputs: usize) {
    for (what, found, dims) in [("kernel", kernel, dims), ("bias", bias, &[outputs])] {
        if let Some(found) = found {
            check_parameter(what, found, dims);
        }
    }
}
