//! Two-dimensional convolution.

use super::{bias_gradient, check};
use crate::activations::Activation;
use crate::kernels::axis::Axis;
use crate::kernels::conv2d::{self, Geometry};
use crate::kernels::conv2d_weights;
use crate::kernels::epilogue::Epilogue;
use crate::weights::{Kernel, KernelGradient};
use crate::{Scratch, Write};

/// y\[i, j, o\] = activation(bias\[o\] + Σ x\[i · stride + k · dilation − padding, …, c\] · kernel\[k, l, c, o\]) over the
/// window (k, l) and the input channels c, as Keras's `Conv2D`; x is 0 outside the image.
///
/// With [`Arithmetic::Fast`](crate::Arithmetic), kernels of 3x3 with stride 1 and at least 16 channels on both sides use
/// Winograd's algorithm F(4x4, 3x3). Its errors, against sums in `f64`, for 128 channels to 256 on an image of 29x29 and
/// values between -1 and 1, as parts of the result's root mean square:
///
/// | result | fast: root mean square, largest | exact: root mean square, largest |
/// | --- | --- | --- |
/// | `forward` | 2.1e-6, 3.6e-5 | 6.1e-7, 5.3e-6 |
/// | `backward_input` | 3.1e-6, 6.8e-5 | 8.3e-7, 8.4e-6 |
/// | `backward_weights` | 1.4e-6, 1.9e-5 | 2.8e-7, 2.3e-6 |
///
/// Where only one axis has three taps and stride 1 (the other one any number of taps and a stride up to 4, neither is
/// dilated), Winograd's algorithm F(6, 3) works along that axis. The same for 256 channels to 128, 3x3 with stride (1, 2) and
/// padding `same`, on an image of 36x96:
///
/// | result | fast: root mean square, largest | exact: root mean square, largest |
/// | --- | --- | --- |
/// | `forward` | 2.3e-6, 3.7e-5 | 8.5e-7, 9.9e-6 |
/// | `backward_input` | 1.2e-6, 2.2e-5 | 4.5e-7, 6.4e-6 |
/// | `backward_weights` | 1.4e-6, 1.5e-5 | 2.8e-7, 1.6e-6 |
///
/// A number that is not finite makes all outputs so whose tile covers it: 4x4 of them, or six along the one axis.
#[derive(Clone, Copy, Debug)]
pub struct Conv2d {
    /// `[height, width, channels]`
    pub input: [usize; 3],
    /// `[height, width, channels]`: decides where the padding below and right of the image ends.
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

impl Conv2d {
    fn geometry(&self) -> Geometry {
        let [rows, columns] =
            Axis::pair(self.input, self.output, self.kernel, self.stride, self.dilation, self.padding);
        Geometry { rows, columns, inputs: self.input[2], outputs: self.output[2] }
    }

    fn input_len(&self) -> usize {
        self.input.iter().product()
    }

    fn output_len(&self) -> usize {
        self.output.iter().product()
    }

    /// Computes `y` from `x`, with a kernel `[height, width, in, out]` and a bias `[out]`.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        activation: Activation,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        check("x", x, n, self.input_len());
        check("y", y, n, self.output_len());
        let epilogue = Epilogue { bias: weights.bias().map(|bias| bias.values()), activation };
        conv2d::forward(&self.geometry(), n, x, weights.kernel(), epilogue, y, scratch);
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
        check("x", x, n, self.input_len());
        check("dy", dy, n, self.output_len());
        let (kernel, bias) = gradients.split();
        let (values, write) = kernel.contribute();
        conv2d_weights::backward_weights(&self.geometry(), n, x, dy, values, write, scratch);
        bias_gradient(bias, dy);
    }

    /// Computes the gradient by the input; `dy` is before the activation.
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl Kernel,
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
        scratch: &mut Scratch,
    ) {
        check("dy", dy, n, self.output_len());
        check("dx", dx, n, self.input_len());
        conv2d::backward_input(&self.geometry(), n, weights.kernel(), dy, dx, write, scratch);
    }
}
