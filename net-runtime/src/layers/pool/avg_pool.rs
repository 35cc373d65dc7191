//! The mean of each window.

use crate::kernels::axis::Axis;
use crate::kernels::pool::windows as pool;
use crate::kernels::pool::windows::Geometry;
use crate::layers::check;
use crate::tensor::param::Write;

/// y\[i, j, c\] = mean of x\[i · stride + k − padding, j · stride + l − padding, c\] over the window (k, l), as Keras's
/// `AveragePooling2D`; padding does not count.
#[derive(Clone, Copy, Debug)]
pub struct AvgPool2d {
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

impl AvgPool2d {
    fn geometry(&self) -> Geometry {
        let [rows, columns] = Axis::pair(self.input, self.output, self.size, self.stride, [1; 2], self.padding);
        Geometry { rows, columns, channels: self.input[2] }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let geometry = self.geometry();
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        pool::avg_forward(&geometry, x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        let geometry = self.geometry();
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        pool::avg_backward(&geometry, dy, dx, write);
    }
}
