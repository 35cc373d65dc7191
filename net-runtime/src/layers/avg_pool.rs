//! The mean of each window.

use super::check;
use crate::Write;
use crate::kernels::axis::Axis;
use crate::kernels::pool::{self, Geometry};

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
        let axis = |axis: usize| Axis {
            input: self.input[axis],
            output: self.output[axis],
            size: self.size[axis],
            stride: self.stride[axis],
            dilation: 1,
            padding: self.padding[axis],
        };
        Geometry { rows: axis(0), columns: axis(1), channels: self.input[2] }
    }

    fn input_len(&self) -> usize {
        self.input.iter().product()
    }

    fn output_len(&self) -> usize {
        self.output.iter().product()
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, self.input_len());
        check("y", y, n, self.output_len());
        pool::avg_forward(&self.geometry(), x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        check("dy", dy, n, self.output_len());
        check("dx", dx, n, self.input_len());
        pool::avg_backward(&self.geometry(), dy, dx, write);
    }
}
