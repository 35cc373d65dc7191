//! Every output from every input.

use super::{bias_gradient, check, check_gradients, check_weights, kernel_gradient};
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::rows::{Rows, RowsMut};
use crate::kernels::gemm::sizes::Sizes;
use crate::memory::scratch::Scratch;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::columns::Columns;
use crate::tensor::exact::sum;
use crate::tensor::param::Store;

/// y = activation(x · kernel + bias) along the last axis, as Keras's `Dense`: `[rows, inputs]` to `[rows, outputs]`.
///
/// # In `network!`
///
/// `Dense(units, bias = true)`: `[features]` to `[units]`, or `[steps, features]` to `[steps, units]`. The weights are
/// [`Affine`](crate::weights::Affine): a kernel `[features, units]`, at first `glorot_uniform`, and a bias `[units]` of zeros; with
/// `bias = false` they are [`Linear`](crate::weights::Linear). A function of one element behind it is computed along with it.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Grades(marks: [12]) -> (grade: [5]) {
///         let grade = marks -> Dense(32) -> relu -> Dense(5, bias = false) -> softmax;
///     }
/// }
/// assert_eq!(Grades::PARAMETERS, (12 * 32 + 32) + 32 * 5);
/// ```
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

    /// The same with an input that is a part of a larger tensor, as many columns of it as the input is long.
    #[doc(hidden)]
    pub fn on_columns(self, columns: Columns) -> DenseOnColumns {
        DenseOnColumns { layer: self, columns }
    }

    fn alone(self) -> DenseOnColumns {
        self.on_columns(Columns { start: 0, count: self.inputs, of: self.inputs })
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
        self.alone().forward(n, x, weights, activation, y, scratch);
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
        self.alone().backward_weights(n, x, dy, gradients, scratch);
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
        self.alone().backward_input(n, weights, dy, dx, store, scratch);
    }
}

/// A dense layer whose input is a part of a larger tensor. Results are those of [`Dense`], to the bit.
#[derive(Clone, Copy, Debug)]
pub struct DenseOnColumns {
    /// The layer.
    pub layer: Dense,
    /// Where its input lies.
    pub columns: Columns,
}

impl DenseOnColumns {
    /// Checks the larger tensor, or its gradient; returns where the part begins, which is the end where there are no rows, and the
    /// distance of its rows if something lies between them.
    fn check_input(&self, name: &str, whole: &[f32], n: usize) -> (usize, Option<usize>) {
        let (Dense { rows, inputs, .. }, Columns { start, count, of }) = (self.layer, self.columns);
        assert!(count == inputs && sum(&[start, count]) <= of, "{:?} do not hold {inputs} inputs", self.columns);
        check(name, whole, n, &[rows, of]);
        (start.min(whole.len()), (of > inputs).then_some(of))
    }

    /// As [`Dense::forward`]; `x` is the larger tensor.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        activation: Activation,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let Dense { rows, inputs, outputs } = self.layer;
        let (start, distance) = self.check_input("x", x, n);
        check("y", y, n, &[rows, outputs]);
        check_weights(weights, &[inputs, outputs]);
        let bias = weights.bias().map(|bias| bias.values());
        let epilogue = Epilogue { bias, activation };
        let x = Rows { values: &x[start..], distance };
        dense::forward(self.layer.sizes(n), x, weights.kernel().into(), epilogue, y, scratch);
    }

    /// As [`Dense::backward_weights`]; `x` is the larger tensor.
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        gradients: &mut impl KernelGradient,
        scratch: &mut Scratch,
    ) {
        let Dense { rows, inputs, outputs } = self.layer;
        let (start, distance) = self.check_input("x", x, n);
        check("dy", dy, n, &[rows, outputs]);
        let (kernel, bias) = gradients.split();
        check_gradients(kernel, bias.as_deref(), &[inputs, outputs]);
        kernel_gradient(self.layer.sizes(n), Rows { values: &x[start..], distance }, dy, kernel, scratch);
        bias_gradient(bias, dy);
    }

    /// As [`Dense::backward_input`]; `dx` is the gradient by the larger tensor.
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl Kernel,
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        let Dense { rows, inputs, outputs } = self.layer;
        check("dy", dy, n, &[rows, outputs]);
        let (start, distance) = self.check_input("dx", dx, n);
        check_weights(weights, &[inputs, outputs]);
        let dx = RowsMut { values: &mut dx[start..], distance };
        dense::backward_input(self.layer.sizes(n), weights.kernel().values(), dy, dx, store.into(), scratch);
    }
}
