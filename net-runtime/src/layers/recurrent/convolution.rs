//! What a memory of images computes with: a convolution over one, two or three axes.

use crate::kernels::recurrent::cell::Cell;
use crate::kernels::recurrent::lstm;
use crate::layers::conv::conv2d::Conv2d;
use crate::layers::conv::conv3d::Conv3d;
use crate::layers::conv::one_kernel::OneKernel;
use crate::layers::conv::steps::Conv1d;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Write};

/// Gates of a cell.
pub(super) const GATES: usize = <lstm::Lstm as Cell>::GATES;

/// What is convolved, by the number of axes before the channels.
pub(super) trait Convolution: Copy {
    /// The image that goes in.
    fn input(&self) -> &[usize];
    /// The image that comes out; its channels are those of all gates.
    fn output(&self) -> &[usize];
    /// The convolution of hidden states with a window of that size, whose results are as large as they are.
    fn of_state(&self) -> Self;
    fn forward(&self, n: usize, x: &[f32], weights: &OneKernel<&Param>, y: &mut [f32], scratch: &mut Scratch);
    fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        gradients: &mut OneKernel<&mut Gradient>,
        scratch: &mut Scratch,
    );
    fn backward_input(
        &self,
        n: usize,
        weights: &OneKernel<&Param>,
        dy: &[f32],
        to: (&mut [f32], Write),
        scratch: &mut Scratch,
    );
}

macro_rules! convolution {
    ($layer:ident, $axes:literal) => {
        impl Convolution for $layer {
            fn input(&self) -> &[usize] {
                &self.input
            }

            fn output(&self) -> &[usize] {
                &self.output
            }

            fn of_state(&self) -> Self {
                let mut input = self.output;
                input[$axes] /= GATES;
                // As TensorFlow pads: of an even number of taps the one more is behind.
                let padding = self.kernel.map(|taps| taps.saturating_sub(1) / 2);
                Self { input, stride: [1; $axes], dilation: [1; $axes], padding, ..*self }
            }

            fn forward(&self, n: usize, x: &[f32], weights: &OneKernel<&Param>, y: &mut [f32], scratch: &mut Scratch) {
                self.forward(n, x, weights, Activation::Linear, y, scratch);
            }

            fn backward_weights(
                &self,
                n: usize,
                x: &[f32],
                dy: &[f32],
                gradients: &mut OneKernel<&mut Gradient>,
                scratch: &mut Scratch,
            ) {
                self.backward_weights(n, x, dy, gradients, scratch);
            }

            fn backward_input(
                &self,
                n: usize,
                weights: &OneKernel<&Param>,
                dy: &[f32],
                (dx, write): (&mut [f32], Write),
                scratch: &mut Scratch,
            ) {
                self.backward_input(n, weights, dy, dx, write, scratch);
            }
        }
    };
}

convolution!(Conv1d, 1);
convolution!(Conv2d, 2);
convolution!(Conv3d, 3);
