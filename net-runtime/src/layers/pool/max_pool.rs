//! The largest value of each window.

use crate::kernels::pool::windows::Geometry;
use crate::kernels::pool::{in_place, max};
use crate::layers::check;
use crate::tensor::param::{Store, Write};

/// y\[o, c\] = max of x\[o · stride + t − padding, c\] over the places t of a window, on each of `AXES` axes before the channels;
/// padding never wins, a NaN does.
///
/// It is written by its names for one, two and three axes; `DIMS` is one more than `AXES`.
///
/// # In `network!`
///
/// `MaxPool1d(size = 2, stride = size, padding = valid)`, `MaxPool2d(size = 2, stride = size, padding = valid)`,
/// `MaxPool3d(size = 2, stride = size, padding = valid)`: on `[steps, features]`, `[height, width, channels]` and
/// `[depth, height, width, channels]`, the last axis stays. A size of several parts is written as one number or as
/// `(rows, columns)`. With `padding = valid` a length becomes ⌊(length − size) / stride⌋ + 1, with `same` ⌈length / stride⌉. There
/// are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Pools(x: [12, 4], image: [29, 29, 3], volume: [8, 8, 8, 1])
///         -> (steps: [6, 4], pixels: [15, 29, 3], voxels: [3, 3, 3, 1])
///     {
///         let steps = x -> MaxPool1d;
///         let pixels = image -> MaxPool2d(3, stride = (2, 1), padding = same);
///         let voxels = volume -> MaxPool3d(3, stride = 2);
///     }
/// }
/// let x = Batch::from_vec((0..48).map(|i| i as f32).collect()).unwrap();
/// let (image, volume) = (Batch::zeros(1), Batch::zeros(1));
/// let found = Pools::new(1).predict(PoolsInputs { x: x.view(), image: image.view(), volume: volume.view() }).unwrap();
/// assert_eq!(found.steps.data()[..4], [4.0, 5.0, 6.0, 7.0]);
/// ```
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
///
/// In `network!`: `MaxPool1d(size = 2, stride = size, padding = valid)`; the example is at [`MaxPool`].
pub type MaxPool1d = MaxPool<1, 2>;

/// The largest value of each window of `[height, width, channels]`, as Keras's `MaxPooling2D`.
///
/// In `network!`: `MaxPool2d(size = 2, stride = size, padding = valid)`; the example is at [`MaxPool`].
pub type MaxPool2d = MaxPool<2, 3>;

/// The largest value of each window of `[depth, height, width, channels]`, as Keras's `MaxPooling3D`.
///
/// In `network!`: `MaxPool3d(size = 2, stride = size, padding = valid)`; the example is at [`MaxPool`].
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
        max::forward(&geometry, x, y);
    }

    /// Computes the gradient by the input: among equal values the first of the window in row-major order gets all of it,
    /// as in TensorFlow.
    pub fn backward_input(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        let geometry = self.geometry();
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        max::backward(&geometry, x, y, dy, dx, write);
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
        in_place::max_backward_in_place(&geometry, n, dy, x, store.into());
    }
}
