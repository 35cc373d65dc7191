//! Two-dimensional depthwise convolution.

use crate::kernels::axis::Axis;
use crate::kernels::conv::depthwise::{self, Geometry};
use crate::kernels::conv::depthwise_weights;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::layers::{check, check_gradients_of, check_weights_of};
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Store};

/// y\[i, j, c · m + q\] = activation(bias\[c · m + q\] + Σ x\[i · stride + k · dilation − padding, …, c\] · kernel\[k, l, c, q\]) over
/// the window (k, l), for each channel c by itself and each of its m results q, as Keras's `DepthwiseConv2D`; x is 0 outside the
/// image. How many results a channel has, the multiplier, the channels of input and output say.
///
/// Depthwise convolutions are half of what MobileNets are made of (Howard et al., "MobileNets", 2017).
///
/// # In `network!`
///
/// `DepthwiseConv2d(kernel, multiplier = 1, stride = 1, padding = valid, dilation = 1, bias = true)`: `[height, width, channels]`
/// to `[height, width, channels · multiplier]`, with sizes as of [`Conv2d`](crate::layers::Conv2d). The weights are
/// [`Affine`](crate::weights::Affine): a kernel `[height, width, channels, multiplier]`, at first `glorot_uniform`, and a bias of
/// zeros.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Mobile(image: [32, 32, 3]) -> (class: [10]) {
///         let first: [16, 16, 16] = image -> Conv2d(16, 3, stride = 2, padding = same) -> relu6;
///         let apart: [16, 16, 16] = first -> DepthwiseConv2d(3, padding = same) -> relu6;
///         let class = apart -> Conv2d(32, 1) -> relu6 -> GlobalAvgPool2d -> Dense(10) -> softmax;
///     }
/// }
/// assert_eq!(Mobile::PARAMETERS, (27 * 16 + 16) + (9 * 16 + 16) + (16 * 32 + 32) + (32 * 10 + 10));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DepthwiseConv2d {
    /// `[height, width, channels]`
    pub input: [usize; 3],
    /// `[height, width, channels]`: decides where the padding below and right of the image ends. Its channels are a multiple of
    /// those of the input.
    pub output: [usize; 3],
    /// `[height, width]`
    pub kernel: [usize; 2],
    /// Down and right.
    pub stride: [usize; 2],
    /// Distance of the taps, down and right; 1 is a plain convolution.
    pub dilation: [usize; 2],
    /// Rows of padding above the image and columns left of it.
    pub padding: [usize; 2],
}

impl DepthwiseConv2d {
    fn geometry(&self) -> Geometry {
        let Self { input, output, kernel, stride, dilation, padding } = *self;
        let [rows, columns] = Axis::pair(input, output, kernel, stride, dilation, padding);
        let [channels, outputs] = [input[2], output[2]];
        let whole = channels > 0 && outputs.is_multiple_of(channels);
        assert!(whole, "{outputs} channels are no multiple of {channels}");
        Geometry { rows, columns, channels, multiplier: outputs / channels }
    }

    /// Dimensions of the kernel.
    fn kernel_dims(&self) -> [usize; 4] {
        [self.kernel[0], self.kernel[1], self.input[2], self.output[2] / self.input[2].max(1)]
    }

    /// Computes `y` from `x`, with a kernel `[height, width, in, multiplier]` and a bias `[in · multiplier]`.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        activation: Activation,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        check_weights_of(weights, &self.kernel_dims(), self.output[2]);
        let geometry = self.geometry();
        scratch.packs.compute_with(None);
        let epilogue = Epilogue { bias: weights.bias().map(Param::values), activation };
        depthwise::forward(&geometry, n, x, weights.kernel().values(), epilogue, y, scratch);
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
        check("x", x, n, &self.input);
        check("dy", dy, n, &self.output);
        let (kernel, bias) = gradients.split();
        check_gradients_of(kernel, bias.as_deref(), &self.kernel_dims(), self.output[2]);
        let (geometry, bias) = (self.geometry(), bias.map(Gradient::contribute));
        depthwise_weights::backward_weights(&geometry, n, x, dy, kernel.contribute(), bias, scratch);
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
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        check_weights_of(weights, &self.kernel_dims(), self.output[2]);
        let geometry = self.geometry();
        scratch.packs.compute_with(None);
        depthwise::backward_input(&geometry, n, weights.kernel().values(), dy, dx, store.into(), scratch);
    }
}
