//! Three-dimensional convolutions, plain and transposed.

use crate::kernels::axis::Axis;
use crate::kernels::conv::conv3d::{self, Geometry};
use crate::kernels::gemm::epilogue::Epilogue;
use crate::layers::{bias_gradient, check, check_gradients_of, check_weights_of};
use crate::memory::scratch::Scratch;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Write};

/// y\[h, i, j, o\] = activation(bias\[o\] + Σ x\[h · stride + d · dilation − padding, …, c\] · kernel\[d, k, l, c, o\]) over the
/// window (d, k, l) and the input channels c, as Keras's `Conv3D`; x is 0 outside the volume (Tran et al., "Learning Spatiotemporal
/// Features with 3D Convolutional Networks", 2015).
///
/// It is a sum of [`Conv2d`](crate::layers::Conv2d)s of planes, one for each row of taps along the depth, with the same algorithms
/// and their errors.
///
/// # In `network!`
///
/// `Conv3d(filters, kernel, stride = 1, padding = valid, dilation = 1, bias = true)`: `[depth, height, width, channels]` to
/// `[depth, height, width, filters]`. Sizes are as of [`Conv2d`](crate::layers::Conv2d), of three parts or one number. The weights
/// are [`Affine`](crate::weights::Affine): a kernel `[depth, height, width, channels, filters]`, at first `glorot_uniform`, and a
/// bias `[filters]` of zeros.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Scan(slices: [16, 32, 32, 1]) -> (smooth: [16, 32, 32, 1]) {
///         let seen: [14, 15, 15, 4] = slices -> Conv3d(4, 3, stride = (1, 2, 2)) -> relu;
///         let smooth = seen -> Conv3dTranspose(1, (3, 4, 4), stride = (1, 2, 2));
///     }
/// }
/// assert_eq!(Scan::PARAMETERS, (27 * 4 + 4) + (48 * 4 + 1));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Conv3d {
    /// `[depth, height, width, channels]`
    pub input: [usize; 4],
    /// `[depth, height, width, channels]`: decides where the padding at the ends stops.
    pub output: [usize; 4],
    /// `[depth, height, width]`
    pub kernel: [usize; 3],
    /// Along each axis.
    pub stride: [usize; 3],
    /// Distance of the taps; 1 is a plain convolution.
    pub dilation: [usize; 3],
    /// Places of padding before the volume.
    pub padding: [usize; 3],
}

impl Conv3d {
    fn geometry(&self) -> Geometry {
        let Self { input, output, kernel, stride, dilation, padding } = *self;
        let [depth, rows, columns] = [0, 1, 2].map(|axis| Axis {
            input: input[axis],
            output: output[axis],
            size: kernel[axis],
            stride: stride[axis],
            dilation: dilation[axis],
            padding: padding[axis],
        });
        [rows, columns].into_iter().for_each(Axis::check);
        Geometry::new(depth, [rows, columns], input[3], output[3])
    }

    /// Dimensions of the kernel.
    fn kernel_dims(&self) -> [usize; 5] {
        let [depth, rows, columns] = self.kernel;
        [depth, rows, columns, self.input[3], self.output[3]]
    }

    /// Computes `y` from `x`, with a kernel `[depth, height, width, in, out]` and a bias `[out]`.
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
        check_weights_of(weights, &self.kernel_dims(), self.output[3]);
        let epilogue = Epilogue { bias: weights.bias().map(Param::values), activation };
        conv3d::forward(&self.geometry(), n, x, weights.kernel(), (y, Write::Set, epilogue), scratch);
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
        check_gradients_of(kernel, bias.as_deref(), &self.kernel_dims(), self.output[3]);
        conv3d::backward_weights(&self.geometry(), n, x, dy, kernel.contribute(), scratch);
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
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        check_weights_of(weights, &self.kernel_dims(), self.output[3]);
        conv3d::transposed(&self.geometry(), n, dy, weights.kernel(), (dx, write, Epilogue::NONE), scratch);
    }
}

/// y\[h · stride + d · dilation − padding, …, o\] = activation(bias\[o\] + Σ x\[h, i, j, c\] · kernel\[d, k, l, o, c\]) over all
/// places (h, i, j) and taps (d, k, l) that fall there, and the input channels c, as Keras's `Conv3DTranspose`: the gradient by the
/// input of a [`Conv3d`] of `y`.
///
/// # In `network!`
///
/// `Conv3dTranspose(filters, kernel, stride = 1, padding = valid, output_padding = none, dilation = 1, bias = true)`:
/// `[depth, height, width, channels]` to `[depth, height, width, filters]`. Sizes are as of
/// [`Conv2dTranspose`](crate::layers::Conv2dTranspose). The weights are [`Affine`](crate::weights::Affine): a kernel
/// `[depth, height, width, filters, channels]`, at first `glorot_uniform`, and a bias `[filters]` of zeros. The example is at
/// [`Conv3d`].
#[derive(Clone, Copy, Debug)]
pub struct Conv3dTranspose {
    /// `[depth, height, width, channels]`
    pub input: [usize; 4],
    /// `[depth, height, width, channels]`: decides where the result is cut at the ends, or how much of it no tap reaches.
    pub output: [usize; 4],
    /// `[depth, height, width]`
    pub kernel: [usize; 3],
    /// Distance of the places of two neighbours, along each axis.
    pub stride: [usize; 3],
    /// Distance of the taps.
    pub dilation: [usize; 3],
    /// Places that are cut from the begin of the result.
    pub padding: [usize; 3],
}

impl Conv3dTranspose {
    /// The convolution whose gradient it is: from its output to its input.
    fn convolution(&self) -> Conv3d {
        let Self { input, output, kernel, stride, dilation, padding } = *self;
        Conv3d { input: output, output: input, kernel, stride, dilation, padding }
    }

    /// Computes `y` from `x`, with a kernel `[depth, height, width, out, in]` and a bias `[out]`.
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
        let convolution = self.convolution();
        check_weights_of(weights, &convolution.kernel_dims(), self.output[3]);
        let epilogue = Epilogue { bias: weights.bias().map(Param::values), activation };
        conv3d::transposed(&convolution.geometry(), n, x, weights.kernel(), (y, Write::Set, epilogue), scratch);
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
        let convolution = self.convolution();
        let (kernel, bias) = gradients.split();
        check_gradients_of(kernel, bias.as_deref(), &convolution.kernel_dims(), self.output[3]);
        conv3d::backward_weights(&convolution.geometry(), n, dy, x, kernel.contribute(), scratch);
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
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        let convolution = self.convolution();
        check_weights_of(weights, &convolution.kernel_dims(), self.output[3]);
        let to = (dx, write, Epilogue::NONE);
        conv3d::forward(&convolution.geometry(), n, dy, weights.kernel(), to, scratch);
    }
}
