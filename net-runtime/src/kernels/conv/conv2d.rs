//! Two-dimensional convolution, channels last: forward, and the gradient of the image.
//!
//! The gradient by an input that a window moves over in strides is a convolution of stride 1 for each phase of the stride. A transposed
//! convolution is the gradient by the input of a plain one, with bias and activation: each has the other's functions.

use std::ops::Range;

use super::all_phases;
use super::bands::{band_rows, for_each_band, for_each_few_images, for_each_group, for_each_pooled_band};
use super::by_filters;
use super::choice::Task;
use super::conv2d_pooled;
use super::dilated;
use super::geometry::{Geometry, Phase, transpose_taps};
use super::max_pooled::{Outputs, SIDE, Size, Upstream, pooled_strides};
use super::patches;
use super::sweep::{Convolution, Places, Window};
use super::winograd::sizes::{TILE, band_of_tiles, images_together};
use super::winograd::{self, forward::Winograd, line::Along};
use crate::kernels::axis::Axis;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::few_columns;
use crate::kernels::gemm::microkernel::Layout;
use crate::kernels::gemm::pack::{pack_in_parts, packed_len};
use crate::kernels::simd::Isa;
use crate::memory::algorithm::{Algorithm, Pass};
use crate::memory::mode::Arithmetic;
use crate::memory::packed::{Form, Portion};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::Store;

/// `y = epilogue(x * kernel)`.
pub(crate) fn forward<'a>(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: impl Into<Portion<'a>>,
    epilogue: Epilogue,
    y: Outputs<'_>,
    scratch: &mut Scratch,
) {
    convolve(geometry, n, x, kernel.into(), (y, Store::Set, epilogue), scratch);
}

/// `y = x * kernel`, or what else is to be done with it: the gradient of the input of a transposed convolution.
pub(crate) fn transposed_backward_input<'a>(
    geometry: &Geometry,
    n: usize,
    kernel: impl Into<Portion<'a>>,
    x: &[f32],
    y: &mut [f32],
    store: Store,
    scratch: &mut Scratch,
) {
    convolve(geometry, n, x, kernel.into(), (y.into(), store, Epilogue::NONE), scratch);
}

