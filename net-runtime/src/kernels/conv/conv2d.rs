//! Two-dimensional convolution, channels last: forward, and the gradient of the image.

use std::ops::Range;

use super::conv2d_pooled;
use super::max_pooled::{self, Outputs, SIDE, Size, Upstream, pooled_strides};
use super::sweep::{Convolution, Sweep, Window};
use super::winograd::adjoint as winograd_adjoint;
use super::winograd::forward as winograd;
use super::winograd::forward::{GROUP, TILE, Winograd};
use super::winograd::line as winograd_line;
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::microkernel::{pack, packed_len};
use crate::kernels::gemm::transpose::transpose;
use crate::kernels::simd::Isa;
use crate::memory::mode::Arithmetic;
use crate::memory::packed::Form;
use crate::memory::scratch::Scratch;
use crate::parallel::slots::Slots;
use crate::parallel::{self, Cut};
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::product;
use crate::tensor::param::{Param, Store};

/// Everything a convolution's loops depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub rows: Axis,
    pub columns: Axis,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// How the pixels of the output, and of its gradient, lie.
    pub result: Strides,
}

/// Places of pooled pixels, and of their choices if anybody asks.
type Pooled<'a> = (&'a mut [f32], Option<&'a mut [u8]>);

/// Pixels of a band that one task computes at once.
const BAND: usize = 192;

/// Bands that a batch is cut into at least, if they do not become too small.
const BANDS: usize = 16;

/// The fewest pixels of a band.
const FEWEST: usize = 24;

/// Floats of a group of images whose outputs' gradients are made where they are read: they stay in the last cache.
const GROUP_FLOATS: usize = 1 << 20;

impl Geometry {
    /// Weights of one filter.
    pub(crate) fn patch(&self) -> usize {
        product(&[self.rows.size, self.columns.size, self.inputs])
    }

    /// The window that slides over the input.
    pub(super) fn window(&self) -> Window {
        let sweep = |Axis { input, output, size, stride, dilation, padding }: Axis| Sweep {
            input,
            output,
            taps: size,
            start: -(padding as isize),
            stride,
            dilation,
        };
        let strides = Strides::contiguous([self.rows.input, self.columns.input, self.inputs]);
        Window { rows: sweep(self.rows), columns: sweep(self.columns), channels: self.inputs, strides }
    }

    /// Height, width and channels of the outputs.
    pub(crate) fn size(&self) -> Size {
        [self.rows.output, self.columns.output, self.outputs]
    }

    pub(crate) fn multiply_adds(&self, n: usize) -> usize {
        // A matter of time, not of memory: more than can be counted is much.
        let factors = [self.rows.output, self.columns.output, self.patch(), self.outputs];
        factors.into_iter().fold(n, usize::saturating_mul)
    }

    /// Whether threads pay for the multiply-adds, or, where these are few, for going through the image.
    pub(super) fn pays(&self, n: usize) -> bool {
        let image = self.rows.input * self.columns.input * self.inputs;
        parallel::pays(self.multiply_adds(n)) || parallel::elements_pay(n * image)
    }
}

/// Rows of a band, of `height` rows of `width` pixels in each of `n` images.
fn band_rows(n: usize, height: usize, width: usize) -> usize {
    let wanted = (n * height * width / BANDS).clamp(FEWEST, BAND);
    let bands = (height * width).div_ceil(wanted).min(height);
    height.div_ceil(bands.max(1)).max(1)
}

/// Cuts `n` images of `height` rows into bands of so many, an even number if they are pooled, and calls `work(image, rows, their
/// part of y, scratch)` for each, with `chunk` floats of scratch. A part of y begins with the first row of its band, and may
/// end behind the last.
pub(super) fn for_each_band(
    threads: bool,
    n: usize,
    (size, strides): (Size, Strides),
    band: usize,
    y: Outputs<'_>,
    (memory, chunk): (&mut AlignedBuffer, usize),
    work: &(impl Fn(usize, Range<usize>, &mut [f32], &mut [f32]) + Sync),
) {
    match y {
        Outputs::Whole(y) => {
            let start = |image: usize, row: usize| strides.at(image, row, 0);
            cut_into_bands(threads, (n, size[0], band), &start, y, (memory, chunk), work);
        }
        Outputs::Pooled { y, choices } => {
            let lines = band * strides.line;
            let memory = (memory, lines + chunk);
            for_each_pooled_band(threads, n, size, band, (y, choices), memory, &|image, rows, part, scratch| {
                let (lines, scratch) = scratch.split_at_mut(lines);
                let lines = &mut lines[..rows.len() * strides.line];
                work(image, rows, lines, scratch);
                let (y, choices) = part;
                max_pooled::pool(size, lines, y, choices);
            });
        }
    }
}

