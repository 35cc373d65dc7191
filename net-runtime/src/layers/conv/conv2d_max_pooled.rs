//! A two-dimensional convolution and the pool of 2x2 behind it, as one step.

use super::kernel_gradient::kernel_gradient;
use crate::kernels::conv::conv2d;
use crate::kernels::conv::max_pooled::{Outputs, SIDE, Upstream};
use crate::kernels::gemm::epilogue::Epilogue;
use crate::layers::conv::conv2d::Conv2d;
use crate::layers::{check, check_gradients, check_weights};
use crate::memory::scratch::Scratch;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// y = [`MaxPool2d`](crate::layers::MaxPool2d) of 2x2 and stride 2 of a [`Conv2d`], whose own result is nowhere kept: it is pooled while it
/// is in the cache, and backward makes the gradient by it where that is read. So a training step moves a quarter of the
/// memory. Pooled results are those of the two layers to the bit; gradients of weights may differ in the last bits, for
/// they are summed in other blocks.
///
/// Which pixel was the largest of its window (the first one among equals, and a NaN beats all) is kept in `choices`, a byte for each
/// value of `y`, four of them in the room of an `f32`.
#[derive(Clone, Copy, Debug)]
pub struct Conv2dMaxPooled {
    layer: Conv2d,
}

impl Conv2d {
    /// The same with a result of which the largest value of each 2x2 pixels goes on.
    ///
    /// # Panics
    ///
    /// If the height or the width of the result is odd.
    #[doc(hidden)]
    pub const fn max_pooled(self) -> Conv2dMaxPooled {
        Conv2dMaxPooled::new(self)
    }
}

impl Conv2dMaxPooled {
    const fn new(layer: Conv2d) -> Self {
        let [height, width, _] = layer.output;
        assert!(height % SIDE == 0 && width % SIDE == 0, "a pool of 2x2 needs an even height and width");
        Self { layer }
    }

    /// The result: `[height, width, channels]`.
    const fn result(&self) -> [usize; 3] {
        let [height, width, channels] = self.layer.output;
        [height / SIDE, width / SIDE, channels]
    }

    /// Floats of `choices` for a sample.
    pub const fn choices(&self) -> usize {
        product(&self.result()).div_ceil(size_of::<f32>())
    }

    fn check_choices(&self, n: usize, choices: &[f32]) {
        check("choices", choices, n, &[self.choices()]);
    }

    /// Computes `y` from `x`, with an activation that is none or a ReLU. `choices` is for backward; without a backward pass it
    /// may be empty.
    ///
    /// # Panics
    ///
    /// Beside wrong lengths, for an activation that is none of these.
    #[expect(clippy::too_many_arguments, reason = "those of a convolution, and the choices")]
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        activation: Activation,
        y: &mut [f32],
        choices: &mut [f32],
        scratch: &mut Scratch,
    ) {
        assert!(
            matches!(activation, Activation::Linear | Activation::Relu),
            "the largest value before {activation:?} need not be the largest one behind it"
        );
        check("x", x, n, &self.layer.input);
        check("y", y, n, &self.result());
        check_weights(weights, &self.layer.kernel_dims());
        let choices = if choices.is_empty() {
            None
        } else {
            self.check_choices(n, choices);
            Some(&mut bytemuck::cast_slice_mut(choices)[..y.len()])
        };
        let epilogue = Epilogue { bias: weights.bias().map(|bias| bias.values()), activation };
        let geometry = self.layer.whole().geometry();
        conv2d::forward(&geometry, n, x, weights.kernel(), epilogue, Outputs::Pooled { y, choices }, scratch);
    }

    fn upstream<'a>(&self, n: usize, dy: &'a [f32], choices: &'a [f32]) -> Upstream<'a> {
        check("dy", dy, n, &self.result());
        self.check_choices(n, choices);
        Upstream::Pooled { dy, choices: &bytemuck::cast_slice(choices)[..dy.len()] }
    }

    /// Contributes to the gradients of kernel and bias; `dy` is before the activation.
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        choices: &[f32],
        gradients: &mut impl KernelGradient,
        scratch: &mut Scratch,
    ) {
        check("x", x, n, &self.layer.input);
        let upstream = self.upstream(n, dy, choices);
        let (kernel, bias) = gradients.split();
        check_gradients(kernel, bias.as_deref(), &self.layer.kernel_dims());
        kernel_gradient(&self.layer.whole().geometry(), (n, x), upstream, (kernel, bias), scratch);
    }

    /// Computes the gradient by the input; `dy` is before the activation.
    #[expect(clippy::too_many_arguments, reason = "those of a convolution, and the choices")]
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl Kernel,
        dy: &[f32],
        choices: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        let upstream = self.upstream(n, dy, choices);
        check("dx", dx, n, &self.layer.input);
        check_weights(weights, &self.layer.kernel_dims());
        let geometry = self.layer.whole().geometry();
        conv2d::backward_input(&geometry, n, weights.kernel(), upstream, dx, store.into(), scratch);
    }
}