/// `y = epilogue(x * kernel)`, or with [`Store::Add`] `epilogue(y + x * kernel)`; a masked result has no epilogue.
pub(crate) fn convolve(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: Portion<'_>,
    (y, write, epilogue): (Outputs<'_>, Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let (inner, outputs) = (geometry.patch(), geometry.outputs);
    let task = Task::new(Pass::Forward, n, geometry).with_weights(scratch.packs.lasts(kernel));
    let y = match y {
        Outputs::Whole(y) => {
            if let Some(phases) = dilated::cheaper(task, scratch) {
                let weights = scratch.packs.current();
                return phases.for_each(|phase| {
                    scratch.packs.compute_with(weights);
                    let to = ((&mut y[phase.result..]).into(), write, epilogue);
                    convolve(&phase.geometry, n, &x[phase.input..], kernel, to, scratch);
                });
            }
            Outputs::Whole(y)
        }
        y => y,
    };
    let algorithm = task.algorithm(scratch);
    if let Some(direction) = Along::of(algorithm) {
        return winograd::line::forward(direction, geometry, (n, x), kernel, (y, write, epilogue), scratch);
    }
    if algorithm == Algorithm::Patches {
        return patches::forward(geometry, (n, x), kernel, (y, write, epilogue), scratch);
    }
    if algorithm == Algorithm::FewTiles {
        return winograd::strided::few_tiles::forward(geometry, (n, x), kernel, (y, write, epilogue), scratch);
    }
    let image = geometry.image.image;
    let threads = geometry.pays(n);
    if algorithm == Algorithm::Winograd {
        let Scratch { work, packs, .. } = scratch;
        let inputs = geometry.inputs;
        let at = |row: usize, column: usize, channel: usize| ((row * 3 + column) * inputs + channel) * outputs;
        let transformed =
            packs.get(Form::Winograd, kernel, winograd::sizes::weights_len(isa, inputs, outputs), |transformed| {
                winograd::forward::transform_weights(isa, kernel.values(), [inputs, outputs], at, transformed);
            });
        let winograd = Winograd::new(isa, geometry.window(), transformed, outputs, write, epilogue);
        let winograd = winograd.into(geometry.result);
        return winograd_bands(threads, n, &winograd, (x, image), geometry.size(), y, work);
    }
    // A pool takes the largest of what is computed directly.
    let y = match y {
        Outputs::Whole(y) if algorithm == Algorithm::Strided => {
            let to = (y, write, epilogue);
            return winograd::strided::forward(geometry, (n, x), kernel.values(), to, scratch);
        }
        y => y,
    };
    let Scratch { work, packs, spread, .. } = scratch;
    let (window, values) = (geometry.window(), kernel.values());
    let (weights, layout) = if few_columns::fits(outputs, window.segments()) {
        let transposed = packs.get(Form::Columns, kernel, inner * outputs, |transposed| {
            few_columns::transpose(values, inner, |row| row * outputs, 1, transposed);
        });
        (transposed, Layout::Columns)
    } else {
        let packed = packs.get(Form::Panels, kernel, packed_len(isa, inner, outputs), |packed| {
            let threads = parallel::elements_pay(packed.len());
            pack_in_parts(isa, threads, values, [inner, outputs], &|row| row * outputs, 1, packed);
        });
        (packed, Layout::Packed)
    };
    let convolution = Convolution { isa, window, weights, layout, filters: outputs, write, epilogue };
    let (size, result) = (geometry.size(), geometry.result);
    let band = convolution.window.rows_of_band(n, band_rows(n, size[0], size[1]));
    // Whole windows of a pool. Other bands stay as they are: two of three rows are equal shares of an image of six, four and two are not.
    let pooled = matches!(y, Outputs::Pooled { .. });
    let band = if pooled { band.next_multiple_of(SIDE) } else { band };
    if by_filters::fits(&convolution, n, size, band) && geometry.result_is_dense(n) {
        by_filters::reserve(&convolution, n, size, band, pooled, (&mut *work, &mut *spread));
        if threads {
            return by_filters::convolve(&convolution, n, (x, image), (size, result), band, y, (work, spread));
        }
    }
    let memory = (work, convolution.scratch(band));
    match y {
        Outputs::Pooled { y, choices } if conv2d_pooled::fits(&convolution) => {
            for_each_pooled_band(threads, n, size, band, (y, choices), memory, &|sample, rows, y, scratch| {
                conv2d_pooled::band(&convolution, &x[sample * image..], rows, y, scratch);
            });
        }
        y => for_each_band(threads, n, (size, result), band, y, memory, &|sample, rows, y, scratch| {
            convolution.band(&x[sample * image..], rows, y, Places::of(result), scratch);
        }),
    }
}

/// Computes images in bands of rows of tiles; where an image has few, several of them at once, so that weights are read seldom.
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
    let band = band_of_tiles(n, [tile_rows, across]);
    let together = images_together(n, tile_rows * across);
    if together > 1 {
        let memory = (work, winograd.scratch(together * tile_rows));
        let all = 0..tile_rows;
        return match y {
            Outputs::Whole(y) => {
                for_each_few_images(
                    threads,
                    (n, together),
                    winograd.strides().image,
                    y,
                    memory,
                    &|images, y, scratch| {
                        winograd.band((&x[images.start * image..], images.len()), all.clone(), y, scratch);
                    },
                );
            }
            Outputs::Pooled { y, choices } => {
                let len = pooled_strides(size).image;
                for_each_few_images(threads, (n, together), len, (y, choices), memory, &|images, y, scratch| {
                    winograd.pooled_band((&x[images.start * image..], images.len()), all.clone(), y, scratch);
                });
            }
        };
    }
    let memory = (work, winograd.scratch(band));
    let tiles = |rows: Range<usize>| rows.start / TILE..rows.end.div_ceil(TILE);
    match y {
        Outputs::Whole(_) => {
            let lie = (size, winograd.strides());
            for_each_band(threads, n, lie, band * TILE, y, memory, &|sample, rows, y, scratch| {
                winograd.band((&x[sample * image..], 1), tiles(rows), y, scratch);
            });
        }
        // A tile has whole windows of the pool, and pools them before anything is written.
        Outputs::Pooled { y, choices } => {
            for_each_pooled_band(threads, n, size, band * TILE, (y, choices), memory, &|sample, rows, y, scratch| {
                winograd.pooled_band((&x[sample * image..], 1), tiles(rows), y, scratch);
            });
        }
    }
}

