//! A border around steps, images and volumes: of zeros, or taken away.

use crate::kernels::elementwise::border::Border;
use crate::layers::check;
use crate::tensor::param::Store;

/// Zeros before the first place and behind the last of each of `AXES` axes before the channels.
///
/// It is written by its names for one, two and three axes; `DIMS` is one more than `AXES`.
///
/// # In `network!`
///
/// `ZeroPad1d(padding)`, `ZeroPad2d(padding)`, `ZeroPad3d(padding)`: a number for all sides; of steps `(before, behind)`; of images
/// `(rows, columns)` or `((above, below), (left, right))`, of volumes the same with the planes first. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Frame(x: [5, 2], image: [8, 8, 1], volume: [4, 4, 4, 1])
///         -> (steps: [8, 2], pixels: [10, 12, 1], voxels: [4, 4, 2, 1])
///     {
///         let steps = x -> ZeroPad1d((3, 0));
///         let pixels = image -> ZeroPad2d((1, 2));
///         let voxels = volume -> ZeroPad3d(1) -> Crop3d(((1, 1), (1, 1), (2, 2)));
///     }
/// }
/// assert_eq!(Frame::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ZeroPad<const AXES: usize, const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
    /// For each axis, how many zeros before and behind: `[[top, bottom], [left, right]]` of an image.
    pub padding: [[usize; 2]; AXES],
}

/// Steps of zeros before and behind `[steps, features]`, as Keras's `ZeroPadding1D`.
///
/// In `network!`: `ZeroPad1d(padding)`; the example is at [`ZeroPad`].
pub type ZeroPad1d = ZeroPad<1, 2>;

/// Rows and columns of zeros around `[height, width, channels]`, as Keras's `ZeroPadding2D`.
///
/// In `network!`: `ZeroPad2d(padding)`; the example is at [`ZeroPad`].
pub type ZeroPad2d = ZeroPad<2, 3>;

/// Planes, rows and columns of zeros around `[depth, height, width, channels]`, as Keras's `ZeroPadding3D`.
///
/// In `network!`: `ZeroPad3d(padding)`; the example is at [`ZeroPad`].
pub type ZeroPad3d = ZeroPad<3, 4>;

impl<const AXES: usize, const DIMS: usize> ZeroPad<AXES, DIMS> {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let border = Border::new(&self.input, &self.padding);
        check("x", x, n, &self.input);
        check("y", y, n, &[border.len()]);
        border.add(x, y, Store::Set);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        let border = Border::new(&self.input, &self.padding);
        check("dy", dy, n, &[border.len()]);
        check("dx", dx, n, &self.input);
        border.remove(dy, dx, store.into());
    }
}

/// What is left without the first and the last places of each of `AXES` axes before the channels.
///
/// It is written by its names for one, two and three axes; `DIMS` is one more than `AXES`.
///
/// # In `network!`
///
/// `Crop1d(cropping)`, `Crop2d(cropping)`, `Crop3d(cropping)`, written as the padding of [`ZeroPad`] is. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Middle(x: [5, 2], image: [8, 8, 1], volume: [4, 4, 4, 1])
///         -> (steps: [2, 2], pixels: [6, 5, 1], voxels: [2, 2, 2, 1])
///     {
///         let steps = x -> Crop1d((3, 0));
///         let pixels = image -> Crop2d(((2, 0), (1, 2)));
///         let voxels = volume -> Crop3d(1);
///     }
/// }
/// assert_eq!(Middle::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Crop<const AXES: usize, const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
    /// For each axis, how many places are taken away before and behind: `[[top, bottom], [left, right]]` of an image.
    pub cropping: [[usize; 2]; AXES],
}

/// `[steps, features]` without the first and the last steps, as Keras's `Cropping1D`.
///
/// In `network!`: `Crop1d(cropping)`; the example is at [`Crop`].
pub type Crop1d = Crop<1, 2>;

/// `[height, width, channels]` without rows and columns at its border, as Keras's `Cropping2D`.
///
/// In `network!`: `Crop2d(cropping)`; the example is at [`Crop`].
pub type Crop2d = Crop<2, 3>;

/// `[depth, height, width, channels]` without planes, rows and columns at its border, as Keras's `Cropping3D`.
///
/// In `network!`: `Crop3d(cropping)`; the example is at [`Crop`].
pub type Crop3d = Crop<3, 4>;

impl<const AXES: usize, const DIMS: usize> Crop<AXES, DIMS> {
    /// What is left, with what is taken away around it.
    fn border(&self) -> Border {
        let mut left = self.input;
        for (length, [before, behind]) in left.iter_mut().zip(self.cropping) {
            let rest = length.checked_sub(before).and_then(|rest| rest.checked_sub(behind));
            *length = rest.expect("no more is taken away than there is");
        }
        Border::new(&left, &self.cropping)
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let border = self.border();
        check("x", x, n, &self.input);
        check("y", y, n, &border.inner);
        border.remove(x, y, Store::Set);
    }

    /// Computes the gradient by the input: zero where it was taken away.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        let border = self.border();
        check("dy", dy, n, &border.inner);
        check("dx", dx, n, &self.input);
        border.add(dy, dx, store.into());
    }
}
