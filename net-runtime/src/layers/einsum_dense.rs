//! A product with a kernel along any axes.

use super::moves::permute::Permute;
use super::{check, check_parameter, kernel_gradient};
use crate::kernels::contraction::{self, Factor};
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::sizes::Sizes;
use crate::kernels::gemm::weight_gradient;
use crate::kernels::reduce::reductions::column_sums;
use crate::memory::scratch::Scratch;
use crate::parallel::for_each_rows;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::{Store, Write};

/// The sum of products of an input and a kernel over the axes that the result does not have, as Keras's `EinsumDense`, where every axis is
/// of the input and the result (a row), of the input and the kernel (contracted), or of the kernel and the result (a column).
///
/// ```text
/// y[rows, columns] = Σ over contracted axes of x[rows, contracted] · kernel[contracted, columns]  (+ bias)
/// ```
///
/// Each of the three has its axes in an order of its own. It is one matrix product, as of [`Dense`](super::Dense), with what stands in
/// another order permuted before and after it: nothing, where rows come first in the input and the result, and contracted axes in the
/// kernel, in the same order wherever they are.
///
/// # In `network!`
///
/// `EinsumDense(equation, outputs = none, bias_axes = none)`: in the equation a letter stands for each axis of the input, of the
/// kernel and of the result, without that of the batch; `...` stands for all axes that have no letter. `outputs` are the lengths of
/// the axes that the kernel adds, in the order of the result, and `bias_axes` the letters of the result that have a bias. The
/// kernel begins as `glorot_uniform`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Heads(x: [20, 32]) -> (heads: [4, 20, 8], scores: [20, 3]) {
///         // To 4 heads of 8 features for each of 20 steps.
///         let heads = x -> EinsumDense("sf,fhd->hsd", (4, 8), bias_axes = "hd");
///         let scores = x -> EinsumDense("...f,fk->...k", 3);
///     }
/// }
/// assert_eq!(Heads::PARAMETERS, (32 * 4 * 8 + 4 * 8) + 32 * 3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EinsumDense {
    /// Shape of the input.
    pub input: &'static [usize],
    /// The input's axes: rows, then those that are contracted.
    pub input_axes: &'static [usize],
    /// Shape of the kernel.
    pub kernel: &'static [usize],
    /// The kernel's axes: those that are contracted, in the same order, then columns.
    pub kernel_axes: &'static [usize],
    /// How many are contracted.
    pub contracted: usize,
    /// Lengths of rows, then of columns.
    pub result: &'static [usize],
    /// For each axis of the result, which of these it is.
    pub output_axes: &'static [usize],
    /// Shape of the bias, if there is one: as long as the last axes of the result, or 1 where it is the same all along the axis.
    pub bias: &'static [usize],
}

/// Places of what is permuted in a piece of memory: none where nothing has to be.
struct Lens {
    x: usize,
    kernel: usize,
    y: usize,
    /// Elements of the axes of the result that a bias has.
    bias: usize,
}

fn is_in_order(axes: &[usize]) -> bool {
    axes.iter().copied().eq(0..axes.len())
}

impl EinsumDense {
    /// # Panics
    ///
    /// If the shapes are not those of one product.
    fn sizes(&self, n: usize) -> Sizes {
        let Self { input, input_axes, kernel, kernel_axes, contracted, result, .. } = *self;
        let (rows, columns) = result.split_at(input_axes.len() - contracted);
        let [rows, outputs] = [rows, columns].map(product);
        let inputs = kernel_axes[..contracted].iter().fold(1, |all, &axis| product(&[all, kernel[axis]]));
        assert_eq!(product(input), product(&[rows, inputs]), "elements of the input of an `EinsumDense`");
        assert_eq!(product(kernel), product(&[inputs, outputs]), "elements of the kernel of an `EinsumDense`");
        Sizes { rows: product(&[n, rows]), inputs, outputs }
    }

