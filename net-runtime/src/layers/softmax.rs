//! Values to probabilities.

use super::check;
use crate::kernels::reduce::{log_softmax, softmax, sparsemax};
use crate::tensor::param::Write;

/// yᵢ = e^(xᵢ − max x) / Σ e^(xⱼ − max x) along the last axis, as Keras's `softmax`: `[rows, classes]` to the same.
///
/// In `network!`: `softmax(axis = -1)`, the axis by name or number; along another one than the last it is
/// [`RowsAlong`](super::RowsAlong). There are no weights. The example is at [`activations`](crate::activations).
#[derive(Clone, Copy, Debug)]
pub struct Softmax {
    /// Product of the axes before the last.
    pub rows: usize,
    /// Length of the last axis.
    pub classes: usize,
}

/// eˣ, divided by the sum of eˣ over the last axis, of which there are `rows` of length `classes` in a sample
pub const fn softmax(rows: usize, classes: usize) -> Softmax {
    Softmax { rows, classes }
}

/// yᵢ = xᵢ − max x − ln Σ e^(xⱼ − max x) along the last axis, as Keras's `log_softmax`: `[rows, classes]` to the same.
///
/// In `network!`: `log_softmax(axis = -1)`, the axis by name or number; along another one than the last it is
/// [`RowsAlong`](super::RowsAlong). There are no weights. The example is at [`activations`](crate::activations).
#[derive(Clone, Copy, Debug)]
pub struct LogSoftmax {
    /// Product of the axes before the last.
    pub rows: usize,
    /// Length of the last axis.
    pub classes: usize,
}

/// The logarithm of [`softmax`], of `rows` of length `classes` in a sample
///
/// In `network!`: `log_softmax(axis = -1)`; [`LogSoftmax`] has the formula.
pub const fn log_softmax(rows: usize, classes: usize) -> LogSoftmax {
    LogSoftmax { rows, classes }
}

/// The probabilities along the last axis that are nearest to x: yᵢ = max(xᵢ − τ, 0), with the τ for which their sum is 1 (Martins
/// and Astudillo, "From Softmax to Sparsemax", 2016), `[rows, classes]` to the same. Keras's `sparsemax` means the same; that of
/// 3.15 has rows that do not sum to 1.
///
/// In `network!`: `sparsemax(axis = -1)`, the axis by name or number; along another one than the last it is
/// [`RowsAlong`](super::RowsAlong). There are no weights. The example is at [`activations`](crate::activations).
#[derive(Clone, Copy, Debug)]
pub struct Sparsemax {
    /// Product of the axes before the last.
    pub rows: usize,
    /// Length of the last axis.
    pub classes: usize,
}

/// The probabilities that are nearest to x, many of them 0, of `rows` of length `classes` in a sample
///
/// In `network!`: `sparsemax(axis = -1)`; [`Sparsemax`] has the formula.
pub const fn sparsemax(rows: usize, classes: usize) -> Sparsemax {
    Sparsemax { rows, classes }
}

impl Softmax {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check_rows(n, [self.rows, self.classes], [("x", x), ("y", y)]);
        softmax::forward(self.classes, x, y);
    }

    /// Computes the gradient by the input from the output: dxᵢ = yᵢ · (dyᵢ − Σ yⱼ dyⱼ).
    pub fn backward_input(&self, n: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        check_rows(n, [self.rows, self.classes], [("y", y), ("dy", dy), ("dx", dx)]);
        softmax::backward(self.classes, y, dy, dx, write);
    }
}

impl LogSoftmax {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check_rows(n, [self.rows, self.classes], [("x", x), ("y", y)]);
        log_softmax::forward(self.classes, x, y);
    }

    /// Computes the gradient by the input from the output: dxᵢ = dyᵢ − e^yᵢ · Σ dyⱼ.
    pub fn backward_input(&self, n: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        check_rows(n, [self.rows, self.classes], [("y", y), ("dy", dy), ("dx", dx)]);
        log_softmax::backward(self.classes, y, dy, dx, write);
    }
}

impl Sparsemax {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check_rows(n, [self.rows, self.classes], [("x", x), ("y", y)]);
        sparsemax::forward(self.classes, x, y);
    }

    /// Computes the gradient by the input from the output: dyᵢ less the mean of dy over all positive y where yᵢ is positive, else 0.
    pub fn backward_input(&self, n: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        check_rows(n, [self.rows, self.classes], [("y", y), ("dy", dy), ("dx", dx)]);
        sparsemax::backward(self.classes, y, dy, dx, write);
    }
}

#[track_caller]
fn check_rows<const N: usize>(n: usize, dims: [usize; 2], tensors: [(&str, &[f32]); N]) {
    for (name, tensor) in tensors {
        check(name, tensor, n, &dims);
    }
}
