//! What the loops of a convolution depend on.

use super::max_pooled::Size;
use super::sweep::{Sweep, Window};
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::gemm::transpose::transpose;
use crate::kernels::simd::MOST_LANES;
use crate::parallel;
use crate::tensor::exact::product;

/// Everything a convolution's loops depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub rows: Axis,
    pub columns: Axis,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// How the pixels of the input, and of its gradient, lie.
    pub image: Strides,
    /// How the pixels of the output, and of its gradient, lie.
    pub result: Strides,
}

/// What an output takes beside its own multiply-adds, as so many of them: 32x32 pixels of 3 channels to 16 filters, 3x3, took as long as
/// 0.9 million, and are 0.44.
const BESIDE: usize = 24;

impl Geometry {
    /// That of images whose pixels follow each other, as those of their outputs do.
    pub(crate) fn dense([rows, columns]: [Axis; 2], inputs: usize, outputs: usize) -> Self {
        let image = Strides::contiguous([rows.input, columns.input, inputs]);
        let result = Strides::contiguous([rows.output, columns.output, outputs]);
        Self { rows, columns, inputs, outputs, image, result }
    }

    /// Weights of one filter.
    pub(crate) fn patch(&self) -> usize {
        product(&[self.rows.size, self.columns.size, self.inputs])
    }

    /// The window that slides over the input.
    pub(super) fn window(&self) -> Window {
        let [rows, columns] = [self.rows, self.columns].map(Sweep::from);
        Window { rows, columns, channels: self.inputs, strides: self.image }
    }

    /// The window of the convolution of stride 1 over the gradient of the outputs that is the gradient of the input, if there is one: a
    /// stride has several.
    pub(super) fn gradient_window(&self) -> Option<Window> {
        let Self { rows, columns, outputs, result, .. } = *self;
        let sweep = |axis: Axis| Phase::new(axis, 0).sweep;
        let window = Window { rows: sweep(rows), columns: sweep(columns), channels: outputs, strides: result };
        (rows.stride == 1 && columns.stride == 1).then_some(window)
    }

    /// Height, width and channels of the inputs.
    pub(super) fn input_size(&self) -> Size {
        [self.rows.input, self.columns.input, self.inputs]
    }

    /// Whether the pixels of an input follow each other.
    pub(super) fn input_is_dense(&self) -> bool {
        let dense = Strides::contiguous(self.input_size());
        (self.image.pixel, self.image.line) == (dense.pixel, dense.line)
    }

    /// Whether a window is one pixel, each has an output, and all lie one after the other: they are the patches.
    pub(super) fn pixels_are_patches(&self) -> bool {
        let one_to_one =
            |axis: Axis| axis.size == 1 && axis.stride == 1 && axis.padding == 0 && axis.input == axis.output;
        one_to_one(self.rows) && one_to_one(self.columns) && self.image == Strides::contiguous(self.input_size())
    }

    /// Whether the pixels of all results follow each other.
    pub(super) fn results_follow(&self) -> bool {
        self.result == Strides::contiguous(self.size())
    }

    /// Whether the pixels of the results of so many images are equally far apart.
    pub(super) fn result_is_dense(&self, n: usize) -> bool {
        let [height, width, _] = self.size();
        let Strides { pixel, line, image } = self.result;
        line == width * pixel && (n <= 1 || image == height * line)
    }

    /// Height, width and channels of the outputs.
    pub(crate) fn size(&self) -> Size {
        [self.rows.output, self.columns.output, self.outputs]
    }

    /// Its multiply-adds, by which tests choose their sizes.
    #[cfg(test)]
    pub(crate) fn multiply_adds(&self, n: usize) -> usize {
        let factors = [self.rows.output, self.columns.output, self.patch(), self.outputs];
        factors.into_iter().fold(n, usize::saturating_mul)
    }

    /// Whether threads pay for the multiply-adds and what is beside them, or, where these are few, for going through the image.
    pub(super) fn pays(&self, n: usize) -> bool {
        let image = self.rows.input * self.columns.input * self.inputs;
        parallel::pays(self.work(n)) || parallel::elements_pay(n * image)
    }

    /// How long it takes, in multiply-adds: those of vectors that are partly empty count, and so do places, borders and writing.
    pub(super) fn work(&self, n: usize) -> usize {
        // A matter of time, not of memory: more than can be counted is much.
        let filters = self.outputs.next_multiple_of(MOST_LANES);
        let factors = [self.rows.output, self.columns.output, self.patch().saturating_add(BESIDE), filters];
        factors.into_iter().fold(n, usize::saturating_mul)
    }
}

/// The positions of an input whose distance from each other is the stride: their gradient is a convolution of stride 1
/// over the gradient of the outputs, with some taps of the kernel in reverse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    pub sweep: Sweep,
    /// The first position.
    pub first: usize,
    /// The tap of the kernel that comes first in that convolution, and the distance of the others before it.
    tap: usize,
    tap_step: usize,
}

impl Phase {
    pub fn new(axis: Axis, first: usize) -> Self {
        let Axis { input, output, size, stride, dilation, padding } = axis;
        let count = input.saturating_sub(first).div_ceil(stride);
        // Tap t of output o lies at o * stride + t * dilation - padding, so it reaches this phase if first + padding -
        // t * dilation is a multiple of the stride: every so many taps do, and their outputs are so far apart.
        let common = greatest_common_divisor(stride, dilation);
        let (tap_step, output_step) = (stride / common, dilation / common);
        let distance = |tap: usize| (first + padding) as isize - (tap * dilation) as isize;
        let least = (0..tap_step.min(size)).find(|&tap| distance(tap).rem_euclid(stride as isize) == 0);
        let (taps, last) = match least {
            Some(least) => {
                let taps = (size - least).div_ceil(tap_step);
                (taps, least + (taps - 1) * tap_step)
            }
            None => (0, 0),
        };
        let start = distance(last).div_euclid(stride as isize);
        let sweep = Sweep { input: output, output: count, taps, start, stride: 1, dilation: output_step };
        Self { sweep, first, tap: last, tap_step }
    }

    /// The tap of the kernel that is number `index` in the convolution.
    pub fn tap(self, index: usize) -> usize {
        self.tap - index * self.tap_step
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// `[tap, input, output]` as `[tap, output, input]`.
pub(super) fn transpose_taps(kernel: &[f32], [inputs, outputs]: [usize; 2], transposed: &mut [f32]) {
    let taps = kernel.chunks_exact(inputs * outputs).zip(transposed.chunks_exact_mut(inputs * outputs));
    taps.for_each(|(kernel, transposed)| transpose(kernel, inputs, transposed, inputs));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::FORK_AWAKE;

    #[test]
    fn what_is_beside_multiply_adds_counts() {
        let work = |side: usize, size: usize, [inputs, outputs]: [usize; 2]| {
            let axis = Axis { input: side, output: side, size, stride: 1, dilation: 1, padding: size / 2 };
            let geometry = Geometry::dense([axis, axis], inputs, outputs);
            (geometry.work(1) / FORK_AWAKE, geometry.multiply_adds(1) / FORK_AWAKE)
        };
        // Three channels to sixteen filters, of which the last vector may be almost empty; and where there is much to multiply, that is all.
        assert_eq!(work(32, 3, [3, 16]), (3, 1));
        assert_eq!(work(32, 3, [3, 1]), (3, 0));
        assert_eq!(work(4, 1, [16, 16]), (0, 0));
        let (work, multiply_adds) = work(16, 3, [256, 256]);
        assert!(work < multiply_adds * 102 / 100, "{work}, {multiply_adds}");
    }
}