/// `dx = dy * kernel`, transposed.
pub(crate) fn backward_input<'a>(
    geometry: &Geometry,
    n: usize,
    kernel: impl Into<Portion<'a>>,
    dy: Upstream<'_>,
    dx: &mut [f32],
    write: Store,
    scratch: &mut Scratch,
) {
    convolve_transposed(geometry, n, kernel.into(), dy, (dx, write, Epilogue::NONE), scratch);
}

/// `y = epilogue(x * kernel)`, transposed: a transposed convolution, whose geometry is that of the convolution from `y` to `x`.
pub(crate) fn transposed_forward<'a>(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: impl Into<Portion<'a>>,
    epilogue: Epilogue<'_>,
    y: &mut [f32],
    scratch: &mut Scratch,
) {
    convolve_transposed(geometry, n, kernel.into(), x.into(), (y, Store::Set, epilogue), scratch);
}

/// `dx = epilogue(dy * kernel)`, transposed, written as `write` says; there is no epilogue but where results are set.
pub(super) fn convolve_transposed(
    geometry: &Geometry,
    n: usize,
    kernel: Portion<'_>,
    dy: Upstream<'_>,
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let task = Task::new(Pass::InputGradient, n, geometry).with_weights(scratch.packs.lasts(kernel));
    if let (Upstream::Whole(dy), true) = (dy, epilogue.is_nothing())
        && let Some(phases) = dilated::cheaper(task, scratch)
    {
        let weights = scratch.packs.current();
        return phases.for_each(|phase| {
            scratch.packs.compute_with(weights);
            let to = (&mut dx[phase.input..], write, Epilogue::NONE);
            convolve_transposed(&phase.geometry, n, kernel, dy[phase.result..].into(), to, scratch);
        });
    }
    let algorithm = task.algorithm(scratch);
    if algorithm == Algorithm::Adjoint {
        winograd::adjoint::backward_input(geometry, n, kernel, dy, (&mut *dx, write), scratch);
        if !epilogue.is_nothing() {
            parallel::for_each_rows(dx, geometry.inputs, |_, rows| epilogue.apply_rows(rows));
        }
        return;
    }
    let (weights, image) = (scratch.packs.current(), geometry.image.image);
    for_each_group(geometry, n, dy, scratch, |images, dy, scratch| {
        scratch.packs.compute_with(weights);
        let dx = &mut dx[images.start * image..];
        transposed_of(algorithm, geometry, (images.len(), dy), kernel, (dx, write, epilogue), scratch);
    });
}