    /// Lengths of the axes of the result that a bias has.
    fn tail(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator + Clone + use<> {
        let Self { result, output_axes, bias, .. } = *self;
        output_axes[output_axes.len() - bias.len()..].iter().map(move |&axis| result[axis])
    }

    /// How much memory a call needs, for so many samples.
    fn lens(&self, sizes: Sizes) -> Lens {
        let Sizes { rows, inputs, outputs } = sizes;
        let of = |axes: &[usize], dims: &[usize]| if is_in_order(axes) { 0 } else { product(dims) };
        Lens {
            x: of(self.input_axes, &[rows, inputs]),
            kernel: of(self.kernel_axes, &[inputs, outputs]),
            y: of(self.output_axes, &[rows, outputs]),
            bias: self.tail().fold(1, |all, len| product(&[all, len])),
        }
    }

    fn input_order(&self) -> Permute {
        Permute { input: self.input, axes: self.input_axes }
    }

    fn kernel_order(&self) -> Permute {
        Permute { input: self.kernel, axes: self.kernel_axes }
    }

    fn output_order(&self) -> Permute {
        Permute { input: self.result, axes: self.output_axes }
    }

    /// The place in the bias of each place on the axes of the result that it has.
    fn bias_places(&self) -> impl Iterator<Item = usize> {
        let Self { bias, .. } = *self;
        let tail = self.tail();
        let count = tail.clone().product::<usize>();
        (0..count).map(move |place| {
            let (mut rest, mut found, mut step) = (place, 0, 1);
            for (len, own) in tail.clone().zip(bias).rev() {
                found += if *own == 1 { 0 } else { rest % len * step };
                (rest, step) = (rest / len, step * own);
            }
            found
        })
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], weights: &impl Kernel, y: &mut [f32], scratch: &mut Scratch) {
        check("x", x, n, self.input);
        check("y", y, n, self.result);
        check_parameter("kernel", weights.kernel().values().len(), self.kernel);
        let sizes = self.sizes(n);
        let lens = self.lens(sizes);
        let mut memory = std::mem::take(&mut scratch.steps);
        let (x_place, rest) = memory.take(sum(&[lens.x, lens.kernel, lens.y, lens.bias])).split_at_mut(lens.x);
        let (kernel_place, rest) = rest.split_at_mut(lens.kernel);
        let (y_place, bias_place) = rest.split_at_mut(lens.y);
        let x = if lens.x > 0 {
            self.input_order().forward(n, x, x_place);
            &*x_place
        } else {
            x
        };
        let result = if lens.y > 0 { &mut *y_place } else { &mut *y };
        if lens.kernel > 0 {
            self.kernel_order().forward(1, weights.kernel().values(), kernel_place);
            let Sizes { rows, inputs, outputs } = sizes;
            let factors = [Factor { outer: rows, inner: 1 }, Factor { outer: 1, inner: outputs }];
            let product = contraction::Sizes { products: 1, len: inputs, factors };
            contraction::forward(product, [x, kernel_place], result, &mut scratch.work);
        } else {
            let epilogue = Epilogue { bias: None, activation: Activation::Linear };
            dense::forward(sizes, x.into(), weights.kernel().into(), epilogue, result, scratch);
        }
        if lens.y > 0 {
            self.output_order().forward(n, y_place, y);
        }
        if let Some(bias) = weights.bias() {
            check_parameter("bias", bias.values().len(), self.bias);
            let bias = bias.values();
            bias_place.iter_mut().zip(self.bias_places()).for_each(|(place, from)| *place = bias[from]);
            let added = &*bias_place;
            for_each_rows(y, added.len(), |_, rows| {
                for row in rows.chunks_exact_mut(added.len()) {
                    row.iter_mut().zip(added).for_each(|(y, bias)| *y += bias);
                }
            });
        }
        scratch.steps = memory;
    }

    /// The gradient by the result with rows first, for which there is a place if it lies in another order.
    fn rows_first<'a>(&self, n: usize, dy: &'a [f32], place: &'a mut [f32]) -> &'a [f32] {
        if place.is_empty() {
            return dy;
        }
        self.output_order().backward_input(n, dy, place, Write::Set);
        place
    }

    /// Contributes to the gradients of kernel and bias.
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        gradients: &mut impl KernelGradient,
        scratch: &mut Scratch,
    ) {
        check("x", x, n, self.input);
        check("dy", dy, n, self.result);
        let (kernel, bias) = gradients.split();
        check_parameter("kernel", kernel.len(), self.kernel);
        let sizes = self.sizes(n);
        let lens = self.lens(sizes);
        let mut memory = std::mem::take(&mut scratch.steps);
        let (x_place, rest) = memory.take(sum(&[lens.x, lens.kernel, lens.y, lens.bias])).split_at_mut(lens.x);
        let (kernel_place, rest) = rest.split_at_mut(lens.kernel);
        let (y_place, bias_place) = rest.split_at_mut(lens.y);
        if let Some(bias) = bias {
            check_parameter("bias", bias.len(), self.bias);
            column_sums(dy, bias_place, Write::Set);
            let values = bias.to_add();
            bias_place.iter().zip(self.bias_places()).for_each(|(sum, to)| values[to] += sum);
        }
        let x = if lens.x > 0 {
            self.input_order().forward(n, x, x_place);
            &*x_place
        } else {
            x
        };
        let dy = self.rows_first(n, dy, y_place);
        if lens.kernel > 0 {
            weight_gradient::backward_weights(sizes, x.into(), dy.into(), kernel_place, Write::Set, scratch);
            let (values, write) = kernel.contribute();
            self.kernel_order().backward_input(1, kernel_place, values, write);
        } else {
            kernel_gradient(sizes, x.into(), dy, kernel, scratch);
        }
        scratch.steps = memory;
    }

    /// Computes the gradient by the input.
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl Kernel,
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
        scratch: &mut Scratch,
    ) {
        check("dy", dy, n, self.result);
        check("dx", dx, n, self.input);
        check_parameter("kernel", weights.kernel().values().len(), self.kernel);
        let sizes = self.sizes(n);
        let lens = self.lens(sizes);
        let mut memory = std::mem::take(&mut scratch.steps);
        let (x_place, rest) = memory.take(sum(&[lens.x, lens.kernel, lens.y])).split_at_mut(lens.x);
        let (kernel_place, y_place) = rest.split_at_mut(lens.kernel);
        let kernel = if lens.kernel > 0 {
            self.kernel_order().forward(1, weights.kernel().values(), kernel_place);
            &*kernel_place
        } else {
            weights.kernel().values()
        };
        let dy = self.rows_first(n, dy, y_place);
        if lens.x > 0 {
            dense::backward_input(sizes, kernel, dy, (&mut *x_place).into(), Store::Set, scratch);
            self.input_order().backward_input(n, x_place, dx, write);
        } else {
            dense::backward_input(sizes, kernel, dy, dx.into(), write.into(), scratch);
        }
        scratch.steps = memory;
    }
}