/// The same where `work` pools its rows by itself, and is given the places of the pooled pixels and of their choices.
fn for_each_pooled_band<'a>(
    threads: bool,
    n: usize,
    size: Size,
    band: usize,
    pooled: Pooled<'a>,
    memory: (&mut AlignedBuffer, usize),
    work: &(impl Fn(usize, Range<usize>, Pooled<'a>, &mut [f32]) + Sync),
) {
    let strides = pooled_strides(size);
    let start = |image: usize, row: usize| strides.at(image, row / SIDE, 0);
    cut_into_bands(threads, (n, size[0], band), &start, pooled, memory, work);
}

/// The same for what is cut at `start(image, row)`.
fn cut_into_bands<V: Cut>(
    threads: bool,
    (n, height, band): (usize, usize, usize),
    start: &(impl Fn(usize, usize) -> usize + Sync),
    y: V,
    (memory, chunk): (&mut AlignedBuffer, usize),
    work: &(impl Fn(usize, Range<usize>, V, &mut [f32]) + Sync),
) {
    let bands = height.div_ceil(band);
    let units = n * bands;
    let start = |unit: usize| start(unit / bands, (unit % bands * band).min(height));
    let slots = Slots::new(threads, units, memory, chunk);
    parallel::for_each_part_of(threads, units, &start, y, (&mut [], 0), &|unit, y, _| {
        let row = unit % bands * band;
        slots.with(|scratch| work(unit / bands, row..height.min(row + band), y, scratch));
    });
}

/// `y = epilogue(x * kernel)`.
pub(crate) fn forward(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: &Param,
    epilogue: Epilogue,
    y: Outputs<'_>,
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let (inner, outputs) = (geometry.patch(), geometry.outputs);
    let fast = scratch.arithmetic == Arithmetic::Fast;
    let Scratch { work, packs, .. } = scratch;
    let image = geometry.rows.input * geometry.columns.input * geometry.inputs;
    let threads = geometry.pays(n);
    if fast && winograd::fits(isa, &geometry.window(), outputs) {
        let inputs = geometry.inputs;
        let at = |row: usize, column: usize, channel: usize| ((row * 3 + column) * inputs + channel) * outputs;
        let transformed =
            packs.get(Form::Winograd, kernel, winograd::weights_len(isa, inputs, outputs), |transformed| {
                winograd::transform_weights(isa, kernel.values(), [inputs, outputs], at, transformed);
            });
        let winograd = Winograd::new(isa, geometry.window(), transformed, outputs, Store::Set, epilogue);
        let winograd = winograd.into(geometry.result);
        return winograd_bands(threads, n, &winograd, (x, image), geometry.size(), y, work);
    }
    if let Some(direction) = winograd_line::fits(isa, geometry).filter(|_| fast) {
        return winograd_line::forward(direction, geometry, (n, x), kernel, epilogue, y, scratch);
    }
    let packed = packs.get(Form::Panels, kernel, packed_len(isa, inner, outputs), |packed| {
        pack(isa, kernel.values(), inner, outputs, |row| row * outputs, 1, packed);
    });
    let convolution =
        Convolution { isa, window: geometry.window(), weights: packed, filters: outputs, write: Store::Set, epilogue };
    let (size, result) = (geometry.size(), geometry.result);
    let band = band_rows(n, size[0], size[1]).next_multiple_of(SIDE);
    let memory = (work, convolution.scratch(band));
    match y {
        Outputs::Pooled { y, choices } if conv2d_pooled::fits(&convolution) => {
            for_each_pooled_band(threads, n, size, band, (y, choices), memory, &|sample, rows, y, scratch| {
                conv2d_pooled::band(&convolution, &x[sample * image..][..image], rows, y, scratch);
            });
        }
        y => for_each_band(threads, n, (size, result), band, y, memory, &|sample, rows, y, scratch| {
            let first = rows.start;
            let to = |row: usize, column: usize| result.at(0, row - first, column);
            convolution.band(&x[sample * image..][..image], rows, y, to, scratch);
        }),
    }
}

/// Computes images in bands of rows of tiles.
fn winograd_bands(
    threads: bool,
    n: usize,
    winograd: &Winograd<'_>,
    (x, image): (&[f32], usize),
    size: Size,
    y: Outputs<'_>,
    work: &mut AlignedBuffer,
) {
    let [height, width, _] = size;
    let tile_rows = height.div_ceil(TILE);
    let across = width.div_ceil(TILE);
    // As many rows of tiles as make a group, if there are enough bands then.
    let band = (GROUP / across).max(1).min(tile_rows.div_ceil(BANDS.div_ceil(n.max(1)))).max(1);
    let memory = (work, winograd.scratch(band));
    let tiles = |rows: Range<usize>| rows.start / TILE..rows.end.div_ceil(TILE);
    match y {
        Outputs::Whole(_) => {
            let lie = (size, winograd.strides());
            for_each_band(threads, n, lie, band * TILE, y, memory, &|sample, rows, y, scratch| {
                winograd.band(&x[sample * image..], tiles(rows), y, scratch);
            });
        }
        // A tile has whole windows of the pool, and pools them before anything is written.
        Outputs::Pooled { y, choices } => {
            for_each_pooled_band(threads, n, size, band * TILE, (y, choices), memory, &|sample, rows, y, scratch| {
                winograd.pooled_band(&x[sample * image..], tiles(rows), y, scratch);
            });
        }
    }
}

/// The positions of an input whose distance from each other is the stride: their gradient is a convolution of stride 1
/// over the gradient of the outputs, with some taps of the kernel in reverse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    pub sweep: Sweep,
    /// The first position.
    first: usize,
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

/// `[tap, input, output]` as `[tap, output, input]`.
pub(super) fn transpose_taps(kernel: &[f32], [inputs, outputs]: [usize; 2], transposed: &mut [f32]) {
    let taps = kernel.chunks_exact(inputs * outputs).zip(transposed.chunks_exact_mut(inputs * outputs));
    taps.for_each(|(kernel, transposed)| transpose(kernel, inputs, transposed, inputs));
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// `dx = dy * kernel`, transposed.
pub(crate) fn backward_input(
    geometry: &Geometry,
    n: usize,
    kernel: &Param,
    dy: Upstream<'_>,
    dx: &mut [f32],
    write: Store,
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let fast = scratch.arithmetic == Arithmetic::Fast;
    if fast && gradient_window(isa, geometry).is_some() && winograd_adjoint::pays(isa, geometry) {
        return winograd_adjoint::backward_input(geometry, n, kernel, dy, (dx, write), scratch);
    }
    let (weights, image) = (scratch.packs.current(), geometry.rows.input * geometry.columns.input * geometry.inputs);
    for_each_group(geometry, n, dy, scratch, |images, dy, scratch| {
        scratch.packs.compute_with(weights);
        let dx = &mut dx[images.start * image..images.end * image];
        backward_input_of(geometry, images.len(), kernel, dy, dx, write, scratch);
    });
}

/// The window of the convolution of stride 1 over the gradient of the outputs that is the gradient of the input, if Winograd's
/// algorithm fits it.
fn gradient_window(isa: Isa, geometry: &Geometry) -> Option<Window> {
    let Geometry { rows, columns, inputs, outputs, result } = *geometry;
    if rows.stride != 1 || columns.stride != 1 {
        return None;
    }
    let sweep = |axis: Axis| Phase::new(axis, 0).sweep;
    let window = Window { rows: sweep(rows), columns: sweep(columns), channels: outputs, strides: result };
    winograd::fits(isa, &window, inputs).then_some(window)
}

/// Calls `work(images, the gradient by all of their outputs, scratch)`: for all images at once if that lies somewhere, and
/// otherwise for groups of them, of whose outputs it has room in the cache that all threads share.
pub(super) fn for_each_group(
    geometry: &Geometry,
    n: usize,
    dy: Upstream<'_>,
    scratch: &mut Scratch,
    mut work: impl FnMut(Range<usize>, &[f32], &mut Scratch),
) {
    let dy = match dy {
        Upstream::Whole(dy) => return work(0..n, dy, scratch),
        Upstream::Pooled { .. } => dy,
    };
    let (size, strides) = (geometry.size(), geometry.result);
    let group = (GROUP_FLOATS / strides.image.max(1)).clamp(1, n.max(1));
    let mut memory = std::mem::take(&mut scratch.spread);
    for first in (0..n).step_by(group) {
        let images = first..n.min(first + group);
        let dy = dy.images((size, strides), images.clone(), memory.take(group * strides.image));
        work(images, dy, scratch);
    }
    scratch.spread = memory;
}

/// The same where the gradient by all outputs lies somewhere.
fn backward_input_of(
    geometry: &Geometry,
    n: usize,
    kernel: &Param,
    dy: &[f32],
    dx: &mut [f32],
    write: Store,
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, result: strides } = *geometry;
    let threads = geometry.pays(n);
    let fast = scratch.arithmetic == Arithmetic::Fast;
    if let Some(window) = gradient_window(isa, geometry).filter(|_| fast) {
        let [down, right] = [Phase::new(rows, 0), Phase::new(columns, 0)];
        let Scratch { work, packed, packs, .. } = scratch;
        let at = |row: usize, column: usize, output: usize| {
            ((down.tap(row) * 3 + right.tap(column)) * outputs + output) * inputs
        };
        let len = winograd::weights_len(isa, outputs, inputs);
        let transformed = packs.get(Form::BackwardWinograd, kernel, len, |transformed| {
            let transposed = packed.take(kernel.values().len());
            transpose_taps(kernel.values(), [inputs, outputs], transposed);
            winograd::transform_weights(isa, transposed, [outputs, inputs], at, transformed);
        });
        let winograd = Winograd::new(isa, window, transformed, inputs, write, Epilogue::NONE);
        let size = [rows.input, columns.input, inputs];
        return winograd_bands(threads, n, &winograd, (dy, strides.image), size, dx.into(), work);
    }
    if let Some(direction) = winograd_line::fits(isa, geometry).filter(|_| fast) {
        return winograd_line::backward_input(direction, geometry, n, kernel, dy, (dx, write), scratch);
    }
    // A stride beyond the image leaves phases without a pixel.
    let [row_phases, column_phases] = [rows, columns].map(|axis| axis.stride.min(axis.input));
    for (row_phase, column_phase) in (0..row_phases).flat_map(|row| (0..column_phases).map(move |c| (row, c))) {
        let [down, right] = [Phase::new(rows, row_phase), Phase::new(columns, column_phase)];
        let inner = down.sweep.taps * right.sweep.taps * outputs;
        let Scratch { work, packed, .. } = &mut *scratch;
        let packed = packed.take(packed_len(isa, inner, inputs));
        let row_at = |row: usize| {
            let (tap, output) = (row / outputs, row % outputs);
            let (i, j) = (down.tap(tap / right.sweep.taps), right.tap(tap % right.sweep.taps));
            (i * columns.size + j) * inputs * outputs + output
        };
        pack(isa, kernel.values(), inner, inputs, row_at, outputs, packed);
        let convolution = Convolution {
            isa,
            window: Window { rows: down.sweep, columns: right.sweep, channels: outputs, strides },
            weights: packed,
            filters: inputs,
            write,
            epilogue: Epilogue::NONE,
        };
        let (stride, width) = (rows.stride, columns.input);
        // Bands of the whole image, of which this phase has every so many rows.
        let band = band_rows(n, rows.input, width);
        let memory = (work, convolution.scratch(band.div_ceil(stride)));
        let size = [rows.input, width, inputs];
        let lie = (size, Strides::contiguous(size));
        for_each_band(threads, n, lie, band, (&mut *dx).into(), memory, &|sample, band, dx, scratch| {
            let index = |row: usize| row.saturating_sub(down.first).div_ceil(stride).min(down.sweep.output);
            let (first, last) = (index(band.start), index(band.end));
            if first < last {
                let to = |row: usize, column: usize| {
                    let (row, column) = (down.first + row * stride, right.first + column * columns.stride);
                    ((row - band.start) * width + column) * inputs
                };
                convolution.band(&dy[sample * strides.image..], first..last, dx, to, scratch);
            }
        });
    }
}
