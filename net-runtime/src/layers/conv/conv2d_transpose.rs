//! Two-dimensional transposed convolution.

use super::kernel_gradient::kernel_gradient;
use crate::kernels::conv::conv2d;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::layers::conv::conv2d::Conv2d;
use crate::layers::{bias_gradient, check, check_gradients_of, check_weights_of};
use crate::memory::scratch::Scratch;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Store};

/// y\[i · stride + k · dilation − padding, …, o\] = activation(bias\[o\] + Σ x\[i, j, c\] · kernel\[k, l, o, c\]) over all pixels
/// (i, j) and taps (k, l) that fall there, and the input channels c, as Keras's `Conv2DTranspose`: the gradient by the input of a
/// [`Conv2d`] of `y`, so that it makes a larger image of a smaller one (Dumoulin and Visin, A guide to convolution arithmetic for
/// deep learning, 2016).
///
/// # In `network!`
///
/// `Conv2dTranspose(filters, kernel, stride = 1, padding = valid, output_padding = none, dilation = 1, bias = true)`:
/// `[height, width, channels]` to `[height, width, filters]`. With `padding = same` a length becomes length · stride; with `valid`
/// (length − 1) · stride + window, but at least length · stride, where the window is (kernel − 1) · dilation + 1. An
/// `output_padding`, below the stride, sets it: to (length − 1) · stride + window + output_padding with `valid`, to (length − 1) ·
/// stride + output_padding with `same`, and one more where the window is odd. The weights are [`Affine`](crate::weights::Affine): a
/// kernel `[height, width, filters, channels]`, at first `glorot_uniform`, and a bias `[filters]` of zeros.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     /// A picture from a code of 32 numbers.
///     network Decoder(code: [32]) -> (picture: [28, 28, 1]) {
///         let seed = code -> Dense(7 * 7 * 16) -> relu -> Reshape(7, 7, 16);
///         let larger: [14, 14, 8] = seed -> Conv2dTranspose(8, 3, stride = 2, padding = same) -> relu;
///         let picture = larger -> Conv2dTranspose(1, 3, stride = 2, padding = same) -> sigmoid;
///     }
/// }
/// assert_eq!(Decoder::PARAMETERS, (32 * 784 + 784) + (9 * 8 * 16 + 8) + (9 * 8 + 1));
/// ```
///
/// # Accuracy
///
/// It is computed as that gradient is: a convolution of stride 1 for each phase of the stride. With stride 1 and 3x3, or three
/// to seven taps of stride 1 along one axis, or 3x3 to 8x8 of stride 2, [`Arithmetic::Fast`](crate::Arithmetic) is Winograd's algorithm, with the
/// errors that are told at [`Conv2d`]. Where the result has few channels, all phases are one convolution, with zeros among its weights.
#[derive(Clone, Copy, Debug)]
pub struct Conv2dTranspose {
    /// `[height, width, channels]`
    pub input: [usize; 3],
    /// `[height, width, channels]`: decides where the result is cut below and right, or how much of it no tap reaches.
    pub output: [usize; 3],
    /// `[height, width]`
    pub kernel: [usize; 2],
    /// Distance of the places of two neighbouring pixels, down and right.
    pub stride: [usize; 2],
    /// Distance of the taps, down and right.
    pub dilation: [usize; 2],
    /// Rows above and columns left that are cut from the result.
    pub padding: [usize; 2],
}

impl Conv2dTranspose {
    /// The convolution whose gradient it is: from its output to its input.
    fn geometry(&self) -> Geometry {
        let Self { input, output, kernel, stride, dilation, padding } = *self;
        Conv2d { input: output, output: input, kernel, stride, dilation, padding }.whole().geometry()
    }

    /// Dimensions of the kernel.
    fn kernel_dims(&self) -> [usize; 4] {
        [self.kernel[0], self.kernel[1], self.output[2], self.input[2]]
    }

    /// Computes `y` from `x`, with a kernel `[height, width, out, in]` and a bias `[out]`.
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
        let epilogue = Epilogue { bias: weights.bias().map(Param::values), activation };
        conv2d::transposed_forward(&self.geometry(), n, x, weights.kernel(), epilogue, y, scratch);
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
        kernel_gradient(&self.geometry(), (n, dy), x.into(), (kernel, None), scratch);
        bias_gradient(bias, dy);
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
        conv2d::transposed_backward_input(&geometry, n, weights.kernel(), dy, dx, store.into(), scratch);
    }
}
