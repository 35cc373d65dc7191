//! Convolutions over steps: those of an image of one column, to the bit.

use crate::layers::conv::conv2d::Conv2d;
use crate::layers::conv::conv2d_grouped::Conv2dGrouped;
use crate::layers::conv::conv2d_transpose::Conv2dTranspose;
use crate::layers::conv::depthwise_conv2d::DepthwiseConv2d;
use crate::layers::conv::separable_conv2d::SeparableConv2d;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::{Kernel, KernelGradient, SeparableWeights};
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Store};

/// Defines a layer over steps that is one of images.
macro_rules! over_steps {
    ($(#[$doc:meta])* $name:ident of $image:ident, kernel $kernel:literal, output $output:literal, padding $padding:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// `[steps, features]`
            pub input: [usize; 2],
            #[doc = $output]
            pub output: [usize; 2],
            /// Number of taps.
            pub kernel: [usize; 1],
            /// Distance of two windows.
            pub stride: [usize; 1],
            /// Distance of the taps; 1 is a plain convolution.
            pub dilation: [usize; 1],
            #[doc = $padding]
            pub padding: [usize; 1],
        }

        impl $name {
            /// The same of an image whose rows are steps.
            const fn of_image(&self) -> $image {
                let Self { input: [inputs, features], output: [outputs, filters], .. } = *self;
                $image {
                    input: [inputs, 1, features],
                    output: [outputs, 1, filters],
                    kernel: [self.kernel[0], 1],
                    stride: [self.stride[0], 1],
                    dilation: [self.dilation[0], 1],
                    padding: [self.padding[0], 0],
                }
            }

            #[doc = concat!("Computes `y` from `x`, with a kernel `", $kernel, "` and a bias as long as `y` has features.")]
            pub fn forward(
                &self,
                n: usize,
                x: &[f32],
                weights: &impl Kernel,
                activation: Activation,
                y: &mut [f32],
                scratch: &mut Scratch,
            ) {
                self.of_image().forward(n, x, weights, activation, y, scratch);
            }

            /// Contributes to the gradients of kernel and bias; `dy` is before the activation.
            pub fn backward_weights(
                &self,
                n: usize,
                x: &[f32],
                dy: &[f32],
                gradients: &mut impl KernelGradient,
                scratch: &mut Scratch,
            ) {
                self.of_image().backward_weights(n, x, dy, gradients, scratch);
            }

            /// Computes the gradient by the input; `dy` is before the activation.
            pub fn backward_input(
                &self,
                n: usize,
                weights: &impl Kernel,
                dy: &[f32],
                dx: &mut [f32],
                store: impl Into<Store>,
                scratch: &mut Scratch,
            ) {
                self.of_image().backward_input(n, weights, dy, dx, store, scratch);
            }
        }
    };
}

over_steps! {
    /// y\[i, o\] = activation(bias\[o\] + Σ x\[i · stride + k · dilation − padding, c\] · kernel\[k, c, o\]) over the window k and
    /// the input features c, as Keras's `Conv1D`; x is 0 before the first step and behind the last. With as much padding as a
    /// window reaches back, (kernel − 1) · dilation, no result depends on later steps: Keras's `causal` (van den Oord et al.,
    /// WaveNet, 2016).
    ///
    /// # In `network!`
    ///
    /// `Conv1d(filters, kernel, stride = 1, padding = valid, dilation = 1, groups = 1, bias = true)`: `[steps, features]` to
    /// `[steps, filters]`, with sizes as of [`Conv2d`], and `padding = causal` for as many results as with `same` that depend on
    /// earlier steps alone. The weights are [`Affine`](crate::weights::Affine): a kernel `[kernel, features / groups, filters]`, at
    /// first `glorot_uniform`, and a bias `[filters]` of zeros.
    ///
    /// ```
    /// use net_runtime::prelude::*;
    ///
    /// network! {
    ///     network Wave(sound: [1000, 1]) -> (next: [1000, 1], small: [248, 8], again: [1000, 1]) {
    ///         let heard = sound -> Conv1d(16, 2, padding = causal) -> relu;
    ///         let next = heard -> Conv1d(16, 2, padding = causal, dilation = 2) -> relu -> Conv1d(1, 1);
    ///         let small = sound -> Conv1d(8, 9, stride = 4) -> relu -> DepthwiseConv1d(1) -> SeparableConv1d(8, 1);
    ///         let again = small -> ZeroPad1d((1, 1)) -> Conv1dTranspose(1, 4, stride = 4);
    ///     }
    /// }
    /// assert_eq!(Wave::new(1).next_conv1d.kernel.dims(), [2, 16, 16]);
    /// ```
    ///
    /// # Accuracy
    ///
    /// It is a [`Conv2d`] of an image of one column. For three to seven taps with stride 1, at least 16 features on both sides and 128
    /// steps, [`Arithmetic::Fast`](crate::Arithmetic) is Winograd's algorithm along one axis, with the errors that are told there.
    Conv1d of Conv2d,
    kernel "[taps, in, out]",
    output "`[steps, features]`: decides where the padding after the last step ends.",
    padding "Steps of padding before the first one."
}

