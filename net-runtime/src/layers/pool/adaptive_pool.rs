//! Pools to a given number of places.

use crate::kernels::pool::windows::Geometry;
use crate::kernels::pool::{average, max};
use crate::layers::check;
use crate::tensor::param::Write;

/// The mean of each of `output` windows along each axis before the channels, which cover all places: window o goes from place
/// ⌊o · input / output⌋ to before ⌈(o + 1) · input / output⌉, as in Keras's `AdaptiveAveragePooling1D` and PyTorch.
///
/// It is written by its names for one, two and three axes before the channels, which are `DIMS` with them.
///
/// # In `network!`
///
/// `AdaptiveAvgPool1d(output)`, `AdaptiveAvgPool2d(output)`, `AdaptiveAvgPool3d(output)`: on `[steps, features]`,
/// `[height, width, channels]` and `[depth, height, width, channels]`, of which the last axis stays; `output` is the number of
/// places along each axis before it, one number or one for each axis. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Same(sound: [1000, 2], image: [50, 70, 3], volume: [9, 9, 9, 1])
///         -> (steps: [10, 2], pixels: [7, 7, 3], voxels: [2, 3, 3, 1])
///     {
///         let steps = sound -> AdaptiveAvgPool1d(10);
///         let pixels = image -> AdaptiveAvgPool2d(7);
///         let voxels = volume -> AdaptiveAvgPool3d((2, 3, 3));
///     }
/// }
/// assert_eq!(Same::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveAvgPool<const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
    /// The same of the output.
    pub output: [usize; DIMS],
}

/// [`AdaptiveAvgPool`] of `[steps, features]`, as Keras's `AdaptiveAveragePooling1D`.
///
/// In `network!`: `AdaptiveAvgPool1d(output)`; the example is there.
pub type AdaptiveAvgPool1d = AdaptiveAvgPool<2>;

/// [`AdaptiveAvgPool`] of `[height, width, channels]`, as Keras's `AdaptiveAveragePooling2D`.
///
/// In `network!`: `AdaptiveAvgPool2d(output)`; the example is there.
pub type AdaptiveAvgPool2d = AdaptiveAvgPool<3>;

/// [`AdaptiveAvgPool`] of `[depth, height, width, channels]`, as Keras's `AdaptiveAveragePooling3D`.
///
/// In `network!`: `AdaptiveAvgPool3d(output)`; the example is there.
pub type AdaptiveAvgPool3d = AdaptiveAvgPool<4>;

impl<const DIMS: usize> AdaptiveAvgPool<DIMS> {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let geometry = Geometry::adaptive(&self.input, &self.output);
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        average::forward(&geometry, x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        let geometry = Geometry::adaptive(&self.input, &self.output);
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        average::backward(&geometry, dy, dx, write);
    }
}

/// The largest value of each of the windows that [`AdaptiveAvgPool`] has, as in Keras's `AdaptiveMaxPooling1D` and PyTorch.
///
/// # In `network!`
///
/// `AdaptiveMaxPool1d(output)`, `AdaptiveMaxPool2d(output)`, `AdaptiveMaxPool3d(output)`: on `[steps, features]`,
/// `[height, width, channels]` and `[depth, height, width, channels]`, of which the last axis stays; `output` is the number of
/// places along each axis before it, one number or one for each axis. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Same(sound: [1000, 2], image: [50, 70, 3], volume: [9, 9, 9, 1])
///         -> (steps: [10, 2], pixels: [7, 7, 3], voxels: [2, 3, 3, 1])
///     {
///         let steps = sound -> AdaptiveMaxPool1d(10);
///         let pixels = image -> AdaptiveMaxPool2d(7);
///         let voxels = volume -> AdaptiveMaxPool3d((2, 3, 3));
///     }
/// }
/// assert_eq!(Same::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveMaxPool<const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
    /// The same of the output.
    pub output: [usize; DIMS],
}

/// [`AdaptiveMaxPool`] of `[steps, features]`, as Keras's `AdaptiveMaxPooling1D`.
///
/// In `network!`: `AdaptiveMaxPool1d(output)`; the example is there.
pub type AdaptiveMaxPool1d = AdaptiveMaxPool<2>;

/// [`AdaptiveMaxPool`] of `[height, width, channels]`, as Keras's `AdaptiveMaxPooling2D`.
///
/// In `network!`: `AdaptiveMaxPool2d(output)`; the example is there.
pub type AdaptiveMaxPool2d = AdaptiveMaxPool<3>;

/// [`AdaptiveMaxPool`] of `[depth, height, width, channels]`, as Keras's `AdaptiveMaxPooling3D`.
///
/// In `network!`: `AdaptiveMaxPool3d(output)`; the example is there.
pub type AdaptiveMaxPool3d = AdaptiveMaxPool<4>;

impl<const DIMS: usize> AdaptiveMaxPool<DIMS> {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let geometry = Geometry::adaptive(&self.input, &self.output);
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        max::forward(&geometry, x, y);
    }

    /// Computes the gradient by the input: among equal values the first of the window in row-major order gets all of it, as in
    /// PyTorch. Keras pools one axis after the other and takes the first of each.
    pub fn backward_input(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        let geometry = Geometry::adaptive(&self.input, &self.output);
        check("x", x, n, &self.input);
        check("y", y, n, &self.output);
        check("dy", dy, n, &self.output);
        check("dx", dx, n, &self.input);
        max::backward(&geometry, x, y, dy, dx, write);
    }
}
