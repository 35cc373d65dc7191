//! Values to probabilities.

use super::check;
use crate::kernels::reduce::softmax;
use crate::tensor::param::Write;

/// yᵢ = e^(xᵢ − max x) / Σ e^(xⱼ − max x) along the last axis, as Keras's `softmax`: `[rows, classes]` to the same.
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

impl Softmax {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, &[self.rows, self.classes]);
        check("y", y, n, &[self.rows, self.classes]);
        softmax::forward(self.classes, x, y);
    }

    /// Computes the gradient by the input from the output: dxᵢ = yᵢ · (dyᵢ − Σ yⱼ dyⱼ).
    pub fn backward_input(&self, n: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        check("y", y, n, &[self.rows, self.classes]);
        check("dy", dy, n, &[self.rows, self.classes]);
        check("dx", dx, n, &[self.rows, self.classes]);
        softmax::backward(self.classes, y, dy, dx, write);
    }
}
