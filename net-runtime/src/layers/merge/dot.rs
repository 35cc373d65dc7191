//! Products of two tensors.

use crate::kernels::contraction::{self, Factor, Sizes};
use crate::kernels::reduce::dot_products::dot_products;
use crate::kernels::simd::Isa;
use crate::layers::check;
use crate::memory::scratch::Scratch;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// The product of two tensors, summed over an axis of each, as Keras's `Dot`: of `[outer, len, inner]` and `[outer, len, inner]`,
/// each with its own outer and inner axes, to the outer and inner axes of both.
///
/// ```text
/// y[i, j, k, l] = Σ over m of first[i, m, j] · second[k, m, l]
/// ```
///
/// A matrix product is one of `[m, k, 1]` and `[1, k, n]`: so `Matmul` is this layer, too, for so many `products` one behind the
/// other. A product of two vectors is one number.
///
/// With `normalize`, every column is divided by its length √Σx² first, so that a product of two is the cosine of their angle. As in
/// Keras, nothing is multiplied by more than 10⁷ for that: a column of zeros gives 0, and its gradient, which Keras has as a NaN, is
/// that of the product times 10⁷.
///
/// # In `network!`
///
/// `Dot(axes = -1, normalize = false)` on `(a, b)`: the sum of products along an axis of each, `axes = (0, 1)` where it is not the
/// same; what is left are the other axes of both. [`Matmul`] is written for matrices. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Products(a: [4, 8], b: [6, 8]) -> (all: [4, 6], matrix: [4, 6], alike: [4, 6]) {
///         let all = (a, b) -> Dot;
///         let matrix = (a, b) -> Matmul(transpose_b = true);
///         let alike = (a, b) -> Dot(axes = (1, 1), normalize = true);
///     }
/// }
/// assert_eq!(Products::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dot {
    /// Products of a sample.
    pub products: usize,
    /// Length of the axis that is summed over.
    pub len: usize,
    /// Outer and inner axis of the first operand.
    pub first: [usize; 2],
    /// Outer and inner axis of the second operand.
    pub second: [usize; 2],
    /// Whether columns are divided by their lengths.
    pub normalize: bool,
}

/// The product of matrices, which is a [`Dot`] of equally many `products`.
///
/// In `network!`: `Matmul(transpose_a = false, transpose_b = false)`, on `[.., m, k]` and `[.., k, n]`; the example is at [`Dot`].
pub type Matmul = Dot;

/// Keras's `epsilon`, which no length falls below.
const LEAST: f32 = 1e-7;

impl Dot {
    fn sizes(&self, n: usize) -> Sizes {
        let factors = [self.first, self.second].map(|[outer, inner]| Factor { outer, inner });
        Sizes { products: n * self.products, len: self.len, factors }
    }

    /// Lengths of the axes of an operand of a sample.
    fn dims(&self, index: usize) -> [usize; 4] {
        let [outer, inner] = [self.first, self.second][index];
        [self.products, outer, self.len, inner]
    }

    fn check_operands(&self, n: usize, operands: &[&[f32]]) {
        assert_eq!(operands.len(), 2, "operands of a `Dot`");
        (0..2).for_each(|index| check("x", operands[index], n, &self.dims(index)));
    }

    fn check_result(&self, n: usize, name: &str, result: &[f32]) {
        let ([a, b], [c, d]) = (self.first, self.second);
        check(name, result, n, &[self.products, a, b, c, d]);
    }

    /// 1 / the length of every column of an operand.
    fn inverse_norms(&self, index: usize, x: &[f32], norms: &mut [f32]) {
        let [_, _, len, inner] = self.dims(index);
        if inner == 1 {
            dot_products(Isa::current(), len, (x, len), (x, len), norms);
        } else {
            for (x, norms) in x.chunks_exact(len * inner).zip(norms.chunks_exact_mut(inner)) {
                norms.fill(0.0);
                x.chunks_exact(inner).for_each(|x| norms.iter_mut().zip(x).for_each(|(norm, x)| *norm += x * x));
            }
        }
        norms.iter_mut().for_each(|norm| *norm = (1.0 / norm.sqrt()).min(1.0 / LEAST));
    }

    /// Columns of both operands.
    fn columns(&self, n: usize) -> [usize; 2] {
        self.sizes(n).factors.map(|factor| product(&[n, self.products, factor.rows()]))
    }

    /// Multiplies every element of the result, or of the gradient by it, by the inverse norms of its row and column.
    fn scale(&self, result: &mut [f32], [rows, columns]: [&[f32]; 2]) {
        let width = product(&self.second);
        let per_row = result.chunks_exact_mut(width).zip(rows).enumerate();
        for (row, (result, by_row)) in per_row {
            let columns = &columns[row / product(&self.first) * width..][..width];
            result.iter_mut().zip(columns).for_each(|(value, by_column)| *value *= by_row * by_column);
        }
    }

    /// Computes `y` from the operands.
    pub fn forward(&self, n: usize, operands: &[&[f32]], y: &mut [f32], scratch: &mut Scratch) {
        self.check_operands(n, operands);
        self.check_result(n, "y", y);
        contraction::forward(self.sizes(n), [operands[0], operands[1]], y, &mut scratch.work);
        if self.normalize {
            let columns = self.columns(n);
            let (first, second) = scratch.steps.take(columns[0] + columns[1]).split_at_mut(columns[0]);
            self.inverse_norms(0, operands[0], first);
            self.inverse_norms(1, operands[1], second);
            self.scale(y, [first, second]);
        }
    }

    /// Computes the gradient by operand `index`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer of several operands")]
    pub fn backward_input(
        &self,
        n: usize,
        index: usize,
        operands: &[&[f32]],
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        self.check_operands(n, operands);
        self.check_result(n, "dy", dy);
        check("dx", dx, n, &self.dims(index));
        let (sizes, other, store) = (self.sizes(n), operands[1 - index], store.into());
        if !self.normalize {
            return contraction::backward(sizes, index, other, dy, dx, store, &mut scratch.work);
        }
        let columns = self.columns(n);
        let Scratch { work, steps, .. } = scratch;
        let memory = steps.take(columns[0] + columns[1] + dy.len() + dx.len());
        let (first, memory) = memory.split_at_mut(columns[0]);
        let (second, memory) = memory.split_at_mut(columns[1]);
        let (scaled, along) = memory.split_at_mut(dy.len());
        self.inverse_norms(0, operands[0], first);
        self.inverse_norms(1, operands[1], second);
        scaled.copy_from_slice(dy);
        self.scale(scaled, [first, second]);
        contraction::backward(sizes, index, other, scaled, along, Store::Set, work);
        let norms = if index == 0 { first } else { second };
        self.across(index, operands[index], norms, along);
        crate::kernels::elementwise::arithmetic::put(store, dx, along.iter().copied());
    }

    /// Takes from the gradient by each column what points along the column, for its length has been divided by.
    fn across(&self, index: usize, x: &[f32], norms: &mut [f32], gradient: &mut [f32]) {
        let [_, _, len, inner] = self.dims(index);
        let blocks = x.chunks_exact(len * inner).zip(gradient.chunks_exact_mut(len * inner));
        for ((x, gradient), norms) in blocks.zip(norms.chunks_exact_mut(inner)) {
            for (column, norm) in norms.iter_mut().enumerate() {
                if *norm >= 1.0 / LEAST {
                    continue;
                }
                let places = || (0..len).map(|step| step * inner + column);
                let sum: f32 = places().map(|place| x[place] * gradient[place]).sum();
                let share = sum * *norm * *norm;
                places().for_each(|place| gradient[place] -= share * x[place]);
            }
        }
    }
}
