//! One value for each channel of all places.

use crate::kernels::reduce::places as pool;
use crate::layers::check;
use crate::tensor::exact::product;
use crate::tensor::param::{Store, Write};

/// The mean of each channel over all places: `[.., channels]` to `[channels]`.
///
/// It is written by its names for one, two and three axes before the channels, which are `DIMS` with them.
#[derive(Clone, Copy, Debug)]
pub struct GlobalAvgPool<const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
}

/// The mean of each feature over `[steps, features]`, as Keras's `GlobalAveragePooling1D`.
pub type GlobalAvgPool1d = GlobalAvgPool<2>;

/// The mean of each channel over `[height, width, channels]`, as Keras's `GlobalAveragePooling2D`.
pub type GlobalAvgPool2d = GlobalAvgPool<3>;

/// The mean of each channel over `[depth, height, width, channels]`, as Keras's `GlobalAveragePooling3D`.
pub type GlobalAvgPool3d = GlobalAvgPool<4>;

impl<const DIMS: usize> GlobalAvgPool<DIMS> {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let (places, channels) = places(&self.input);
        check("x", x, n, &self.input);
        check("y", y, n, &[channels]);
        pool::avg_forward(places, channels, x, y);
    }

    /// Computes the gradient by the input: the same for every place.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        let (places, channels) = places(&self.input);
        check("dy", dy, n, &[channels]);
        check("dx", dx, n, &self.input);
        pool::avg_backward(places, channels, dy, dx, store.into());
    }
}

/// The largest value of each channel of all places: `[.., channels]` to `[channels]`.
///
/// It is written by its names for one, two and three axes before the channels, which are `DIMS` with them.
#[derive(Clone, Copy, Debug)]
pub struct GlobalMaxPool<const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
}

/// The largest value of each feature over `[steps, features]`, as Keras's `GlobalMaxPooling1D`.
pub type GlobalMaxPool1d = GlobalMaxPool<2>;

/// The largest value of each channel over `[height, width, channels]`, as Keras's `GlobalMaxPooling2D`.
pub type GlobalMaxPool2d = GlobalMaxPool<3>;

/// The largest value of each channel over `[depth, height, width, channels]`, as Keras's `GlobalMaxPooling3D`.
pub type GlobalMaxPool3d = GlobalMaxPool<4>;

impl<const DIMS: usize> GlobalMaxPool<DIMS> {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let (places, channels) = places(&self.input);
        check("x", x, n, &self.input);
        check("y", y, n, &[channels]);
        pool::max_forward(places, channels, x, y);
    }

    /// Computes the gradient by the input: equal values share it equally, as in TensorFlow's `reduce_max`.
    pub fn backward_input(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        let (places, channels) = places(&self.input);
        check("x", x, n, &self.input);
        check("y", y, n, &[channels]);
        check("dy", dy, n, &[channels]);
        check("dx", dx, n, &self.input);
        pool::extreme_backward((places, channels), x, y, dy, dx, write);
    }
}

/// Places and channels of a sample.
fn places(input: &[usize]) -> (usize, usize) {
    input.split_last().map_or((1, 1), |(channels, extents)| (product(extents), *channels))
}