impl Conv1d {
    /// The same with features in groups, as [`Conv2d::grouped`].
    pub const fn grouped(self, groups: usize) -> Conv2dGrouped {
        self.of_image().grouped(groups)
    }
}

over_steps! {
    /// y\[i · stride + k · dilation − padding, o\] = activation(bias\[o\] + Σ x\[i, c\] · kernel\[k, o, c\]) over all steps i and
    /// taps k that fall there, and the input features c, as Keras's `Conv1DTranspose`: a [`Conv2dTranspose`] of an image of one
    /// column.
    ///
    /// # In `network!`
    ///
    /// `Conv1dTranspose(filters, kernel, stride = 1, padding = valid, output_padding = none, dilation = 1, bias = true)`:
    /// `[steps, features]` to `[steps, filters]`, with sizes and weights as of [`Conv2dTranspose`]; the kernel is
    /// `[kernel, filters, features]`. The example is at [`Conv1d`].
    Conv1dTranspose of Conv2dTranspose,
    kernel "[taps, out, in]",
    output "`[steps, features]`: decides where the result is cut at the end, or how much of it no tap reaches.",
    padding "Steps that are cut from the begin of the result."
}

over_steps! {
    /// y\[i, c · m + q\] = activation(bias\[c · m + q\] + Σ x\[i · stride + k · dilation − padding, c\] · kernel\[k, c, q\]) over the
    /// window k, for each feature c by itself and each of its m results q, as Keras's `DepthwiseConv1D`: a [`DepthwiseConv2d`] of
    /// an image of one column.
    ///
    /// # In `network!`
    ///
    /// `DepthwiseConv1d(kernel, multiplier = 1, stride = 1, padding = valid, dilation = 1, bias = true)`: `[steps, features]` to
    /// `[steps, features · multiplier]`, with sizes and weights as of [`DepthwiseConv2d`]; the kernel is
    /// `[kernel, features, multiplier]`. The example is at [`Conv1d`].
    DepthwiseConv1d of DepthwiseConv2d,
    kernel "[taps, in, multiplier]",
    output "`[steps, features]`: decides where the padding after the last step ends. Its features are a multiple of the input's.",
    padding "Steps of padding before the first one."
}

/// A [`DepthwiseConv1d`], and a [`Conv1d`] of one tap that mixes its features, with nothing between them, as Keras's
/// `SeparableConv1D`: a [`SeparableConv2d`] of an image of one column.
///
/// # In `network!`
///
/// `SeparableConv1d(filters, kernel, multiplier = 1, stride = 1, padding = valid, dilation = 1, bias = true)`: `[steps, features]` to
/// `[steps, filters]`, with sizes and weights as of [`SeparableConv2d`]; the kernels are `[kernel, features, multiplier]` and
/// `[1, features · multiplier, filters]`. The example is at [`Conv1d`].
#[derive(Clone, Copy, Debug)]
pub struct SeparableConv1d {
    /// The first one; it has no bias.
    pub depthwise: DepthwiseConv1d,
    /// Features of the result.
    pub filters: usize,
}

impl SeparableConv1d {
    /// The same of an image whose rows are steps.
    const fn of_image(&self) -> SeparableConv2d {
        SeparableConv2d { depthwise: self.depthwise.of_image(), filters: self.filters }
    }

    /// As [`SeparableConv2d::forward`], with kernels `[taps, in, multiplier]` and `[1, in · multiplier, out]`.
    #[expect(clippy::too_many_arguments, reason = "those of a convolution, and what is kept")]
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl SeparableWeights<Param>,
        activation: Activation,
        y: &mut [f32],
        between: &mut [f32],
        upstream: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.of_image().forward(n, x, weights, activation, y, between, upstream, scratch);
    }

    /// As [`SeparableConv2d::backward_begin`].
    pub fn backward_begin(
        &self,
        n: usize,
        weights: &impl SeparableWeights<Param>,
        dy: &[f32],
        between: &mut [f32],
        upstream: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.of_image().backward_begin(n, weights, dy, between, upstream, scratch);
    }

    /// As [`SeparableConv2d::backward_weights`].
    #[expect(clippy::too_many_arguments, reason = "those of a convolution, and what is kept")]
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        between: &[f32],
        upstream: &[f32],
        gradients: &mut impl SeparableWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        self.of_image().backward_weights(n, x, dy, between, upstream, gradients, scratch);
    }

    /// As [`SeparableConv2d::backward_input`].
    #[expect(clippy::too_many_arguments, reason = "those of a convolution, and what is kept")]
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl SeparableWeights<Param>,
        between: &[f32],
        upstream: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        self.of_image().backward_input(n, weights, between, upstream, dx, store, scratch);
    }
}
