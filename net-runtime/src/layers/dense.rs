//! Every output from every input.

use super::{bias_gradient, check, check_gradients, check_weights, kernel_gradient};
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::sizes::Sizes;
use crate::memory::scratch::Scratch;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::param::Store;

/// y = activation(x · kernel + bias) along the last axis, as Keras's `Dense`: `[rows, inputs]` to `[rows, outputs]`.
#[derive(Clone, Copy, Debug)]
pub struct Dense {
    /// Rows of a sample: 1 for `[features]`, the number of steps for `[steps, features]`.
    pub rows: usize,
    /// Length of the last axis of the input.
    pub inputs: usize,
    /// Length of the last axis of the output.
    pub outputs: usize,
}

impl Dense {
    fn sizes(&self, n: usize) -> Sizes {
        Sizes { rows: n * self.rows, inputs: self.inputs, outputs: self.outputs }
    }

    /// Computes `y` from `x`, with a kernel `[inputs, outputs]` and a bias `[outputs]`.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        activation: Activation,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let Self { rows, inputs, outputs } = *self;
        check("x", x, n, &[rows, inputs]);
        check("y", y, n, &[rows, outputs]);
        check_weights(weights, &[inputs, outputs]);
        let bias = weights.bias().map(|bias| bias.values());
        let epilogue = Epilogue { bias, activation };
        dense::forward(self.sizes(n), x, weights.kernel(), epilogue, y, scratch);
    }

    /// Contributes to the gradients of kernel, xᵀ · dy, and bias, the sum of dy; `dy` is before the activation.
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        gradients: &mut impl KernelGradient,
        scratch: &mut Scratch,
    ) {
        let Self { rows, inputs, outputs } = *self;
        check("x", x, n, &[rows, inputs]);
        check("dy", dy, n, &[rows, outputs]);
        let (kernel, bias) = gradients.split();
        check_gradients(kernel, bias.as_deref(), &[inputs, outputs]);
        kernel_gradient(self.sizes(n), x, dy, kernel, scratch);
        bias_gradient(bias, dy);
    }

    /// Computes dx = dy · kernelᵀ; `dy` is before the activation.
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl Kernel,
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        let Self { rows, inputs, outputs } = *self;
        check("dy", dy, n, &[rows, outputs]);
        check("dx", dx, n, &[rows, inputs]);
        check_weights(weights, &[inputs, outputs]);
        dense::backward_input(self.sizes(n), weights.kernel().values(), dy, dx, store.into(), scratch);
    }
}
