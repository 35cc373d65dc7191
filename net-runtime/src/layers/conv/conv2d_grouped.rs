//! Grouped two-dimensional convolution.

use crate::kernels::axis::Axis;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::{conv2d, conv2d_weights};
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::layers::conv::conv2d::Conv2d;
use crate::layers::{check, check_gradients, check_weights};
use crate::memory::packed::Portion;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::{Kernel, KernelGradient};
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::{Param, Store, Write};

/// Convolutions side by side: the channels of the input and of the result are cut into as many groups, and each group of the result
/// is a [`Conv2d`] of its group of the input alone, as with Keras's and PyTorch's `groups` (Xie et al., "Aggregated Residual
/// Transformations for Deep Neural Networks", 2017). So its kernel has the input channels of one group.
#[derive(Clone, Copy, Debug)]
pub struct Conv2dGrouped {
    layer: Conv2d,
    groups: usize,
}

impl Conv2d {
    /// The same with channels in groups.
    ///
    /// # Panics
    ///
    /// If the channels of the input or of the result are no multiple of their number.
    pub const fn grouped(self, groups: usize) -> Conv2dGrouped {
        let whole = groups > 0 && self.input[2].is_multiple_of(groups) && self.output[2].is_multiple_of(groups);
        assert!(whole, "channels are no multiple of their groups");
        Conv2dGrouped { layer: self, groups }
    }
}

impl Conv2dGrouped {
    /// Channels of one group, of the input and of the result.
    fn channels(&self) -> [usize; 2] {
        [self.layer.input[2], self.layer.output[2]].map(|channels| channels / self.groups)
    }

    /// Dimensions of the kernel.
    fn kernel_dims(&self) -> [usize; 4] {
        let [rows, columns] = self.layer.kernel;
        [rows, columns, self.channels()[0], self.layer.output[2]]
    }

    /// That of each group, whose pixels have those of the others between them.
    fn geometry(&self) -> Geometry {
        let Conv2d { input, output, kernel, stride, dilation, padding } = self.layer;
        let axes = Axis::pair(input, output, kernel, stride, dilation, padding);
        let all = Geometry::dense(axes, input[2], output[2]);
        let [inputs, outputs] = self.channels();
        Geometry { inputs, outputs, ..all }
    }

    /// Weights of one group.
    fn weights(&self) -> usize {
        let [rows, columns] = self.layer.kernel;
        let [inputs, outputs] = self.channels();
        product(&[rows, columns, inputs, outputs])
    }

    /// Copies the weights of a group, which are some columns of all.
    fn gather(&self, kernel: &Param, group: usize, weights: &mut [f32]) {
        let (all, [_, outputs]) = (self.layer.output[2], self.channels());
        for (weights, row) in weights.chunks_exact_mut(outputs).zip(kernel.values().chunks_exact(all)) {
            weights.copy_from_slice(&row[group * outputs..][..outputs]);
        }
    }

    /// Computes `y` from `x`, with a kernel `[height, width, in / groups, out]` and a bias `[out]`.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl Kernel,
        activation: Activation,
        y: &mut [f32],
        scratch: &mut Scratch,
    ) {
        check("x", x, n, &self.layer.input);
        check("y", y, n, &self.layer.output);
        check_weights(weights, &self.kernel_dims());
        let (geometry, [inputs, outputs]) = (self.geometry(), self.channels());
        let number = scratch.packs.current();
        let mut memory = std::mem::take(&mut scratch.steps);
        for group in 0..if n == 0 { 0 } else { self.groups } {
            let own = memory.take(self.weights());
            self.gather(weights.kernel(), group, own);
            let bias = weights.bias().map(|bias| &bias.values()[group * outputs..][..outputs]);
            let y = (&mut y[group * outputs..]).into();
            scratch.packs.compute_with(number);
            let kernel = Portion::new(weights.kernel(), group, own);
            conv2d::forward(&geometry, n, &x[group * inputs..], kernel, Epilogue { bias, activation }, y, scratch);
        }
        scratch.steps = memory;
    }

    /// Contributes to the gradients of kernel and bias; `dy` is before the activation.
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        gradients: &mut impl KernelGradient,
        scratch: &mut Scratch,
    ) {
        check("x", x, n, &self.layer.input);
        check("dy", dy, n, &self.layer.output);
        let (kernel, bias) = gradients.split();
        check_gradients(kernel, bias.as_deref(), &self.kernel_dims());
        let (geometry, [inputs, outputs]) = (self.geometry(), self.channels());
        let (values, write) = kernel.contribute();
        let mut bias = bias.map(Gradient::contribute);
        let mut memory = std::mem::take(&mut scratch.steps);
        for group in 0..self.groups {
            let own = memory.take(self.weights());
            let sums = bias.as_mut().map(|(bias, write)| (&mut bias[group * outputs..][..outputs], *write));
            let [x, dy] =
                [(x, inputs), (dy, outputs)].map(|(all, channels)| all.get(group * channels..).unwrap_or(&[]));
            let to = (&mut *own, Write::Set);
            conv2d_weights::backward_weights(&geometry, n, x, dy.into(), to, sums, scratch);
            for (own, row) in own.chunks_exact(outputs).zip(values.chunks_exact_mut(self.layer.output[2])) {
                put(write, &mut row[group * outputs..][..outputs], own.iter().copied());
            }
        }
        scratch.steps = memory;
    }

    /// Computes the gradient by the input; `dy` is before the activation.
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl Kernel,
        dy: &[f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        check("dy", dy, n, &self.layer.output);
        check("dx", dx, n, &self.layer.input);
        check_weights(weights, &self.kernel_dims());
        let (geometry, [inputs, outputs], store) = (self.geometry(), self.channels(), store.into());
        let number = scratch.packs.current();
        let mut memory = std::mem::take(&mut scratch.steps);
        for group in 0..if n == 0 { 0 } else { self.groups } {
            let own = memory.take(self.weights());
            self.gather(weights.kernel(), group, own);
            scratch.packs.compute_with(number);
            let kernel = Portion::new(weights.kernel(), group, own);
            let (dy, dx) = (&dy[group * outputs..], &mut dx[group * inputs..]);
            conv2d::backward_input(&geometry, n, kernel, dy.into(), dx, store, scratch);
        }
        scratch.steps = memory;
    }
}
