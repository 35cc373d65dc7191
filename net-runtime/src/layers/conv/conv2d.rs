//! Two-dimensional convolution.

use super::kernel_gradient::kernel_gradient;
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::conv::choice::Task;
use crate::kernels::conv::conv2d;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::layers::activation::Finish;
use crate::layers::{check, check_gradients, check_weights};
use crate::memory::algorithm::{Algorithm, Pass};
use crate::memory::scratch::Scratch;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// y\[i, j, o\] = activation(bias\[o\] + Σ x\[i · stride + k · dilation − padding, …, c\] · kernel\[k, l, c, o\]) over the
/// window (k, l) and the input channels c, as Keras's `Conv2D`; x is 0 outside the image (LeCun et al., "Gradient-Based Learning
/// Applied to Document Recognition", 1998; with dilation: Yu and Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", 2016).
///
/// # In `network!`
///
/// `Conv2d(filters, kernel, stride = 1, padding = valid, dilation = 1, groups = 1, bias = true)`: `[height, width, channels]` to
/// `[height, width, filters]`. A size of two parts is written as one number, or as `(rows, columns)`. With `padding = valid`
/// windows lie within the image: a length becomes ⌊(length − (kernel − 1) · dilation − 1) / stride⌋ + 1; with `same` it becomes
/// ⌈length / stride⌉, zeros being put around the image, one more below and right where their number is odd. With `groups`, channels
/// are cut into so many parts that do not see each other ([`Conv2dGrouped`](super::super::Conv2dGrouped)). The weights are
/// [`Affine`](crate::weights::Affine): a kernel `[height, width, channels / groups, filters]`, at first `glorot_uniform`, and a
/// bias `[filters]` of zeros.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Edges(image: [28, 28, 3]) -> (apart: [26, 24, 8], small: [14, 14, 16]) {
///         let wide: [28, 28, 8] = image -> Conv2d(8, 3, padding = same) -> relu;
///         let apart = wide -> Conv2d(8, (3, 5), groups = 4);
///         let small = image -> Conv2d(16, 3, stride = 2, padding = same, bias = false) -> relu;
///     }
/// }
/// assert_eq!(Edges::PARAMETERS, (9 * 3 * 8 + 8) + (15 * 2 * 8 + 8) + 9 * 3 * 16);
/// ```
///
/// # Accuracy
///
/// With [`Arithmetic::Fast`](crate::Arithmetic), kernels of 3x3 with stride 1 and at least 16 channels on both sides use
/// Winograd's algorithm F(4x4, 3x3) where it costs less than products by the definition, by a model of both for each pass: not where
/// a batch has few tiles of 4x4 outputs, so that a sample may come out otherwise in its rounding alone than in a batch. (Few pixels with
/// many weights are products by the definition, too, with the patches of all pixels as rows.) Its errors,
/// against sums in `f64`, for 128 channels to 256 on an image of 29x29 and values between -1 and 1, as parts of the result's root mean
/// square:
///
/// | result | fast: root mean square, largest | exact: root mean square, largest |
/// | --- | --- | --- |
/// | `forward` | 2.1e-6, 3.6e-5 | 6.1e-7, 5.3e-6 |
/// | `backward_input` | 3.1e-6, 6.8e-5 | 8.3e-7, 8.4e-6 |
/// | `backward_weights` | 1.4e-6, 1.9e-5 | 2.8e-7, 2.3e-6 |
///
/// Where that costs less, as where the output has fewer tiles of 4x4 than the input, and it has channels in multiples of a register
/// tile's columns, `backward_input` is the transpose of the algorithm: 3.1e-6, 3.1e-5 for an image of 30x30 with an output of 28x28.
///
/// A kernel with three to seven taps along an axis of stride 1 (the other one has any number of taps and a stride up to 4,
/// neither is dilated) may be done by Winograd's algorithm along that axis: F(6, 3), F(5, 4), F(4, 5), F(3, 6) or F(2, 7). The same
/// for 256 channels to 128, 3x3 with stride (1, 2) and padding `same`, on an image of 36x96:
///
/// | result | fast: root mean square, largest | exact: root mean square, largest |
/// | --- | --- | --- |
/// | `forward` | 2.3e-6, 3.7e-5 | 8.5e-7, 9.9e-6 |
/// | `backward_input` | 1.2e-6, 2.2e-5 | 4.5e-7, 6.4e-6 |
/// | `backward_weights` | 1.4e-6, 1.5e-5 | 2.8e-7, 1.6e-6 |
///
/// and for five taps along one axis, 64 channels to 128, over 256 pixels; with three to seven of them errors are alike, but for
/// `backward_weights` of seven, 1.1e-6 and 1.3e-5:
///
/// | result | fast: root mean square, largest | exact: root mean square, largest |
/// | --- | --- | --- |
/// | `forward` | 6.9e-7, 6.0e-6 | 3.2e-7, 2.4e-6 |
/// | `backward_input` | 9.5e-7, 9.0e-6 | 4.6e-7, 3.5e-6 |
/// | `backward_weights` | 6.7e-7, 6.0e-6 | 2.9e-7, 2.5e-6 |
///
/// Kernels of 3x3 to 8x8 with stride 2 both ways, no dilation and at least 16 channels on both sides are done by F(4x4, 2x2), F(4x4, 3x3)
/// or F(3x3, 4x4) for the even and odd rows and columns, if the batch has tiles enough. The same for 128 channels to 64, an image of 32x32
/// and an output of 16x16:
///
/// | kernel, result | fast: root mean square, largest | exact: root mean square, largest |
/// | --- | --- | --- |
/// | 3x3, `forward` | 9.4e-7, 8.7e-6 | 6.0e-7, 7.3e-6 |
/// | 3x3, `backward_input` | 8.2e-7, 1.3e-5 | 2.3e-7, 3.6e-6 |
/// | 3x3, `backward_weights` | 5.0e-7, 4.2e-6 | 2.8e-7, 2.5e-6 |
/// | 4x4, `forward` | 1.0e-6, 9.7e-6 | 8.0e-7, 6.9e-6 |
/// | 4x4, `backward_input` | 1.0e-6, 2.0e-5 | 2.8e-7, 3.1e-6 |
/// | 4x4, `backward_weights` | 5.7e-7, 5.3e-6 | 2.8e-7, 2.7e-6 |
/// | 5x5, `forward` | 1.4e-6, 1.5e-5 | 9.8e-7, 8.2e-6 |
/// | 5x5, `backward_input` | 9.9e-7, 2.1e-5 | 3.6e-7, 4.5e-6 |
/// | 5x5, `backward_weights` | 7.7e-7, 1.1e-5 | 2.8e-7, 3.3e-6 |
/// | 7x7, `forward` | 1.2e-6, 1.1e-5 | 1.4e-6, 1.2e-5 |
/// | 7x7, `backward_input` | 9.4e-7, 1.4e-5 | 4.9e-7, 5.6e-6 |
/// | 7x7, `backward_weights` | 9.1e-7, 1.9e-5 | 2.7e-7, 3.4e-6 |
///
/// A number that is not finite makes all outputs so whose tile covers it: 4x4 of them, or up to six along the one axis; 6x6 where
/// the algorithm is transposed, and 8x8 pixels of a gradient with stride 2. So it does in the gradient of an image with few channels:
/// with strides, its pixels are computed by one product for all phases, with zeros among the weights. A finite one does if it is so large
/// that its multiples overflow: the sums before and after the products have factors of up to 400, so that 1e36 is the limit for inputs
/// and for their products with weights, where [`Arithmetic::Exact`](crate::Arithmetic) has that of `f32`.
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

