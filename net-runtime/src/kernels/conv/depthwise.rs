//! Depthwise convolution, channels last: every channel by itself, so that a vector of channels is multiplied by a vector of
//! weights. A few neighbouring outputs are in registers at once, to use each vector of weights for all of them; what they read
//! lies where the image does, and only the taps that are inside are read, so that no border of zeros is made. Where a line of the
//! window has three or five neighbouring taps, as nearly all have, each vector of the image is read once for all of them, too.
//!
//! The gradient of the input is the same over the gradient of the outputs, with some taps in reverse, one such convolution for
//! each phase of the stride. With a multiplier, each channel stands for so many: it is written side by side first.

mod line;

use std::ops::Range;

use self::line::{Line, Taps};
use super::bands::{band_rows, for_each_band};
use super::geometry::Phase;
use super::sweep::Sweep;
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::elementwise::arithmetic;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::simd::Isa;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Floats of an image that stay in a near cache until the next line is computed.
const NEAR: usize = 32 << 10;

/// Everything the loops of a depthwise convolution depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub rows: Axis,
    pub columns: Axis,
    /// Channels of the input.
    pub channels: usize,
    /// Channels of the output for each of them.
    pub multiplier: usize,
}

impl Geometry {
    /// Channels of the output.
    pub fn outputs(&self) -> usize {
        product(&[self.channels, self.multiplier])
    }

    /// Height, width and channels of the input.
    pub(super) fn input(&self) -> [usize; 3] {
        [self.rows.input, self.columns.input, self.channels]
    }

    /// Height, width and channels of the output.
    pub(super) fn output(&self) -> [usize; 3] {
        [self.rows.output, self.columns.output, self.outputs()]
    }

    /// Number of taps, one for each channel of the output.
    pub(super) fn weights(&self) -> usize {
        product(&[self.rows.size, self.columns.size, self.outputs()])
    }

    /// Whether threads pay for the multiply-adds, or for going through the image.
    pub(super) fn pays(&self, n: usize) -> bool {
        let [height, width, _] = self.output();
        let multiply_adds = [height, width, self.weights()].into_iter().fold(n, usize::saturating_mul);
        parallel::pays(multiply_adds) || parallel::elements_pay(n.saturating_mul(product(&self.input())))
    }

    /// The window that slides over the input.
    fn window(&self) -> [Sweep; 2] {
        [self.rows, self.columns].map(Sweep::from)
    }
}

/// `y = epilogue(x * kernel)`, of `n` images, with weights `[row, column, output]`.
pub(crate) fn forward(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: &[f32],
    epilogue: Epilogue<'_>,
    y: &mut [f32],
    scratch: &mut Scratch,
) {
    let Geometry { rows, columns, channels, multiplier } = *geometry;
    let (size, outputs) = (geometry.output(), geometry.outputs());
    let image = product(&geometry.input());
    let step = (columns.size * outputs) as isize;
    let depthwise = Depthwise {
        isa: Isa::current(),
        window: geometry.window(),
        channels: outputs,
        line: columns.input * outputs,
        weights: kernel,
        taps: Taps { first: 0, down: step, right: outputs as isize },
        write: Store::Set,
        epilogue,
    };
    let band = band_rows(n, rows.output, columns.output);
    let spread = if multiplier > 1 { depthwise.window[0].covered(0..band).1 * depthwise.line } else { 0 };
    let lie = (size, Strides::contiguous(size));
    let memory = (&mut scratch.work, spread);
    for_each_band(geometry.pays(n), n, lie, band, y.into(), memory, &|sample, lines, y, spread| {
        let x = &x[sample * image..][..image];
        let (x, first) = if multiplier > 1 {
            let covered = depthwise.covered(lines.clone());
            let spread = &mut spread[..covered.len() * depthwise.line];
            side_by_side(&x[covered.start * columns.input * channels..], multiplier, spread);
            (&*spread, covered.start)
        } else {
            (x, 0)
        };
        for (index, line) in lines.enumerate() {
            let y = &mut y[index * columns.output * outputs..];
            depthwise.line((x, first), line, y, outputs);
        }
    });
}

