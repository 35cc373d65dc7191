//! Transposed convolutions with few results: of all phases of the stride at once.
//!
//! What makes one phase of the result is a convolution with as many filters as the result has channels. Where these are few, as in a layer that
//! makes pictures, most of a vector is empty. All phases read nearly the same pixels: one convolution with the filters of all of them, over the
//! window that covers all of theirs, has zeros among its weights, but full vectors. From 4x4 of stride 2 and three channels, a product with 9 taps
//! and 12 filters is left of four with 4 taps and 3 filters each.

use super::bands::{band_rows, for_each_band};
use super::geometry::{Geometry, Phase};
use super::sweep::{Convolution, Places, Sweep, Window};
use crate::kernels::axis::Axis;
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::microkernel::Layout;
use crate::kernels::gemm::pack::{pack_in_parts, packed_len};
use crate::kernels::simd::Isa;
use crate::memory::packed::{Form, Portion};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// The largest stride.
const MOST_STRIDE: usize = 4;

/// The window over the outputs' gradient that covers those of all phases of an axis: its first output is that of the first pixels of all.
fn window_of_all(axis: Axis) -> Sweep {
    let phases = || (0..axis.stride).map(|first| Phase::new(axis, first).sweep);
    let start = phases().map(|sweep| sweep.start).min().unwrap_or(0);
    let end = phases().map(|sweep| sweep.start + sweep.taps as isize).max().unwrap_or(start);
    let output = axis.input.div_ceil(axis.stride);
    Sweep { input: axis.output, output, taps: (end - start) as usize, start, stride: 1, dilation: 1 }
}

/// The tap of the kernel that a phase of an axis has at a tap of the window of all.
fn tap_at(axis: Axis, first: usize, window: Sweep, tap: usize) -> Option<usize> {
    let phase = Phase::new(axis, first);
    let index = window.start + tap as isize - phase.sweep.start;
    usize::try_from(index).ok().filter(|index| *index < phase.sweep.taps).map(|index| phase.tap(index))
}

/// Whether each phase has all taps of the window, so that there is no zero among the weights.
pub(super) fn is_full([rows, columns]: [Axis; 2]) -> bool {
    [rows, columns].into_iter().all(|axis| {
        let taps = window_of_all(axis).taps;
        (0..axis.stride).all(|first| Phase::new(axis, first).sweep.taps == taps)
    })
}

/// Multiply-adds for each output of all phases, with those of empty lanes.
pub(super) fn multiply_adds(isa: Isa, geometry: &Geometry) -> usize {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    let filters = product(&[rows.stride, columns.stride, inputs]).next_multiple_of(isa.lanes());
    product(&[window_of_all(rows).taps, window_of_all(columns).taps, outputs, filters])
}

/// Whether fewer vectors of weights are multiplied so.
pub(super) fn pays(isa: Isa, geometry: &Geometry) -> bool {
    let Geometry { rows, columns, inputs, .. } = *geometry;
    let strides = [rows, columns].map(|axis| {
        let plain = axis.dilation == 1 && axis.stride <= MOST_STRIDE.min(axis.size) && axis.stride <= axis.input;
        if plain { axis.stride } else { 0 }
    });
    let phases = strides[0] * strides[1];
    if phases < 2 || inputs == 0 || inputs > isa.lanes() {
        return false;
    }
    let vectors = |filters: usize| filters.div_ceil(isa.lanes());
    let all = product(&[window_of_all(rows).taps, window_of_all(columns).taps, vectors(phases * inputs)]);
    let each = product(&[rows.size, columns.size, vectors(inputs)]);
    // A vector alone keeps a thread waiting for its own sums, and results are put into their places in the end.
    5 * all <= 4 * each || all <= each && vectors(phases * inputs) > 1
}

