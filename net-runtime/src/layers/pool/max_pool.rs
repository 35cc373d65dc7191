//! The largest value of each window.

use crate::kernels::axis::Axis;
use crate::kernels::pool::in_place as max_pool_in_place;
use crate::kernels::pool::windows as pool;
use crate::kernels::pool::windows::Geometry;
use crate::layers::check;
use crate::tensor::param::{Store, Write};

/// y\[i, j, c\] = max of x\[i · stride + k − padding, j · stride + l − padding, c\] over the window (k, l), as Keras's
/// `MaxPooling2D`; padding never wins, a NaN does.
#[derive(Clone, Copy, Debug)]
pub struct MaxPool2d {
    /// `[height, width, channels]`
    pub input: [usize; 3],
    /// `[height, width, channels]`: decides where the padding below and right of the image ends.
    pub output: [usize; 3],
    /// Size of the window, `[height, width]`.
    pub size: [usize; 2],
    /// Down and right.
    pub stride: [usize; 2],
    /// Rows of padding above the image and columns left of it.
    pub padding: [usize; 2],
}

impl MaxPool2d {
    fn geometry(&self) -> Geometry {
        let [rows, columns] = Axis::pair(self.input, self.output, self.size, self.stride, [1; 2], self.padding);
        Geometry { rows, columns, channels: self.input[2] }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let geometry = self.geometry();
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        pool::max_forward(&geometry, x, y);
    }

    /// Computes the gradient by the input: among equal values the first of the window in row-major order gets all of it,
    /// as in TensorFlow.
    pub fn backward_input(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        let geometry = self.geometry();
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        pool::max_backward(&geometry, x, y, dy, dx, write);
    }

    /// The same where the input lies: replaces `x` by the gradient, and needs no output. [`Store::Mask`] is for an input
    /// that a ReLU has made.
    ///
    /// # Panics
    ///
    /// If windows overlap, or for [`Store::Add`].
    pub fn backward_in_place(&self, n: usize, dy: &[f32], x: &mut [f32], store: impl Into<Store>) {
        let geometry = self.geometry();
        check("dy", dy, n, &self.output);
        check("x", x, n, &self.input);
        max_pool_in_place::max_backward_in_place(&geometry, n, dy, x, store.into());
    }
}
