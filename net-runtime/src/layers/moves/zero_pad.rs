//! A border of zeros.

use crate::kernels::elementwise::copy;
use crate::layers::check;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Rows and columns of zeros around an image, as Keras's `ZeroPadding2D`.
#[derive(Clone, Copy, Debug)]
pub struct ZeroPad2d {
    /// `[height, width, channels]`
    pub input: [usize; 3],
    /// `[[top, bottom], [left, right]]`
    pub padding: [[usize; 2]; 2],
}

impl ZeroPad2d {
    fn border(&self) -> copy::Border {
        let [height, width, channels] = self.input;
        let [[top, bottom], [left, right]] = self.padding;
        copy::Border {
            rows: height,
            line: product(&[width, channels]),
            top,
            bottom,
            left: product(&[left, channels]),
            right: product(&[right, channels]),
        }
    }

    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        let border = self.border();
        check("x", x, n, &self.input);
        check("y", y, n, &[border.output()]);
        border.forward(x, y);
    }

    /// Computes the gradient by the input.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        let border = self.border();
        check("dy", dy, n, &[border.output()]);
        check("dx", dx, n, &self.input);
        border.backward(dy, dx, store.into());
    }
}
