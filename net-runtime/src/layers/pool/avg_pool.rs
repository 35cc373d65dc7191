//! The mean of each window.

use crate::kernels::pool::average;
use crate::kernels::pool::windows::Geometry;
use crate::layers::check;
use crate::tensor::param::Write;

/// y\[o, c\] = mean of x\[o · stride + t − padding, c\] over the places t of a window, on each of `AXES` axes before the channels;
/// padding does not count.
///
/// It is written by its names for one, two and three axes; `DIMS` is one more than `AXES`.
///
/// # In `network!`
///
/// `AvgPool1d(size = 2, stride = size, padding = valid)`, `AvgPool2d(size = 2, stride = size, padding = valid)`,
/// `AvgPool3d(size = 2, stride = size, padding = valid)`: on `[steps, features]`, `[height, width, channels]` and
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
///         let steps = x -> AvgPool1d;
///         let pixels = image -> AvgPool2d(3, stride = (2, 1), padding = same);
///         let voxels = volume -> AvgPool3d(3, stride = 2);
///     }
/// }
/// let x = Batch::from_vec((0..48).map(|i| i as f32).collect()).unwrap();
/// let (image, volume) = (Batch::zeros(1), Batch::zeros(1));
/// let found = Pools::new(1).predict(PoolsInputs { x: x.view(), image: image.view(), volume: volume.view() }).unwrap();
/// assert_eq!(found.steps.data()[..4], [2.0, 3.0, 4.0, 5.0]);
/// ```
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
///
/// In `network!`: `AvgPool1d(size = 2, stride = size, padding = valid)`; the example is at [`AvgPool`].
pub type AvgPool1d = AvgPool<1, 2>;

/// The mean of each window of `[height, width, channels]`, as Keras's `AveragePooling2D`.
///
/// In `network!`: `AvgPool2d(size = 2, stride = size, padding = valid)`; the example is at [`AvgPool`].
pub type AvgPool2d = AvgPool<2, 3>;

/// The mean of each window of `[depth, height, width, channels]`, as Keras's `AveragePooling3D`.
///
/// In `network!`: `AvgPool3d(size = 2, stride = size, padding = valid)`; the example is at [`AvgPool`].
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
        average::forward(&geometry, x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        let geometry = self.geometry();
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        average::backward(&geometry, dy, dx, write);
    }
}
