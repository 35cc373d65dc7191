//! The largest value of each window.

use super::check;
use crate::Write;
use crate::kernels::axis::Axis;
use crate::kernels::pool::{self, Geometry};

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
        pool::max_forward(&self.geometry(), x, y);
    }

    /// Computes the gradient by the input: among equal values the first of the window in row-major order gets all of it,
    /// as in TensorFlow.
    pub fn backward(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        check("x", x, n, self.input_len());
        check("y", y, n, self.output_len());
        check("dy", dy, n, self.output_len());
        check("dx", dx, n, self.input_len());
        pool::max_backward(&self.geometry(), x, y, dy, dx, write);
    }
}
