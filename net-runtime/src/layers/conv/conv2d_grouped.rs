//! Grouped two-dimensional convolution.

use crate::kernels::axis::Axis;
use crate::kernels::conv::depthwise;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::{conv2d, conv2d_weights, depthwise_weights};
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::simd::Isa;
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
///
/// Narrow groups are computed together, with zeros between them, which changes no finite result; an infinite number in one may make results of
/// others NaN.
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

/// Groups that are computed as one convolution, whose kernel has zeros from each group's channels to the results of the others: so vectors
/// are full where groups are narrow.
#[derive(Clone, Copy)]
struct Bundle {
    groups: usize,
    taps: usize,
    /// Channels of one group, of the input and of the result.
    channels: [usize; 2],
    /// Results of all groups.
    all: usize,
}

impl Bundle {
    /// Channels of the input and of the result.
    fn widths(&self) -> [usize; 2] {
        self.channels.map(|channels| channels * self.groups)
    }

    /// Weights, with those that are zero.
    fn weights(&self) -> usize {
        let [inputs, outputs] = self.widths();
        product(&[self.taps, inputs, outputs])
    }

    /// Where the weights of a tap, a group and a channel begin: in the kernel of all groups and in that of the bundle with this number.
    fn rows(self, bundle: usize) -> impl Iterator<Item = [usize; 2]> {
        let Self { groups, taps, channels: [inputs, outputs], all } = self;
        let [width, wide] = self.widths();
        let of_tap = (0..groups).flat_map(move |group| (0..inputs).map(move |input| (group, input)));
        (0..taps).flat_map(move |tap| {
            of_tap.clone().map(move |(group, input)| {
                let from = (tap * inputs + input) * all + (bundle * groups + group) * outputs;
                [from, (tap * width + group * inputs + input) * wide + group * outputs]
            })
        })
    }

    /// Copies the weights of a bundle, which are some columns of all.
    fn gather(&self, kernel: &[f32], bundle: usize, weights: &mut [f32]) {
        if self.groups > 1 {
            weights.fill(0.0);
        }
        let [_, outputs] = self.channels;
        for [from, to] in self.rows(bundle) {
            weights[to..to + outputs].copy_from_slice(&kernel[from..from + outputs]);
        }
    }

    /// Puts the gradient of a bundle where its weights are.
    fn scatter(&self, weights: &[f32], bundle: usize, (gradient, write): (&mut [f32], Write)) {
        let [_, outputs] = self.channels;
        for [to, from] in self.rows(bundle) {
            put(write, &mut gradient[to..to + outputs], weights[from..from + outputs].iter().copied());
        }
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

    /// As a convolution of each channel by itself, if that is what it is.
    fn depthwise(&self) -> Option<depthwise::Geometry> {
        let [rows, columns] = self.axes();
        let [inputs, outputs] = self.channels();
        (inputs == 1).then_some(depthwise::Geometry { rows, columns, channels: self.groups, multiplier: outputs })
    }

    fn axes(&self) -> [Axis; 2] {
        let Conv2d { input, output, kernel, stride, dilation, padding } = self.layer;
        Axis::pair(input, output, kernel, stride, dilation, padding)
    }

    /// What is computed together: groups that fill a vector, unless each has channels enough to be one by itself.
    fn bundle(&self) -> Bundle {
        let (lanes, channels) = (Isa::current().lanes(), self.channels());
        let most = if channels[0] < lanes { lanes / channels[1].max(1) } else { 1 };
        let groups = (1..=most).rev().find(|&count| self.groups.is_multiple_of(count)).unwrap_or(1);
        let Conv2d { kernel: [rows, columns], output, .. } = self.layer;
        Bundle { groups, taps: rows * columns, channels, all: output[2] }
    }

    /// That of each bundle, whose pixels have those of the others between them.
    fn geometry(&self, bundle: &Bundle) -> Geometry {
        let all = Geometry::dense(self.axes(), self.layer.input[2], self.layer.output[2]);
        let [inputs, outputs] = bundle.widths();
        Geometry { inputs, outputs, ..all }
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
        let (values, bias) = (weights.kernel().values(), weights.bias().map(Param::values));
        if let Some(geometry) = self.depthwise() {
            scratch.packs.compute_with(None);
            return depthwise::forward(&geometry, n, x, values, Epilogue { bias, activation }, y, scratch);
        }
        let bundle = self.bundle();
        let (geometry, [inputs, outputs]) = (self.geometry(&bundle), bundle.widths());
        let number = scratch.packs.current();
        let mut memory = std::mem::take(&mut scratch.steps);
        for index in 0..if n == 0 { 0 } else { self.groups / bundle.groups } {
            let own = memory.take(bundle.weights());
            bundle.gather(values, index, own);
            let bias = bias.map(|bias| &bias[index * outputs..][..outputs]);
            let y = (&mut y[index * outputs..]).into();
            scratch.packs.compute_with(number);
            let kernel = Portion::new(weights.kernel(), index, own);
            conv2d::forward(&geometry, n, &x[index * inputs..], kernel, Epilogue { bias, activation }, y, scratch);
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
        let (values, write) = kernel.contribute();
        let mut bias = bias.map(Gradient::contribute);
        if let Some(geometry) = self.depthwise() {
            return depthwise_weights::backward_weights(&geometry, n, x, dy, (values, write), bias, scratch);
        }
        let bundle = self.bundle();
        let (geometry, [inputs, outputs]) = (self.geometry(&bundle), bundle.widths());
        let mut memory = std::mem::take(&mut scratch.steps);
        for index in 0..self.groups / bundle.groups {
            let own = memory.take(bundle.weights());
            let sums = bias.as_mut().map(|(bias, write)| (&mut bias[index * outputs..][..outputs], *write));
            let [x, dy] =
                [(x, inputs), (dy, outputs)].map(|(all, channels)| all.get(index * channels..).unwrap_or(&[]));
            let to = (&mut *own, Write::Set);
            conv2d_weights::backward_weights(&geometry, n, x, dy.into(), to, sums, scratch);
            bundle.scatter(own, index, (&mut *values, write));
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
        let (values, store) = (weights.kernel().values(), store.into());
        if let Some(geometry) = self.depthwise() {
            scratch.packs.compute_with(None);
            return depthwise::backward_input(&geometry, n, values, dy, dx, store, scratch);
        }
        let bundle = self.bundle();
        let (geometry, [inputs, outputs]) = (self.geometry(&bundle), bundle.widths());
        let number = scratch.packs.current();
        let mut memory = std::mem::take(&mut scratch.steps);
        for index in 0..if n == 0 { 0 } else { self.groups / bundle.groups } {
            let own = memory.take(bundle.weights());
            bundle.gather(values, index, own);
            scratch.packs.compute_with(number);
            let kernel = Portion::new(weights.kernel(), index, own);
            let (dy, dx) = (&dy[index * outputs..], &mut dx[index * inputs..]);
            conv2d::backward_input(&geometry, n, kernel, dy.into(), dx, store, scratch);
        }
        scratch.steps = memory;
    }
}
