//! Two-dimensional convolution, channels last: forward, and the gradient of the image.

use std::ops::Range;

use super::bands::{BANDS, band_rows, for_each_band, for_each_group, for_each_pooled_band};
use super::conv2d_pooled;
use super::geometry::{Geometry, Phase, transpose_taps};
use super::max_pooled::{Outputs, SIDE, Size, Upstream};
use super::sweep::{Convolution, Window};
use super::winograd::sizes::{GROUP, TILE};
use super::winograd::{self, forward::Winograd};
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::microkernel::{pack, packed_len};
use crate::kernels::simd::Isa;
use crate::memory::mode::Arithmetic;
use crate::memory::packed::Form;
use crate::memory::scratch::Scratch;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::{Param, Store};

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
    if fast && winograd::sizes::fits(isa, &geometry.window(), outputs) {
        let inputs = geometry.inputs;
        let at = |row: usize, column: usize, channel: usize| ((row * 3 + column) * inputs + channel) * outputs;
        let transformed =
            packs.get(Form::Winograd, kernel, winograd::sizes::weights_len(isa, inputs, outputs), |transformed| {
                winograd::forward::transform_weights(isa, kernel.values(), [inputs, outputs], at, transformed);
            });
        let winograd = Winograd::new(isa, geometry.window(), transformed, outputs, Store::Set, epilogue);
        let winograd = winograd.into(geometry.result);
        return winograd_bands(threads, n, &winograd, (x, image), geometry.size(), y, work);
    }
    if let Some(direction) = winograd::line::fits(isa, geometry).filter(|_| fast) {
        return winograd::line::forward(direction, geometry, (n, x), kernel, epilogue, y, scratch);
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
    if fast && gradient_window(isa, geometry).is_some() && winograd::adjoint::pays(isa, geometry) {
        return winograd::adjoint::backward_input(geometry, n, kernel, dy, (dx, write), scratch);
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
    winograd::sizes::fits(isa, &window, inputs).then_some(window)
}

/// [`backward_input`] where the gradient by all outputs lies somewhere.
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
        let len = winograd::sizes::weights_len(isa, outputs, inputs);
        let transformed = packs.get(Form::BackwardWinograd, kernel, len, |transformed| {
            let transposed = packed.take(kernel.values().len());
            transpose_taps(kernel.values(), [inputs, outputs], transposed);
            winograd::forward::transform_weights(isa, transposed, [outputs, inputs], at, transformed);
        });
        let winograd = Winograd::new(isa, window, transformed, inputs, write, Epilogue::NONE);
        let size = [rows.input, columns.input, inputs];
        return winograd_bands(threads, n, &winograd, (dy, strides.image), size, dx.into(), work);
    }
    if let Some(direction) = winograd::line::fits(isa, geometry).filter(|_| fast) {
        return winograd::line::backward_input(direction, geometry, n, kernel, dy, (dx, write), scratch);
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