/// `dx = epilogue(dy * kernel)`, transposed, written as `write` says.
pub(super) fn backward_input(
    geometry: &Geometry,
    n: usize,
    kernel: Portion<'_>,
    dy: &[f32],
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, image, result } = *geometry;
    let (down, right) = (window_of_all(rows), window_of_all(columns));
    let filters = product(&[rows.stride, columns.stride, inputs]);
    let inner = product(&[down.taps, right.taps, outputs]);
    let Scratch { work, packed, packs, .. } = scratch;
    let form = Form::AllPhases { padding: [rows.padding, columns.padding] };
    let weights = packs.get(form, kernel, packed_len(isa, inner, filters), |weights| {
        let all = packed.take(product(&[inner, filters]));
        all.fill(0.0);
        for (tap, all) in all.chunks_exact_mut(product(&[outputs, filters])).enumerate() {
            for phase in 0..rows.stride * columns.stride {
                let row = tap_at(rows, phase / columns.stride, down, tap / right.taps);
                let column = tap_at(columns, phase % columns.stride, right, tap % right.taps);
                let (Some(row), Some(column)) = (row, column) else { continue };
                let from = &kernel.values()[product(&[row * columns.size + column, inputs, outputs])..];
                for (output, all) in all.chunks_exact_mut(filters).enumerate() {
                    for (input, weight) in all[phase * inputs..][..inputs].iter_mut().enumerate() {
                        *weight = from[input * outputs + output];
                    }
                }
            }
        }
        let threads = parallel::elements_pay(weights.len());
        pack_in_parts(isa, threads, all, [inner, filters], &|row| row * filters, 1, weights);
    });
    // The bias of all phases.
    let of_all = packed.take(filters);
    if let Some(bias) = epilogue.bias {
        of_all.chunks_exact_mut(inputs).for_each(|of_phase| of_phase.copy_from_slice(bias));
    }
    let later = epilogue.slow();
    let activation = if later == Activation::Linear { epilogue.activation } else { Activation::Linear };
    let convolution = Convolution {
        isa,
        window: Window { rows: down, columns: right, channels: outputs, strides: result },
        weights,
        layout: Layout::Packed,
        filters,
        write: Store::Set,
        epilogue: Epilogue { bias: epilogue.bias.map(|_| &*of_all), activation },
    };
    // Bands of whole rows of all phases.
    let stride = rows.stride;
    let band = band_rows(n, down.output, right.output);
    let line = right.output * filters;
    let memory = (work, band * line + convolution.scratch(band));
    let lie = (geometry.input_size(), image);
    for_each_band(geometry.pays(n), n, lie, band * stride, dx.into(), memory, &|sample, band, dx, scratch| {
        let of_all = band.start / stride..band.end.div_ceil(stride);
        let (values, scratch) = scratch.split_at_mut(of_all.len() * line);
        let places = Places { first: 0, row: line, column: filters };
        convolution.band(&dy[sample * result.image..], of_all, values, places, scratch);
        let width = columns.stride * inputs;
        for row in band.clone() {
            let values = &values[(row - band.start) / stride * line + row % stride * width..];
            let dx = &mut dx[image.at(0, row - band.start, 0)..];
            let dense = image.pixel == inputs;
            for column in 0..right.output {
                let count = columns.stride.min(columns.input - column * columns.stride);
                let values = &values[column * filters..][..count * inputs];
                let dx = &mut dx[column * columns.stride * image.pixel..];
                if dense {
                    put(write, &mut dx[..values.len()], values.iter().copied());
                } else {
                    for (values, dx) in values.chunks_exact(inputs).zip(dx.chunks_mut(image.pixel)) {
                        put(write, &mut dx[..inputs], values.iter().copied());
                    }
                }
            }
            if later == Activation::Linear {
                continue;
            }
            if dense {
                apply_part(later, &mut dx[..columns.input * inputs]);
            } else {
                for dx in dx.chunks_mut(image.pixel).take(columns.input) {
                    apply_part(later, &mut dx[..inputs]);
                }
            }
        }
    });
}
