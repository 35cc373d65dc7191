//! The largest value of each window.

use crate::kernels::pool::in_place as max_pool_in_place;
use crate::kernels::pool::windows as pool;
use crate::kernels::pool::windows::Geometry;
use crate::layers::check;
use crate::tensor::param::{Store, Write};

/// y\[o, c\] = max of x\[o · stride + t − padding, c\] over the places t of a window, on each of `AXES` axes before the channels;
/// padding never wins, a NaN does.
///
/// It is written by its names for one, two and three axes; `DIMS` is one more than `AXES`.
#[derive(Clone, Copy, Debug)]
pub struct MaxPool<const AXES: usize, const DIMS: usize> {
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

/// The largest value of each window of `[steps, features]`, as Keras's `MaxPooling1D`.
pub type MaxPool1d = MaxPool<1, 2>;

/// The largest value of each window of `[height, width, channels]`, as Keras's `MaxPooling2D`.
pub type MaxPool2d = MaxPool<2, 3>;

/// The largest value of each window of `[depth, height, width, channels]`, as Keras's `MaxPooling3D`.
pub type MaxPool3d = MaxPool<3, 4>;

impl<const AXES: usize, const DIMS: usize> MaxPool<AXES, DIMS> {
    fn geometry(&self) -> Geometry {
        Geometry::new(&self.input, &self.output, &self.size, &self.stride, &self.padding)
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
    /// If windows overlap or have several planes, or for [`Store::Add`].
    pub fn backward_in_place(&self, n: usize, dy: &[f32], x: &mut [f32], store: impl Into<Store>) {
        let geometry = self.geometry();
        check("dy", dy, n, &self.output);
        check("x", x, n, &self.input);
        max_pool_in_place::max_backward_in_place(&geometry, n, dy, x, store.into());
    }
}
