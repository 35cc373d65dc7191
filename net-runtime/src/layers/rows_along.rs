//! Functions of rows along another axis than the last.

use super::check;
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::gemm::transpose::transpose;
use crate::kernels::reduce::{log_softmax, softmax, sparsemax};
use crate::memory::scratch::Scratch;
use crate::parallel::for_each_rows;
use crate::tensor::exact::product;
use crate::tensor::param::Write;

/// What becomes of a row.
#[derive(Clone, Copy, Debug)]
pub enum RowFunction {
    /// That of [`Softmax`](super::Softmax).
    Softmax,
    /// That of [`LogSoftmax`](super::LogSoftmax).
    LogSoftmax,
    /// That of [`Sparsemax`](super::Sparsemax).
    Sparsemax,
}

/// A softmax, or what is like it, along any axis, as Keras's `softmax(axis)`: `[outer, len, inner]` to the same, a row of `len` elements for
/// each index of the other axes. The rows are brought together, and what becomes of them back to their places.
#[derive(Clone, Copy, Debug)]
pub struct RowsAlong {
    /// Product of the axes before the one that rows lie along.
    pub outer: usize,
    /// Length of that axis.
    pub len: usize,
    /// Product of the axes behind it.
    pub inner: usize,
    /// What becomes of a row.
    pub function: RowFunction,
}

impl RowsAlong {
    fn check<const N: usize>(&self, n: usize, tensors: [(&str, &[f32]); N]) {
        for (name, tensor) in tensors {
            check(name, tensor, n, &[self.outer, self.len, self.inner]);
        }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32], scratch: &mut Scratch) {
        self.check(n, [("x", x), ("y", &*y)]);
        let Self { len, inner, .. } = *self;
        let (rows, results) = scratch.work.take(product(&[2, x.len()])).split_at_mut(x.len());
        exchange([len, inner], x, rows);
        match self.function {
            RowFunction::Softmax => softmax::forward(len, rows, results),
            RowFunction::LogSoftmax => log_softmax::forward(len, rows, results),
            RowFunction::Sparsemax => sparsemax::forward(len, rows, results),
        }
        exchange([inner, len], results, y);
    }

    /// Computes the gradient by the input from the output.
    pub fn backward_input(&self, n: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write, scratch: &mut Scratch) {
        self.check(n, [("y", y), ("dy", dy), ("dx", &*dx)]);
        let Self { len, inner, .. } = *self;
        let (rows, rest) = scratch.work.take(product(&[3, y.len()])).split_at_mut(y.len());
        let (upstream, gradients) = rest.split_at_mut(y.len());
        exchange([len, inner], y, rows);
        exchange([len, inner], dy, upstream);
        match self.function {
            RowFunction::Softmax => softmax::backward(len, rows, upstream, gradients, Write::Set),
            RowFunction::LogSoftmax => log_softmax::backward(len, rows, upstream, gradients, Write::Set),
            RowFunction::Sparsemax => sparsemax::backward(len, rows, upstream, gradients, Write::Set),
        }
        match write {
            Write::Set => exchange([inner, len], gradients, dx),
            Write::Add => {
                exchange([inner, len], gradients, rows);
                for_each_rows(dx, 1, |first, dx| put(write, dx, rows[first..].iter().copied()));
            }
        }
    }
}

/// Matrices of so many rows and columns, each transposed.
fn exchange([rows, columns]: [usize; 2], from: &[f32], to: &mut [f32]) {
    let len = rows * columns;
    for_each_rows(to, len, |first, to| {
        for (from, to) in from[first * len..].chunks_exact(len).zip(to.chunks_exact_mut(len)) {
            transpose(from, rows, to, rows);
        }
    });
}
