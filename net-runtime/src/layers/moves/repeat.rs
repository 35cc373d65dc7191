//! Values that come several times.

use crate::kernels::elementwise::strided::Strided;
use crate::layers::check;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// The same features in each of `times` steps, as Keras's `RepeatVector`: `[features]` to `[times, features]`.
///
/// # In `network!`
///
/// `Repeat(times)`: `[features]` to `[times, features]`. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Decoder(code: [16]) -> (steps: [10, 3]) {
///         let steps = code -> Repeat(10) -> Lstm(16, sequences = true) -> Dense(3);
///     }
/// }
/// assert_eq!(Decoder::PARAMETERS, 4 * 16 * (16 + 16 + 1) + (16 * 3 + 3));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    /// Features.
    pub len: usize,
    /// Steps.
    pub times: usize,
}

impl Repeat {
    fn strided(&self) -> Strided {
        Strided::new(self.len, 0, &[self.times, self.len], &[0, 1])
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, &[self.len]);
        check("y", y, n, &[self.times, self.len]);
        self.strided().forward(x, y);
    }

    /// Computes the gradient by the input: the sum over all steps.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &[self.times, self.len]);
        check("dx", dx, n, &[self.len]);
        self.strided().backward(dy, dx, store.into());
    }
}

/// Each place several times along each of `AXES` axes before the channels: the nearest neighbour's value at a multiple of the size.
/// `UpSampling2d` with `interpolation = bilinear` is a [`Resize`](super::resize::Resize).
///
/// It is written by its names for one, two and three axes; `DIMS` is one more than `AXES`.
///
/// # In `network!`
///
/// `UpSampling1d(size = 2)`, `UpSampling2d(size = 2, interpolation = nearest)`, or `bilinear` or `bicubic`, and
/// `UpSampling3d(size = 2)`; a size of several parts is `(rows, columns)`. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Larger(x: [2, 1], image: [4, 4, 3], volume: [2, 2, 2, 1])
///         -> (steps: [6, 1], pixels: [8, 12, 3], smooth: [8, 8, 3], voxels: [4, 4, 4, 1])
///     {
///         let steps = x -> UpSampling1d(3);
///         let pixels = image -> UpSampling2d((2, 3));
///         let smooth = image -> UpSampling2d(interpolation = bilinear);
///         let voxels = volume -> UpSampling3d;
///     }
/// }
/// assert_eq!(Larger::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UpSampling<const AXES: usize, const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
    /// How often each place comes, on each axis.
    pub size: [usize; AXES],
}

/// Each step of `[steps, features]` several times, as Keras's `UpSampling1D`.
///
/// In `network!`: `UpSampling1d(size = 2)`; the example is at [`UpSampling`].
pub type UpSampling1d = UpSampling<1, 2>;

/// Each row and each column of `[height, width, channels]` several times, as Keras's `UpSampling2D`.
///
/// In `network!`: `UpSampling2d(size = 2, interpolation = nearest)`; the example is at [`UpSampling`].
pub type UpSampling2d = UpSampling<2, 3>;

/// Each plane, row and column of `[depth, height, width, channels]` several times, as Keras's `UpSampling3D`.
///
/// In `network!`: `UpSampling3d(size = 2)`; the example is at [`UpSampling`].
pub type UpSampling3d = UpSampling<3, 4>;

impl<const AXES: usize, const DIMS: usize> UpSampling<AXES, DIMS> {
    fn output(&self) -> [usize; DIMS] {
        let mut output = self.input;
        output.iter_mut().zip(self.size).for_each(|(len, times)| *len = product(&[*len, times]));
        output
    }

    /// Two axes of the output for each of the input, but for the channels.
    fn strided(&self) -> Strided {
        let (mut dims, mut strides) = ([1; 7], [0; 7]);
        let mut stride = self.input[AXES];
        (dims[2 * AXES], strides[2 * AXES]) = (stride, 1);
        for axis in (0..AXES).rev() {
            (dims[2 * axis], strides[2 * axis]) = (self.input[axis], stride as isize);
            dims[2 * axis + 1] = self.size[axis];
            stride = product(&[stride, self.input[axis]]);
        }
        Strided::new(stride, 0, &dims[..=2 * AXES], &strides[..=2 * AXES])
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, &self.input);
        check("y", y, n, &self.output());
        self.strided().forward(x, y);
    }

    /// Computes the gradient by the input: the sum over a place's copies.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &self.output());
        check("dx", dx, n, &self.input);
        self.strided().backward(dy, dx, store.into());
    }
}
