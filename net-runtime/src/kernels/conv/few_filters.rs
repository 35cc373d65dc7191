//! The gradient of a kernel of few filters, transposed. Were the filters the columns of a product, a vector would be nearly empty; so the
//! channels are, with the pixels of the image as the rows of the right factor, and the taps of all filters are the rows of the left one: what
//! slides over the gradient of the outputs, as for the gradient of the image. A stride has several [phases](Phase), each with taps of its own.

use super::cuts::{LINES, PARTS, PIXELS, fit_in_place};
use super::geometry::{Geometry, Phase};
use super::sweep::Window;
use crate::kernels::axis::Axis;
use crate::kernels::gemm::microkernel::{HALF, Layout, Product, Segment};
use crate::kernels::gemm::pack::{pack, packed_len};
use crate::kernels::simd::Isa;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Whether filters are fewer than a vector has lanes, and than there are channels.
pub(super) fn applies(isa: Isa, geometry: &Geometry) -> bool {
    (1..isa.lanes()).contains(&geometry.outputs) && geometry.outputs < geometry.inputs
}

/// The phases of an axis.
fn phases(axis: Axis) -> impl Iterator<Item = Phase> + Clone {
    (0..axis.stride.min(axis.input)).map(move |first| Phase::new(axis, first))
}

/// How the work is cut: lines of a phase that are in one product, and blocks of them in an image.
fn cut(geometry: &Geometry) -> [usize; 2] {
    let [height, width] = [geometry.rows, geometry.columns].map(|axis| axis.input.div_ceil(axis.stride));
    let lines = (PIXELS / width.max(1)).clamp(1, LINES).min(height.max(1));
    [lines, height.div_ceil(lines)]
}

/// Rows of the products of all phases, those of each filled up to whole lower tiles; and the blocks of an image.
pub(super) fn work(geometry: &Geometry) -> [usize; 2] {
    let of_phase = |down: Phase| {
        let of_pair =
            |right: Phase| product(&[down.sweep.taps, right.sweep.taps, geometry.outputs]).next_multiple_of(HALF);
        phases(geometry.columns).map(of_pair).sum::<usize>()
    };
    [phases(geometry.rows).map(of_phase).sum(), cut(geometry)[1]]
}

/// `gradient += patches(x)ᵀ · dy`: some lines of all images are a task, which computes a gradient of its own.
pub(super) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    gradient: &mut [f32],
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, image, result } = *geometry;
    let [block, blocks] = cut(geometry);
    let units = n * blocks;
    let task = units.div_ceil(PARTS).max(1);
    let tasks = units.div_ceil(task);
    // From line to line are whole steps from pixel to pixel.
    let (apart, line_apart) = (columns.stride * image.pixel, rows.stride * image.line);
    let in_place = fit_in_place(isa, inputs) && line_apart.is_multiple_of(apart);
    let width = columns.input.div_ceil(columns.stride);
    let packed = if in_place { 0 } else { packed_len(isa, block * width, inputs) };
    let window = |down: Phase, right: Phase| Window {
        rows: down.sweep,
        columns: right.sweep,
        channels: outputs,
        strides: result,
    };
    let pairs = || phases(rows).flat_map(|down| phases(columns).map(move |right| (down, right)));
    let band = pairs().map(|(down, right)| window(down, right).scratch(block)).max().unwrap_or(0);
    let (own, chunk) = (gradient.len(), band + packed);
    let Scratch { work, packed: products, .. } = scratch;
    let products = products.take(tasks * own);
    let memory = (work.take(tasks * chunk), chunk);
    parallel::for_each_part(geometry.pays(n), tasks, &|part| part * own, products, memory, &|part, sums, memory| {
        let (band, packed) = memory.split_at_mut(band);
        sums.fill(0.0);
        for unit in part * task..units.min((part + 1) * task) {
            let (sample, first) = (unit / blocks, unit % blocks * block);
            for (down, right) in pairs() {
                let lines = first..down.sweep.output.min(first + block);
                let [across, taps] = [right.sweep.output, down.sweep.taps * right.sweep.taps];
                if lines.is_empty() || across == 0 || taps == 0 {
                    continue;
                }
                let (left, line) = window(down, right).band(&dy[sample * result.image..], lines.clone(), &mut *band);
                let x = &x[image.at(sample, down.first + first * rows.stride, right.first)..];
                let (b, layout, inner, of_line) = if in_place {
                    let of_line = line_apart / apart;
                    let inner = (lines.len() - 1) * of_line + across;
                    (x, Layout::Rows(apart), inner, of_line)
                } else {
                    let at = |pixel: usize| image.at(0, pixel / across * rows.stride, pixel % across * columns.stride);
                    let inner = lines.len() * across;
                    pack(isa, x, inner, inputs, at, 1, packed);
                    (&*packed, Layout::Packed, inner, across)
                };
                let mut segments = [Segment::default(); LINES];
                for (index, segment) in segments.iter_mut().take(lines.len()).enumerate() {
                    *segment = Segment { a: index * line, b: index * of_line };
                }
                let product_of_rows = Product {
                    segments: &segments[..lines.len()],
                    len: across,
                    step: outputs,
                    layout,
                    write: Store::Add,
                    ..Product::of_matrices(left, b, [inner, inputs])
                };
                let place = |row: usize| {
                    let (tap, filter) = (row / outputs, row % outputs);
                    ([tap / right.sweep.taps, tap % right.sweep.taps], filter)
                };
                let from = |row: usize| {
                    let ([i, j], filter) = place(row);
                    i * down.sweep.dilation * line + j * right.sweep.dilation * outputs + filter
                };
                let to = |row: usize| {
                    let ([i, j], filter) = place(row);
                    ((down.tap(i) * columns.size + right.tap(j)) * outputs + filter) * inputs
                };
                product_of_rows.compute(isa, taps * outputs, from, sums, to);
            }
        }
    });
    for sums in products.chunks_exact(own) {
        for (sums, gradient) in sums.chunks_exact(inputs * outputs).zip(gradient.chunks_exact_mut(inputs * outputs)) {
            for (index, gradient) in gradient.iter_mut().enumerate() {
                *gradient += sums[index % outputs * inputs + index / outputs];
            }
        }
    }
}
