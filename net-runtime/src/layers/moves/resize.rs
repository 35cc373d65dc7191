//! Images of another size.

use crate::kernels::resize as kernel;
use crate::layers::check;
use crate::tensor::param::Write;

/// How a value between pixels is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The pixel that it lies in.
    Nearest,
    /// By the two nearest pixels on each axis, linearly.
    Bilinear,
    /// By the four nearest pixels on each axis, by the cubic of Keys 1981 (a = -0.5), whose factors TensorFlow rounds to
    /// those of 1,024 places between two pixels; pixels outside of the image have no weight.
    Bicubic,
}

/// An image of another size, as Keras's `Resizing` and `UpSampling2D(interpolation="bilinear")`, TensorFlow's `image.resize`: the centre of
/// pixel i of the result is at (i + ½) · (old / new) - ½ of the operand's pixels, without an average where it becomes smaller.
///
/// # In `network!`
///
/// `Resize(height, width, interpolation = bilinear)`, or `nearest` or `bicubic`: `[.., .., channels]` to
/// `[height, width, channels]`. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Thumbnail(photo: [90, 120, 3]) -> (small: [24, 32, 3]) {
///         let small = photo -> Resize(24, 32);
///     }
/// }
/// assert_eq!(Thumbnail::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Resize {
    /// `[height, width, channels]`
    pub input: [usize; 3],
    /// `[height, width, channels]`
    pub output: [usize; 3],
    /// How a value between pixels is found.
    pub interpolation: Interpolation,
}

impl Resize {
    fn image(&self) -> kernel::Image {
        let Self { input, output, interpolation } = *self;
        let method = match interpolation {
            Interpolation::Nearest => kernel::Method::Nearest,
            Interpolation::Bilinear => kernel::Method::Linear,
            Interpolation::Bicubic => kernel::Method::Cubic,
        };
        let axis = |axis: usize| kernel::Axis { input: input[axis], output: output[axis], method };
        kernel::Image { rows: axis(0), columns: axis(1), channels: input[2] }
    }

    fn check(&self, n: usize, [x, y]: [(&str, &[f32]); 2]) {
        check(x.0, x.1, n, &self.input);
        check(y.0, y.1, n, &[self.output[0], self.output[1], self.input[2]]);
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check(n, [("x", x), ("y", y)]);
        self.image().forward(x, y);
    }

    /// Computes the gradient by the input: each pixel has that of all it was used for, by the same factors.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        self.check(n, [("dx", dx), ("dy", dy)]);
        self.image().backward(dy, dx, write);
    }
}
