//! The mean of each window.

use crate::kernels::pool::windows as pool;
use crate::kernels::pool::windows::Geometry;
use crate::layers::check;
use crate::tensor::param::Write;

/// y\[o, c\] = mean of x\[o · stride + t − padding, c\] over the places t of a window, on each of `AXES` axes before the channels;
/// padding does not count.
///
/// It is written by its names for one, two and three axes; `DIMS` is one more than `AXES`.
#[derive(Clone, Copy, Debug)]
pub struct AvgPool<const AXES: usize, const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
    /// The same of the output: decides where the padding after the last place of each axis ends.
    pub output: [usize; DIMS],
    /// Extents of the window.
    pub size: [usize; AXES],
    /// How far it moves on each axis.
    pub stride: [usize; AXES],
    /// Places of padding before the first one, on each axis.
    pub padding: [usize; AXES],
}

/// The mean of each window of `[steps, features]`, as Keras's `AveragePooling1D`.
pub type AvgPool1d = AvgPool<1, 2>;

/// The mean of each window of `[height, width, channels]`, as Keras's `AveragePooling2D`.
pub type AvgPool2d = AvgPool<2, 3>;

/// The mean of each window of `[depth, height, width, channels]`, as Keras's `AveragePooling3D`.
pub type AvgPool3d = AvgPool<3, 4>;

impl<const AXES: usize, const DIMS: usize> AvgPool<AXES, DIMS> {
    fn geometry(&self) -> Geometry {
        Geometry::new(&self.input, &self.output, &self.size, &self.stride, &self.padding)
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
