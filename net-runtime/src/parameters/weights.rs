//! The weights of one layer, and their gradients: the same struct with [`Param`] or [`Gradient`] in it.
//!
//! A network has such a struct as a field for each layer with weights, called as the layer is in summaries and files: by the value
//! and the kind of the layer, or by the layer's `name`.
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Small(x: [4]) -> (y: [2]) {
//!         let y = x -> Dense(3, name = first) -> tanh -> Dense(2, bias = false);
//!     }
//! }
//!
//! # fn main() {
//! let mut net = Small::new(1);
//! assert_eq!(net.first.kernel.dims(), [4, 3]); // weights::Affine: a kernel and a bias
//! net.first.bias.values_mut()[0] = 0.5;
//! assert_eq!(net.y_dense.kernel.values().len(), 6); // weights::Linear: a kernel alone
//! # }
//! ```
//!
//! The traits are what layers compute with, whichever of the structs it is.

pub(crate) mod attention;

use super::gradient::Gradient;
use super::initializers::random::glorot_uniform;
use super::initializers::{Seed, zeros};
use crate::memory::folded::Folded;
use crate::tensor::param::Param;

pub use attention::{
    AdditiveScore, ConcatScore, MultiHead, MultiHeadLinear, MultiHeadWeights, ScaledConcatScore, ScaledScore,
    ScoreParts, ScoreWeights,
};

/// Weights of `Dense` and of convolutions: a kernel and a bias.
#[derive(Clone, Debug)]
pub struct Affine<T = Param> {
    /// `[in, out]` for `Dense`, `[height, width, in, out]` for `Conv2d`, `[height, width, out, in]` for `Conv2dTranspose`,
    /// `[height, width, in, multiplier]` for `DepthwiseConv2d`; `[taps, ...]` instead for those over steps, `[depth, height, width, ...]`
    /// over volumes.
    pub kernel: T,
    /// `[out]`
    pub bias: T,
}

/// The same with `bias = false`: a kernel alone.
#[derive(Clone, Debug)]
pub struct Linear<T = Param> {
    /// As [`Affine::kernel`].
    pub kernel: T,
}

/// Weights of `SeparableConv2d` and `SeparableConv1d`: two kernels and a bias.
#[derive(Clone, Debug)]
pub struct Separable<T = Param> {
    /// `[height, width, in, multiplier]`; `[taps, in, multiplier]` over steps.
    pub depthwise_kernel: T,
    /// `[1, 1, in · multiplier, out]`; `[1, in · multiplier, out]` over steps.
    pub pointwise_kernel: T,
    /// `[out]`
    pub bias: T,
}

/// The same with `bias = false`.
#[derive(Clone, Debug)]
pub struct SeparableLinear<T = Param> {
    /// As [`Separable::depthwise_kernel`].
    pub depthwise_kernel: T,
    /// As [`Separable::pointwise_kernel`].
    pub pointwise_kernel: T,
}

/// What a separable convolution computes with: kernels, and perhaps a bias; weights or their gradients.
pub trait SeparableWeights<T> {
    /// Depthwise kernel, pointwise kernel and bias.
    fn parts(&self) -> (&T, &T, Option<&T>);
    /// The same for writing.
    fn parts_mut(&mut self) -> (&mut T, &mut T, Option<&mut T>);
}

impl<T> SeparableWeights<T> for Separable<T> {
    fn parts(&self) -> (&T, &T, Option<&T>) {
        (&self.depthwise_kernel, &self.pointwise_kernel, Some(&self.bias))
    }

    fn parts_mut(&mut self) -> (&mut T, &mut T, Option<&mut T>) {
        (&mut self.depthwise_kernel, &mut self.pointwise_kernel, Some(&mut self.bias))
    }
}

impl<T> SeparableWeights<T> for SeparableLinear<T> {
    fn parts(&self) -> (&T, &T, Option<&T>) {
        (&self.depthwise_kernel, &self.pointwise_kernel, None)
    }

    fn parts_mut(&mut self) -> (&mut T, &mut T, Option<&mut T>) {
        (&mut self.depthwise_kernel, &mut self.pointwise_kernel, None)
    }
}

impl Affine {
    /// As they begin unless something else is said: a kernel by [`glorot_uniform`], a bias of [`zeros`] for its last axis. One call
    /// for a layer keeps the code of large networks small.
    pub fn new(kernel: &[usize], seed: Seed) -> Self {
        let outputs = *kernel.last().expect("a kernel has axes");
        Self { kernel: glorot_uniform(kernel, seed), bias: zeros(&[outputs]) }
    }
}

impl Linear {
    /// As [`Affine::new`].
    pub fn new(kernel: &[usize], seed: Seed) -> Self {
        Self { kernel: glorot_uniform(kernel, seed) }
    }
}

impl Affine<Gradient> {
    /// Zeros.
    pub fn zeros(kernel: &[usize]) -> Self {
        let outputs = *kernel.last().expect("a kernel has axes");
        Self { kernel: Gradient::zeros(kernel), bias: Gradient::zeros(&[outputs]) }
    }
}

impl Linear<Gradient> {
    /// Zeros.
    pub fn zeros(kernel: &[usize]) -> Self {
        Self { kernel: Gradient::zeros(kernel) }
    }
}

/// Weights of `Embedding` and `LearnedPositions`: a table.
#[derive(Clone, Debug)]
pub struct Table<T = Param> {
    /// `[rows, width]`: a row for each number, or for each step.
    pub embeddings: T,
}

/// Weights of recurrent layers: kernels for the inputs and for the hidden state before, and a bias. The columns of a gate lie side by
/// side: input gate, forget gate, candidate, output gate of `Lstm`; update gate, reset gate, candidate of `Gru`; `SimpleRnn` has one.
///
/// Those of `ConvLstm2d` are `[height, width, channels, gates · filters]`, `[height, width, filters, gates · filters]` and
/// `[gates · filters]`; the others have as many axes as their images.
#[derive(Clone, Debug)]
pub struct Recurrent<T = Param> {
    /// `[inputs, gates · units]`
    pub kernel: T,
    /// `[units, gates · units]`
    pub recurrent_kernel: T,
    /// `[gates · units]`, of a `Gru` with `reset_after` `[2, gates · units]`: for the products of inputs, and of hidden states
    pub bias: T,
}

/// Weights of recurrent layers with `bias = false`.
#[derive(Clone, Debug)]
pub struct RecurrentLinear<T = Param> {
    /// `[inputs, gates · units]`
    pub kernel: T,
    /// `[units, gates · units]`
    pub recurrent_kernel: T,
}

/// What recurrent layers compute with: kernels, and perhaps a bias; weights or their gradients.
pub trait RecurrentWeights<T> {
    /// Kernel, recurrent kernel and bias.
    fn parts(&self) -> (&T, &T, Option<&T>);
    /// The same for writing.
    fn parts_mut(&mut self) -> (&mut T, &mut T, Option<&mut T>);
}

impl<T> RecurrentWeights<T> for Recurrent<T> {
    fn parts(&self) -> (&T, &T, Option<&T>) {
        (&self.kernel, &self.recurrent_kernel, Some(&self.bias))
    }

    fn parts_mut(&mut self) -> (&mut T, &mut T, Option<&mut T>) {
        (&mut self.kernel, &mut self.recurrent_kernel, Some(&mut self.bias))
    }
}

impl<T> RecurrentWeights<T> for RecurrentLinear<T> {
    fn parts(&self) -> (&T, &T, Option<&T>) {
        (&self.kernel, &self.recurrent_kernel, None)
    }

    fn parts_mut(&mut self) -> (&mut T, &mut T, Option<&mut T>) {
        (&mut self.kernel, &mut self.recurrent_kernel, None)
    }
}

/// Weights of `PRelu`.
#[derive(Clone, Debug)]
pub struct Slopes<T = Param> {
    /// The slopes to the left; 1 long along axes that share them.
    pub alpha: T,
}

/// What `Normalization` knows of its operand: no weights that are trained, but what [`adapt`](Self::adapt) has found.
#[derive(Clone, Debug)]
pub struct Adapted<T = Param> {
    /// Mean: as many axes as a sample, those over which it is taken 1 long.
    pub mean: T,
    /// Variance, the mean squared distance from the mean.
    pub variance: T,
}

/// Weights of `LayerNorm` and `GroupNorm`: factors, and what is added.
#[derive(Clone, Debug)]
pub struct ScaledAndShifted<T = Param> {
    /// What a normalised value is multiplied by.
    pub gamma: T,
    /// What is added then.
    pub beta: T,
}

/// Weights of `RmsNorm`, and of the others with `center = false`.
#[derive(Clone, Debug)]
pub struct Scaled<T = Param> {
    /// What a normalised value is multiplied by.
    pub gamma: T,
}

/// Weights with `scale = false`.
#[derive(Clone, Debug)]
pub struct Shifted<T = Param> {
    /// What is added to a normalised value.
    pub beta: T,
}

/// What normalised values are multiplied by, and what is added then; weights or their gradients.
pub trait FactorWeights<T> {
    /// Gamma and beta.
    fn parts(&self) -> (Option<&T>, Option<&T>);
    /// The same for writing.
    fn parts_mut(&mut self) -> (Option<&mut T>, Option<&mut T>);
}

impl<T> FactorWeights<T> for ScaledAndShifted<T> {
    fn parts(&self) -> (Option<&T>, Option<&T>) {
        (Some(&self.gamma), Some(&self.beta))
    }

    fn parts_mut(&mut self) -> (Option<&mut T>, Option<&mut T>) {
        (Some(&mut self.gamma), Some(&mut self.beta))
    }
}

impl<T> FactorWeights<T> for Scaled<T> {
    fn parts(&self) -> (Option<&T>, Option<&T>) {
        (Some(&self.gamma), None)
    }

    fn parts_mut(&mut self) -> (Option<&mut T>, Option<&mut T>) {
        (Some(&mut self.gamma), None)
    }
}

impl<T> FactorWeights<T> for Shifted<T> {
    fn parts(&self) -> (Option<&T>, Option<&T>) {
        (None, Some(&self.beta))
    }

    fn parts_mut(&mut self) -> (Option<&mut T>, Option<&mut T>) {
        (None, Some(&mut self.beta))
    }
}

/// None at all.
impl<T> FactorWeights<T> for () {
    fn parts(&self) -> (Option<&T>, Option<&T>) {
        (None, None)
    }

    fn parts_mut(&mut self) -> (Option<&mut T>, Option<&mut T>) {
        (None, None)
    }
}

/// Parts of the weights of `BatchNorm`, or of their gradients.
#[derive(Debug)]
pub struct NormalizationParts<R> {
    /// What a normalised value is multiplied by, a number a channel.
    pub gamma: Option<R>,
    /// What is added then.
    pub beta: Option<R>,
    /// The moving average of the means of batches.
    pub moving_mean: R,
    /// The moving average of their variances.
    pub moving_variance: R,
}

/// What `BatchNorm` computes with; weights or their gradients.
pub trait NormalizationWeights<T> {
    /// Its parts.
    fn parts(&self) -> NormalizationParts<&T>;
    /// The same for writing.
    fn parts_mut(&mut self) -> NormalizationParts<&mut T>;
}

/// Defines a struct of weights of `BatchNorm`: those of its factors that there are, and its statistics.
macro_rules! normalization {
    ($(#[$doc:meta])* $name:ident { $($factor:ident: $factor_doc:literal),* } without { $($none:ident),* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name<T = Param> {
            $(#[doc = $factor_doc] pub $factor: T,)*
            /// `[channels]`: the moving average of the means of batches.
            pub moving_mean: T,
            /// `[channels]`: the moving average of their variances.
            pub moving_variance: T,
        }

        impl<T> NormalizationWeights<T> for $name<T> {
            fn parts(&self) -> NormalizationParts<&T> {
                NormalizationParts {
                    $($factor: Some(&self.$factor),)*
                    $($none: None,)*
                    moving_mean: &self.moving_mean,
                    moving_variance: &self.moving_variance,
                }
            }

            fn parts_mut(&mut self) -> NormalizationParts<&mut T> {
                NormalizationParts {
                    $($factor: Some(&mut self.$factor),)*
                    $($none: None,)*
                    moving_mean: &mut self.moving_mean,
                    moving_variance: &mut self.moving_variance,
                }
            }
        }
    };
}

normalization! {
    /// Weights of `BatchNorm`: factors, what is added, and the statistics of inference.
    Normalization {
        gamma: "`[channels]`: what a normalised value is multiplied by.",
        beta: "`[channels]`: what is added then."
    } without {}
}
normalization! {
    /// Weights of `BatchNorm` with `center = false`.
    NormalizationScaled { gamma: "`[channels]`: what a normalised value is multiplied by." } without { beta }
}
normalization! {
    /// Weights of `BatchNorm` with `scale = false`.
    NormalizationCentered { beta: "`[channels]`: what is added to a normalised value." } without { gamma }
}
normalization! {
    /// Weights of `BatchNorm` with `center = false, scale = false`: its statistics alone.
    NormalizationPlain {} without { gamma, beta }
}

/// A kernel that may have a bias: what `Dense` and convolutions compute with.
pub trait Kernel {
    /// The kernel.
    fn kernel(&self) -> &Param;
    /// The bias.
    fn bias(&self) -> Option<&Param>;
}

impl Kernel for Affine {
    fn kernel(&self) -> &Param {
        &self.kernel
    }

    fn bias(&self) -> Option<&Param> {
        Some(&self.bias)
    }
}

impl Kernel for Linear {
    fn kernel(&self) -> &Param {
        &self.kernel
    }

    fn bias(&self) -> Option<&Param> {
        None
    }
}

impl Kernel for Folded {
    fn kernel(&self) -> &Param {
        Self::kernel(self)
    }

    fn bias(&self) -> Option<&Param> {
        Some(Self::bias(self))
    }
}

/// The gradients of a [`Kernel`].
pub trait KernelGradient {
    /// The gradients of the kernel and of the bias.
    fn split(&mut self) -> (&mut Gradient, Option<&mut Gradient>);
}

impl KernelGradient for Affine<Gradient> {
    fn split(&mut self) -> (&mut Gradient, Option<&mut Gradient>) {
        (&mut self.kernel, Some(&mut self.bias))
    }
}

impl KernelGradient for Linear<Gradient> {
    fn split(&mut self) -> (&mut Gradient, Option<&mut Gradient>) {
        (&mut self.kernel, None)
    }
}