/// `dx = dy * kernel`, transposed.
pub(crate) fn backward_input(
    geometry: &Geometry,
    n: usize,
    kernel: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    store: Store,
    scratch: &mut Scratch,
) {
    let Geometry { rows, columns, channels, multiplier } = *geometry;
    let (size, outputs) = (geometry.input(), geometry.outputs());
    let upstream = product(&geometry.output());
    let (width, line) = (columns.input, columns.input * outputs);
    let band = band_rows(n, rows.input, width);
    let spread = if multiplier > 1 { band * line } else { 0 };
    // A stride beyond the image leaves phases without a pixel.
    let phases = |axis: Axis| (0..axis.stride.min(axis.input)).map(move |first| Phase::new(axis, first));
    let lie = (size, Strides::contiguous(size));
    let memory = (&mut scratch.work, spread);
    for_each_band(geometry.pays(n), n, lie, band, dx.into(), memory, &|sample, lines, dx, spread| {
        let dy = &dy[sample * upstream..][..upstream];
        for (down, right) in phases(rows).flat_map(|down| phases(columns).map(move |right| (down, right))) {
            let taps = Taps::of_phases([down, right], columns.size, outputs);
            let depthwise = Depthwise {
                isa: Isa::current(),
                window: [down.sweep, right.sweep],
                channels: outputs,
                line: columns.output * outputs,
                weights: kernel,
                taps,
                write: if multiplier > 1 { Store::Set } else { store },
                epilogue: Epilogue::NONE,
            };
            let index = |row: usize| row.saturating_sub(down.first).div_ceil(rows.stride).min(down.sweep.output);
            for row in index(lines.start)..index(lines.end) {
                let place = down.first + row * rows.stride - lines.start;
                let pixel = (place * width + right.first) * outputs;
                let to = if multiplier > 1 { &mut spread[pixel..] } else { &mut dx[pixel..] };
                depthwise.line((dy, 0), row, to, columns.stride * outputs);
            }
        }
        if multiplier > 1 {
            let sums = spread[..lines.len() * line].chunks_exact(multiplier).map(|of_channel| of_channel.iter().sum());
            arithmetic::put(store, &mut dx[..lines.len() * width * channels], sums);
        }
    });
}

/// Writes each value of the lines that begin `x` so many times.
pub(super) fn side_by_side(x: &[f32], times: usize, spread: &mut [f32]) {
    spread.chunks_exact_mut(times).zip(x).for_each(|(places, value)| places.fill(*value));
}

impl Taps {
    /// Those of the convolution that is the gradient of some of the inputs, with so many columns of taps of so many weights.
    fn of_phases([down, right]: [Phase; 2], columns: usize, outputs: usize) -> Self {
        // No weights are read where there is no tap.
        let step = |phase: Phase| if phase.sweep.taps > 1 { phase.tap(0) - phase.tap(1) } else { 0 };
        Self {
            first: ((down.tap(0) * columns + right.tap(0)) * outputs) as isize,
            down: -((step(down) * columns * outputs) as isize),
            right: -((step(right) * outputs) as isize),
        }
    }
}

/// A depthwise convolution of images whose pixels have nothing between them.
#[derive(Clone, Copy)]
struct Depthwise<'a> {
    isa: Isa,
    /// Down and right.
    window: [Sweep; 2],
    channels: usize,
    /// Floats of a line of the input.
    line: usize,
    weights: &'a [f32],
    taps: Taps,
    write: Store,
    epilogue: Epilogue<'a>,
}

impl Depthwise<'_> {
    /// Lines of the input that some lines of outputs cover.
    fn covered(&self, lines: Range<usize>) -> Range<usize> {
        let (first, count) = self.window[0].covered(lines);
        let inside = |line: isize| (line.max(0) as usize).min(self.window[0].input);
        inside(first)..inside(first + count as isize)
    }

    /// Computes a line of outputs, whose pixels are so far apart in `y`, from an image of which the first lines are left out.
    fn line(&self, (x, first): (&[f32], usize), row: usize, y: &mut [f32], pixel: usize) {
        let Self { isa, window: [rows, columns], channels, line, weights, taps, write, epilogue } = *self;
        if columns.output == 0 || channels == 0 {
            return;
        }
        let down = rows.inside(row);
        let top = rows.position(row, down.start);
        let line = Line {
            x: if down.is_empty() { x } else { &x[(top as usize - first) * line..] },
            rows: down.len(),
            row_step: rows.dilation * line,
            columns,
            channels,
            weights,
            taps: Taps { first: taps.first + down.start as isize * taps.down, ..taps },
            write,
            bias: epilogue.bias,
            quick: epilogue.quick(),
            large: rows.input * line > NEAR,
        };
        line.compute(isa, y, pixel);
        let rest = Epilogue { bias: None, activation: epilogue.slow() };
        if rest.activation != Activation::Linear {
            y.chunks_mut(pixel).take(columns.output).for_each(|y| rest.apply(0..channels, &mut y[..channels]));
        }
    }
}