/// Where a result lies as a part of a larger tensor, which others are written into beside it: all in floats.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Where it begins in a sample of the larger tensor.
    pub start: usize,
    /// Distance of two pixels.
    pub pixel: usize,
    /// Distance of two lines.
    pub line: usize,
    /// Length of a sample of the larger tensor.
    pub sample: usize,
}

/// A convolution whose result is a part of a larger tensor, and its gradient of that tensor's gradient. Everything else is as
/// with [`Conv2d`], in the same order, so that results are the same to the bit.
#[derive(Clone, Copy, Debug)]
pub struct Conv2dWithin {
    /// The convolution.
    pub layer: Conv2d,
    /// Where its result lies.
    pub part: Part,
}

impl Conv2d {
    /// The same with a result that is a part of a larger tensor.
    #[doc(hidden)]
    pub fn within(self, part: Part) -> Conv2dWithin {
        Conv2dWithin { layer: self, part }
    }

    /// Which algorithms a pass over so many samples can be computed by, the one that is chosen first; whether its weights `last` from call to
    /// call.
    #[doc(hidden)]
    pub fn algorithms(&self, pass: Pass, last: bool, n: usize) -> Vec<Algorithm> {
        let geometry = self.whole().geometry();
        let task = Task::new(pass, n, &geometry).with_weights(last);
        let chosen = task.algorithm(&Scratch::default());
        let others = Algorithm::ALL.into_iter().filter(|&other| other != chosen && task.applies(other));
        std::iter::once(chosen).chain(others).collect()
    }

