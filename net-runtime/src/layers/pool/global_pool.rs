//! One value for each channel of an image.

use crate::kernels::pool::windows as pool;
use crate::layers::check;
use crate::tensor::param::{Store, Write};

/// The mean of each channel, as Keras's `GlobalAveragePooling2D`: `[height, width, channels]` to `[channels]`.
#[derive(Clone, Copy, Debug)]
pub struct GlobalAvgPool2d {
    /// `[height, width, channels]`
    pub input: [usize; 3],
}

impl GlobalAvgPool2d {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let [height, width, channels] = self.input;
        check("x", x, n, &self.input);
        check("y", y, n, &[channels]);
        pool::global_avg_forward(height * width, channels, x, y);
    }

    /// Computes the gradient by the input: the same for every pixel.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        let [height, width, channels] = self.input;
        check("dy", dy, n, &[channels]);
        check("dx", dx, n, &self.input);
        pool::global_avg_backward(height * width, channels, dy, dx, store.into());
    }
}

/// The largest value of each channel, as Keras's `GlobalMaxPooling2D`: `[height, width, channels]` to `[channels]`.
#[derive(Clone, Copy, Debug)]
pub struct GlobalMaxPool2d {
    /// `[height, width, channels]`
    pub input: [usize; 3],
}

impl GlobalMaxPool2d {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let [height, width, channels] = self.input;
        check("x", x, n, &self.input);
        check("y", y, n, &[channels]);
        pool::global_max_forward(height * width, channels, x, y);
    }

    /// Computes the gradient by the input: equal values share it equally, as in TensorFlow's `reduce_max`.
    pub fn backward_input(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        let [height, width, channels] = self.input;
        check("x", x, n, &self.input);
        check("y", y, n, &[channels]);
        check("dy", dy, n, &[channels]);
        check("dx", dx, n, &self.input);
        pool::global_max_backward((height * width, channels), x, y, dy, dx, write);
    }
}
