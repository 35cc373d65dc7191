//! Two-dimensional separable convolution.

use crate::kernels::conv::bands::GROUP_FLOATS;
use crate::layers::check;
use crate::layers::conv::conv2d::Conv2d;
use crate::layers::conv::depthwise_conv2d::DepthwiseConv2d;
use crate::layers::conv::one_kernel::OneKernel;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::SeparableWeights;
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::{Param, Store, Write};

/// A [`DepthwiseConv2d`], and a [`Conv2d`] of one tap that mixes its channels, with nothing between them, as Keras's
/// `SeparableConv2D` (Chollet, "Xception", 2017): y = activation(bias + depthwise(x) · pointwise).
///
/// # In `network!`
///
/// `SeparableConv2d(filters, kernel, multiplier = 1, stride = 1, padding = valid, dilation = 1, bias = true)`:
/// `[height, width, channels]` to `[height, width, filters]`, with sizes as of [`Conv2d`]. The weights are
/// [`Separable`](crate::weights::Separable): a depthwise kernel `[height, width, channels, multiplier]`, a pointwise one
/// `[1, 1, channels · multiplier, filters]`, both at first `glorot_uniform`, and a bias `[filters]` of zeros.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Xception(image: [32, 32, 3]) -> (seen: [16, 16, 24]) {
///         let seen = image -> SeparableConv2d(24, 3, multiplier = 2, stride = 2, padding = same) -> relu;
///     }
/// }
/// assert_eq!(Xception::PARAMETERS, 9 * 3 * 2 + 6 * 24 + 24);
/// ```
///
/// # In generated code
///
/// In training, what is between them is kept for backward, and the gradient by it.
#[derive(Clone, Copy, Debug)]
pub struct SeparableConv2d {
    /// The first one; it has no bias.
    pub depthwise: DepthwiseConv2d,
    /// Channels of the result.
    pub filters: usize,
}

/// The depthwise kernel, and the pointwise one with the bias.
fn parts(weights: &impl SeparableWeights<Param>) -> [OneKernel<&Param>; 2] {
    let (depthwise, pointwise, bias) = weights.parts();
    [OneKernel { kernel: depthwise, bias: None }, OneKernel { kernel: pointwise, bias }]
}

impl SeparableConv2d {
    /// The second one.
    fn pointwise(&self) -> Conv2d {
        let [height, width, channels] = self.depthwise.output;
        Conv2d {
            input: [height, width, channels],
            output: [height, width, self.filters],
            kernel: [1, 1],
            stride: [1, 1],
            dilation: [1, 1],
            padding: [0, 0],
        }
    }

    /// Floats of a sample between the two.
    fn between(&self) -> usize {
        product(&self.depthwise.output)
    }

    /// Computes `y` from `x`, with kernels `[height, width, in, multiplier]` and `[1, 1, in · multiplier, out]` and a bias `[out]`.
    /// What is `between` the convolutions is for backward, as `_upstream` is, which is nothing yet; without a backward pass both are
    /// empty.
    #[expect(clippy::too_many_arguments, reason = "those of a convolution, and what is kept")]
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl SeparableWeights<Param>,
        activation: Activation,
        y: &mut [f32],
        between: &mut [f32],
        _upstream: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let pointwise = self.pointwise();
        check("x", x, n, &self.depthwise.input);
        check("y", y, n, &pointwise.output);
        let [first, second] = parts(weights);
        let number = scratch.packs.current().map(|number| number + 1);
        if !between.is_empty() {
            self.depthwise.forward(n, x, &first, Activation::Linear, between, scratch);
            scratch.packs.compute_with(number);
            return pointwise.forward(n, between, &second, activation, y, scratch);
        }
        // So many images that what is between stays in the last cache.
        let [input, own, output] =
            [product(&self.depthwise.input), self.between(), product(&pointwise.output)].map(|floats| floats.max(1));
        let group = (GROUP_FLOATS / own).clamp(1, n.max(1));
        let mut memory = std::mem::take(&mut scratch.spread);
        for (x, y) in x.chunks(group * input).zip(y.chunks_mut(group * output)) {
            let n = x.len() / input;
            let between = memory.take(n * own);
            self.depthwise.forward(n, x, &first, Activation::Linear, between, scratch);
            scratch.packs.compute_with(number);
            pointwise.forward(n, between, &second, activation, y, scratch);
        }
        scratch.spread = memory;
    }

    /// Leaves in `upstream` the gradient by what is between the convolutions, which the other two functions read; `dy` is before
    /// the activation.
    pub fn backward_begin(
        &self,
        n: usize,
        weights: &impl SeparableWeights<Param>,
        dy: &[f32],
        _between: &mut [f32],
        upstream: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let [_, second] = parts(weights);
        let number = scratch.packs.current().map(|number| number + 1);
        scratch.packs.compute_with(number);
        self.pointwise().backward_input(n, &second, dy, upstream, Write::Set, scratch);
    }

    /// Contributes to the gradients of both kernels and of the bias, behind [`backward_begin`](Self::backward_begin).
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
        let (depthwise, pointwise, bias) = gradients.parts_mut();
        self.depthwise.backward_weights(n, x, upstream, &mut OneKernel { kernel: depthwise, bias: None }, scratch);
        self.pointwise().backward_weights(n, between, dy, &mut OneKernel { kernel: pointwise, bias }, scratch);
    }

    /// Computes the gradient by the input, behind [`backward_begin`](Self::backward_begin).
    #[expect(clippy::too_many_arguments, reason = "those of a convolution, and what is kept")]
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl SeparableWeights<Param>,
        _between: &[f32],
        upstream: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        let [first, _] = parts(weights);
        self.depthwise.backward_input(n, &first, upstream, dx, store, scratch);
    }
}