/// [`convolve_transposed`] by an algorithm, where the gradient by all outputs lies somewhere.
fn transposed_of(
    algorithm: Algorithm,
    geometry: &Geometry,
    (n, dy): (usize, &[f32]),
    kernel: Portion<'_>,
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, image, result: strides } = *geometry;
    let threads = geometry.pays(n);
    if let Some(window) = geometry.gradient_window().filter(|_| algorithm == Algorithm::Winograd) {
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
        let winograd = Winograd::new(isa, window, transformed, inputs, write, epilogue).into(image);
        let size = geometry.input_size();
        return winograd_bands(threads, n, &winograd, (dy, strides.image), size, dx.into(), work);
    }
    if let Some(direction) = Along::of(algorithm) {
        return winograd::line::backward_input(direction, geometry, n, kernel, dy, (dx, write, epilogue), scratch);
    }
    if algorithm == Algorithm::Patches {
        return patches::backward_input(geometry, (n, dy), kernel.values(), (dx, write, epilogue), scratch);
    }
    if algorithm == Algorithm::FewTiles {
        return winograd::strided::few_tiles::backward_input(geometry, (n, dy), kernel, (dx, write, epilogue), scratch);
    }
    if algorithm == Algorithm::Strided {
        return winograd::strided::backward_input(geometry, (n, dy), kernel.values(), (dx, write, epilogue), scratch);
    }
    // A number that is not finite, times a zero, is none either.
    let fast = scratch.arithmetic == Arithmetic::Fast;
    if all_phases::pays(isa, geometry) && (fast || all_phases::is_full([rows, columns])) {
        return all_phases::backward_input(geometry, n, kernel, dy, (dx, write, epilogue), scratch);
    }
    // A stride beyond the image leaves phases without a pixel.
    let count = |axis: Axis| axis.stride.min(axis.input);
    let of_axis = |axis: Axis| (0..count(axis)).map(move |first| Phase::new(axis, first));
    let phases = || of_axis(rows).flat_map(|down| of_axis(columns).map(move |right| (down, right)));
    let inner = |down: Phase, right: Phase| down.sweep.taps * right.sweep.taps * outputs;
    // By taps and channels alone: images of other sizes find the same form again.
    let few = |down: Phase, right: Phase| few_columns::fits(inputs, [down.sweep.taps, right.sweep.taps * outputs]);
    let len = |(down, right)| match few(down, right) {
        true => inner(down, right) * inputs,
        false => packed_len(isa, inner(down, right), inputs),
    };
    let Scratch { work, packs, .. } = scratch;
    let form = Form::Phases { padding: [rows.padding, columns.padding], count: [count(rows), count(columns)] };
    let mut packed = packs.get(form, kernel, phases().map(len).sum(), |mut packed| {
        for (down, right) in phases() {
            let (own, after) = packed.split_at_mut(len((down, right)));
            packed = after;
            let row_at = |row: usize| {
                let (tap, output) = (row / outputs, row % outputs);
                let (i, j) = (down.tap(tap / right.sweep.taps), right.tap(tap % right.sweep.taps));
                (i * columns.size + j) * inputs * outputs + output
            };
            if few(down, right) {
                few_columns::transpose(kernel.values(), inner(down, right), row_at, outputs, own);
                continue;
            }
            let threads = parallel::elements_pay(own.len());
            pack_in_parts(isa, threads, kernel.values(), [inner(down, right), inputs], &row_at, outputs, own);
        }
    });
    for (down, right) in phases() {
        let (weights, after) = packed.split_at(len((down, right)));
        packed = after;
        let convolution = Convolution {
            isa,
            window: Window { rows: down.sweep, columns: right.sweep, channels: outputs, strides },
            weights,
            layout: if few(down, right) { Layout::Columns } else { Layout::Packed },
            filters: inputs,
            write,
            epilogue,
        };
        let stride = rows.stride;
        // Bands of the whole image, of which this phase has every so many rows.
        let band = band_rows(n, rows.input, columns.input);
        let memory = (&mut *work, convolution.scratch(band.div_ceil(stride)));
        let lie = (geometry.input_size(), image);
        for_each_band(threads, n, lie, band, (&mut *dx).into(), memory, &|sample, band, dx, scratch| {
            let index = |row: usize| row.saturating_sub(down.first).div_ceil(stride).min(down.sweep.output);
            let (first, last) = (index(band.start), index(band.end));
            if first < last {
                let places = Places {
                    first: image.at(0, down.first + first * stride - band.start, right.first),
                    row: stride * image.line,
                    column: columns.stride * image.pixel,
                };
                convolution.band(&dy[sample * strides.image..], first..last, dx, places, scratch);
            }
        });
    }
}
