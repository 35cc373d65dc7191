//! One value for each channel of all places.

use crate::kernels::reduce::places as pool;
use crate::layers::check;
use crate::tensor::exact::product;
use crate::tensor::param::{Store, Write};

/// The mean of each channel over all places: `[.., channels]` to `[channels]` (Lin, Chen, Yan, "Network in Network", 2013).
///
/// It is written by its names for one, two and three axes before the channels, which are `DIMS` with them.
///
/// # In `network!`
///
/// `GlobalAvgPool1d` on `[steps, features]`, `GlobalAvgPool2d` on `[height, width, channels]`, `GlobalAvgPool3d` on
/// `[depth, height, width, channels]`; each leaves the last axis. There are no weights. `(x, mask = m) -> GlobalAvgPool1d`, with a
/// mask of `[steps]`, counts the steps whose mask is not 0 ([`MaskedAvgPool1d`](crate::layers::MaskedAvgPool1d)).
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Means(text: u32[20], image: [8, 8, 3], volume: [4, 4, 4, 1]) -> (about: [6], colour: [3], brightest: [1]) {
///         let words = text -> Embedding(100, 6);
///         let there = text -> NotEqual(0);
///         let about = (words, mask = there) -> GlobalAvgPool1d;
///         let colour = image -> GlobalAvgPool2d;
///         let brightest = (volume -> GlobalAvgPool3d, volume -> GlobalMaxPool3d) -> Maximum;
///     }
/// }
/// let mut image = Batch::zeros(1);
/// image.data_mut()[..3].fill(64.0);
/// let (text, volume) = (Batch::zeros(1), Batch::zeros(1));
/// let inputs = MeansInputs { text: text.view(), image: image.view(), volume: volume.view() };
/// assert_eq!(Means::new(1).predict(inputs).unwrap().colour.data(), [1.0; 3]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GlobalAvgPool<const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
}

/// The mean of each feature over `[steps, features]`, as Keras's `GlobalAveragePooling1D`.
///
/// In `network!`: `GlobalAvgPool1d`; the example is at [`GlobalAvgPool`].
pub type GlobalAvgPool1d = GlobalAvgPool<2>;

/// The mean of each channel over `[height, width, channels]`, as Keras's `GlobalAveragePooling2D`.
///
/// In `network!`: `GlobalAvgPool2d`; the example is at [`GlobalAvgPool`].
pub type GlobalAvgPool2d = GlobalAvgPool<3>;

/// The mean of each channel over `[depth, height, width, channels]`, as Keras's `GlobalAveragePooling3D`.
///
/// In `network!`: `GlobalAvgPool3d`; the example is at [`GlobalAvgPool`].
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
///
/// # In `network!`
///
/// `GlobalMaxPool1d` on `[steps, features]`, `GlobalMaxPool2d` on `[height, width, channels]`, `GlobalMaxPool3d` on
/// `[depth, height, width, channels]`; each leaves the last axis. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Peaks(sound: [100, 2], image: [8, 8, 3], volume: [4, 4, 4, 1]) -> (loudest: [2], colour: [3], brightest: [1]) {
///         let loudest = sound -> GlobalMaxPool1d;
///         let colour = image -> GlobalMaxPool2d;
///         let brightest = volume -> GlobalMaxPool3d;
///     }
/// }
/// assert_eq!(Peaks::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GlobalMaxPool<const DIMS: usize> {
    /// Shape of a sample, the channels last.
    pub input: [usize; DIMS],
}

/// The largest value of each feature over `[steps, features]`, as Keras's `GlobalMaxPooling1D`.
///
/// In `network!`: `GlobalMaxPool1d`; the example is at [`GlobalMaxPool`].
pub type GlobalMaxPool1d = GlobalMaxPool<2>;

/// The largest value of each channel over `[height, width, channels]`, as Keras's `GlobalMaxPooling2D`.
///
/// In `network!`: `GlobalMaxPool2d`; the example is at [`GlobalMaxPool`].
pub type GlobalMaxPool2d = GlobalMaxPool<3>;

/// The largest value of each channel over `[depth, height, width, channels]`, as Keras's `GlobalMaxPooling3D`.
///
/// In `network!`: `GlobalMaxPool3d`; the example is at [`GlobalMaxPool`].
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
