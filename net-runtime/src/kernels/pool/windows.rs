//! Windows of a pooling over up to three axes, channels last: which inputs an output has.

use crate::kernels::axis::Axis;
use crate::parallel::for_each_rows;
use crate::tensor::exact::product;

/// How far ahead inputs are asked for: a page, beyond which the processor does not look by itself.
pub(super) const AHEAD: usize = 1024;

/// Everything a pooling's loops depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// Planes of a volume; single in an image.
    pub planes: Axis,
    /// Rows; single where there are steps alone.
    pub rows: Axis,
    /// Columns, or steps.
    pub columns: Axis,
    pub channels: usize,
    /// Whether windows cover the input in as many parts as there are outputs, instead of sliding over it.
    pub adaptive: bool,
}

/// The inputs of one output in a sample, without the padding.
#[derive(Clone, Copy)]
pub(super) struct Window {
    /// Where the first one begins.
    pub first: usize,
    /// Planes, rows and columns.
    pub size: [usize; 3],
    /// Distance of two of its planes, of two rows, and of two neighbours in a row.
    pub steps: [usize; 3],
}

impl Window {
    pub(super) fn len(self) -> usize {
        self.size.iter().product()
    }

    /// Where the last input begins.
    pub(super) fn last(self) -> usize {
        self.first + (0..3).map(|axis| (self.size[axis] - 1) * self.steps[axis]).sum::<usize>()
    }
}

impl Geometry {
    /// Windows over samples whose shapes have the channels last, and before them at most three axes.
    ///
    /// # Panics
    ///
    /// As [`Axis::check`].
    pub fn new(input: &[usize], output: &[usize], size: &[usize], stride: &[usize], padding: &[usize]) -> Self {
        let mut axes = [Axis::SINGLE; 3];
        let absent = axes.len() - size.len();
        for (axis, place) in axes[absent..].iter_mut().enumerate() {
            *place = Axis {
                input: input[axis],
                output: output[axis],
                size: size[axis],
                stride: stride[axis],
                dilation: 1,
                padding: padding[axis],
            };
        }
        let [planes, rows, columns] = axes;
        let geometry = Self { planes, rows, columns, channels: input[size.len()], adaptive: false };
        geometry.check();
        geometry
    }

    /// Windows of nearly equal extents that cover all samples of these shapes, with the channels last.
    pub fn adaptive(input: &[usize], output: &[usize]) -> Self {
        let axes = input.len() - 1;
        let ones = [1; 3];
        Self { adaptive: true, ..Self::new(input, output, &ones[..axes], &ones[..axes], &[0; 3][..axes]) }
    }

    /// The first input of an output along an axis, without the padding, and how many there are.
    #[inline(always)]
    pub(super) fn inputs(&self, axis: Axis, output: usize) -> (usize, usize) {
        if self.adaptive {
            let first = output * axis.input / axis.output;
            return (first, ((output + 1) * axis.input).div_ceil(axis.output) - first);
        }
        let taps = axis.taps(output);
        assert!(!taps.is_empty(), "every window has an input that is not padding");
        (output * axis.stride + taps.start * axis.dilation - axis.padding, taps.len())
    }

    pub(super) fn output_row(&self) -> usize {
        self.columns.output * self.channels
    }

    /// Length of a sample of the output.
    pub fn output(&self) -> usize {
        product(&[self.planes.output, self.rows.output, self.columns.output, self.channels])
    }

    /// Length of a sample of the input.
    pub fn input(&self) -> usize {
        product(&[self.planes.input, self.rows.input, self.columns.input, self.channels])
    }

    /// Checks what positions and places of inputs are computed from.
    ///
    /// # Panics
    ///
    /// If they might wrap.
    fn check(&self) {
        for axis in [self.planes, self.rows, self.columns] {
            axis.check();
            let _ = product(&[axis.input, axis.output + 1]);
        }
        let _ = (self.input(), self.output());
    }

    /// The inputs of an output in a row of windows, of which rows are counted through all planes.
    #[inline(always)]
    pub(super) fn window(&self, row: usize, column: usize) -> Window {
        let Self { planes, rows, columns, channels, .. } = *self;
        let outputs = [row / rows.output, row % rows.output, column];
        let line = columns.input * channels;
        let (mut first, mut size, mut steps) = (0, [0; 3], [rows.input * line, line, channels]);
        for (place, axis) in [planes, rows, columns].into_iter().enumerate() {
            let (start, len) = self.inputs(axis, outputs[place]);
            first += start * steps[place];
            size[place] = len;
            steps[place] *= axis.dilation;
        }
        Window { first, size, steps }
    }

    /// Checks the geometry, and calls `work(x, row, y)` for every row of the output, counted through all planes, with the sample that it is computed from.
    pub(super) fn for_each_row(&self, x: &[f32], y: &mut [f32], work: impl Fn(&[f32], usize, &mut [f32]) + Sync) {
        self.check();
        let rows = self.planes.output * self.rows.output;
        for_each_rows(y, self.output_row(), |first, y| {
            for (index, y) in y.chunks_exact_mut(self.output_row()).enumerate() {
                let (sample, row) = ((first + index) / rows, (first + index) % rows);
                work(&x[sample * self.input()..][..self.input()], row, y);
            }
        });
    }

    /// Checks the geometry, and calls `work(sample, dx)` for every sample.
    pub(super) fn for_each_sample(&self, dx: &mut [f32], work: impl Fn(usize, &mut [f32]) + Sync) {
        self.check();
        for_each_rows(dx, self.input(), |first, dx| {
            for (index, dx) in dx.chunks_exact_mut(self.input()).enumerate() {
                work(first + index, dx);
            }
        });
    }

    /// Sets what the gradients of a row of windows are added to, behind `zeroed` floats for the rows before it, to zeros; returns where that ends.
    pub(super) fn zero(&self, row: usize, zeroed: usize, dx: &mut [f32]) -> usize {
        let end = self.end(row).max(zeroed);
        dx[zeroed..end].fill(0.0);
        end
    }

    /// Where the inputs of a row of windows and of those before it end in a sample.
    fn end(&self, row: usize) -> usize {
        let end = |axis: Axis, output: usize| {
            let (first, len) = self.inputs(axis, output);
            first + (len - 1) * axis.dilation + 1
        };
        let (plane, row) = (row / self.rows.output, row % self.rows.output);
        let rows = (end(self.planes, plane) - 1) * self.rows.input + end(self.rows, row);
        rows * self.columns.input * self.channels
    }
}

/// An axis without dilation, as tests list them.
#[cfg(test)]
pub(super) fn axis([input, output, size, stride, padding]: [usize; 5]) -> Axis {
    Axis { input, output, size, stride, dilation: 1, padding }
}