    pub(super) fn whole(self) -> Conv2dWithin {
        let [_, width, channels] = self.output;
        let [line, sample] = [product(&[width, channels]), product(&self.output)];
        self.within(Part { start: 0, pixel: channels, line, sample })
    }

    /// Dimensions of the kernel.
    pub(super) fn kernel_dims(&self) -> [usize; 4] {
        [self.kernel[0], self.kernel[1], self.input[2], self.output[2]]
    }

    /// Computes `y` from `x`, with a kernel `[height, width, in, out]` and a bias `[out]`: the activation of that, or of its sum with what
    /// is there.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        finish: impl Into<Finish>,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.whole().forward(n, x, weights, finish, y, scratch);
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
        self.whole().backward_weights(n, x, dy, gradients, scratch);
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
        self.whole().backward_input(n, weights, dy, dx, store, scratch);
    }
}

impl Conv2dWithin {
    pub(super) fn geometry(&self) -> Geometry {
        let Conv2d { input, output, kernel, stride, dilation, padding } = self.layer;
        let [rows, columns] = Axis::pair(input, output, kernel, stride, dilation, padding);
        let Part { start: _, pixel, line, sample } = self.part;
        let result = Strides { pixel, line, image: sample };
        Geometry { result, ..Geometry::dense([rows, columns], input[2], output[2]) }
    }

    fn check_input(&self, name: &str, x: &[f32], n: usize) {
        check(name, x, n, &self.layer.input);
    }

    /// Checks the larger tensor; returns where the part begins, which is the end where there are no samples.
    fn check_result(&self, name: &str, y: &[f32], n: usize) -> usize {
        let ([height, width, channels], Part { start, pixel, line, sample }) = (self.layer.output, self.part);
        let row = sum(&[product(&[width.saturating_sub(1), pixel]), channels]);
        let end = sum(&[start, product(&[height.saturating_sub(1), line]), row]);
        let apart = pixel >= channels && line >= row && end <= sample;
        assert!(apart, "a part of {:?} does not lie within its tensor: {:?}", self.layer.output, self.part);
        check(name, y, n, &[sample]);
        start.min(y.len())
    }

    /// As [`Conv2d::forward`]; `y` is the larger tensor.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        finish: impl Into<Finish>,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.check_input("x", x, n);
        let start = self.check_result("y", y, n);
        check_weights(weights, &self.layer.kernel_dims());
        let Finish { adds, activation } = finish.into();
        let write = if adds { Store::Add } else { Store::Set };
        let epilogue = Epilogue { bias: weights.bias().map(|bias| bias.values()), activation };
        let to = ((&mut y[start..]).into(), write, epilogue);
        conv2d::convolve(&self.geometry(), n, x, weights.kernel().into(), to, scratch);
    }

    /// As [`Conv2d::backward_weights`]; `dy` is the larger tensor's.
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        gradients: &mut impl KernelGradient,
        scratch: &mut Scratch,
    ) {
        self.check_input("x", x, n);
        let dy = &dy[self.check_result("dy", dy, n)..];
        let geometry = self.geometry();
        let (kernel, bias) = gradients.split();
        check_gradients(kernel, bias.as_deref(), &self.layer.kernel_dims());
        kernel_gradient(&geometry, (n, x), dy.into(), (kernel, bias), scratch);
    }

    /// As [`Conv2d::backward_input`]; `dy` is the larger tensor's.
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl Kernel,
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        let dy = &dy[self.check_result("dy", dy, n)..];
        self.check_input("dx", dx, n);
        check_weights(weights, &self.layer.kernel_dims());
        conv2d::backward_input(&self.geometry(), n, weights.kernel(), dy.into(), dx, store.into(), scratch);
    }
}
