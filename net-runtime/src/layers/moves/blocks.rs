//! Blocks of pixels as channels, and channels as blocks of pixels.

use crate::kernels::elementwise::strided::Strided;
use crate::layers::check;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Blocks of `block` x `block` pixels as one pixel each, as TensorFlow's `space_to_depth`: `[height, width, channels]` to
/// `[height / block, width / block, block² · channels]`, in which the channels of a block's pixels follow each other row by row.
///
/// # In `network!`
///
/// `SpaceToDepth(block)` on `[height, width, channels]`. There are no weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Larger(image: [16, 16, 3]) -> (picture: [32, 32, 3], small: [8, 8, 12]) {
///         // Four times as many channels, then of each pixel a block of 2x2.
///         let picture = image -> Conv2d(12, 3, padding = same) -> DepthToSpace(2);
///         let small = image -> SpaceToDepth(2);
///     }
/// }
/// assert_eq!(Larger::PARAMETERS, 27 * 12 + 12);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SpaceToDepth {
    /// `[height, width, channels]`, of which the first two are multiples of the block.
    pub input: [usize; 3],
    /// Rows and columns of a block.
    pub block: usize,
}

impl SpaceToDepth {
    fn strided(&self) -> Strided {
        let ([height, width, channels], block) = (self.input, self.block);
        let line = product(&[width, channels]);
        let dims = [height / block, width / block, block, block, channels];
        let strides = [product(&[block, line]), product(&[block, channels]), line, channels, 1];
        Strided::new(product(&[height, line]), 0, &dims, &strides.map(|stride| stride as isize))
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, &self.input);
        check("y", y, n, &self.input);
        self.strided().forward(x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &self.input);
        check("dx", dx, n, &self.input);
        self.strided().backward(dy, dx, store.into());
    }
}

/// The channels of each pixel as a block of `block` x `block` pixels, as TensorFlow's `depth_to_space`: `[height, width, channels]` to
/// `[height · block, width · block, channels / block²]`; the reverse of [`SpaceToDepth`].
///
/// Shi et al. 2016 ("sub-pixel convolution") and PyTorch's `PixelShuffle` have the channels of one pixel of the block side by side
/// where these are those of one result channel: there the channel is c · block² + i, here i · channels + c.
///
/// In `network!`: `DepthToSpace(block)` on `[height, width, channels]`. There are no weights. The example is at [`SpaceToDepth`].
#[derive(Clone, Copy, Debug)]
pub struct DepthToSpace {
    /// `[height, width, channels]`, of which the last is a multiple of the block's pixels.
    pub input: [usize; 3],
    /// Rows and columns of a block.
    pub block: usize,
}

impl DepthToSpace {
    fn strided(&self) -> Strided {
        let ([height, width, depth], block) = (self.input, self.block);
        let channels = depth / product(&[block, block]);
        let dims = [height, block, width, block, channels];
        let strides = [product(&[width, depth]), product(&[block, channels]), depth, channels, 1];
        Strided::new(product(&self.input), 0, &dims, &strides.map(|stride| stride as isize))
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, &self.input);
        check("y", y, n, &self.input);
        self.strided().forward(x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &self.input);
        check("dx", dx, n, &self.input);
        self.strided().backward(dy, dx, store.into());
    }
}
