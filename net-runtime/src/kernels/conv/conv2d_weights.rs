//! The gradient of a convolution's kernel: for each tap the product of the image, shifted and transposed, with the gradient
//! of the outputs.

use std::ops::Range;

use super::bands::for_each_group;
use super::choice::Task;
use super::conv2d_weights_pooled;
use super::cuts::{LINES, PARTS, TASKS, fit_in_place, lines_of_block};
use super::dilated;
use super::few_filters;
use super::geometry::Geometry;
use super::max_pooled::{SIDE, Upstream};
use super::patches;
use super::winograd::{self, line::Along};
use crate::kernels::elementwise::arithmetic as elementwise;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::gemm::microkernel::{Layout, Product, Segment};
use crate::kernels::gemm::pack::{pack, packed_len};
use crate::kernels::gemm::rows::Rows;
use crate::kernels::gemm::sizes::Sizes;
use crate::kernels::gemm::weight_gradient;
use crate::kernels::reduce::reductions::{column_sums, row_sums};
use crate::kernels::simd::{Isa, ROWS};
use crate::memory::algorithm::{Algorithm, Pass};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::param::{Store, Write};

/// `gradient = patches(x)ᵀ · dy`, and the sums of dy over all pixels, if they are wanted: the gradient of a bias.
pub(crate) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: Upstream<'_>,
    (gradient, write): (&mut [f32], Write),
    sums: Option<(&mut [f32], Write)>,
    scratch: &mut Scratch,
) {
    let task = Task::new(Pass::WeightGradient, n, geometry);
    if let Upstream::Whole(dy) = dy
        && let Some(phases) = dilated::cheaper(task, scratch)
    {
        let (mut write, mut sums) = (write, sums);
        for phase in phases {
            let (x, dy) = (&x[phase.input..], dy[phase.result..].into());
            let own = sums.as_mut().map(|(sums, write)| (&mut **sums, *write));
            backward_weights(&phase.geometry, n, x, dy, (&mut *gradient, write), own, scratch);
            write = Write::Add;
            sums = sums.map(|(sums, _)| (sums, Write::Add));
        }
        return;
    }
    if is_product_of_patches(geometry, n, scratch) {
        if let (true, Upstream::Whole(dy)) = (is_product_of_rows(geometry, n), dy) {
            return product_of_rows(geometry, n, x, dy, (gradient, write), sums, scratch);
        }
        return factors(geometry, (n, x), dy, sums, scratch, |sizes, x, dy, scratch| {
            weight_gradient::backward_weights(sizes, x.into(), dy.into(), gradient, write, scratch);
        });
    }
    if write == Write::Set {
        gradient.fill(0.0);
    }
    let sums = match (dy, sums) {
        // The sums of the few values that have gone on are those of all.
        (Upstream::Pooled { dy, .. }, Some((sums, write))) => {
            column_sums(dy, sums, write);
            None
        }
        (_, sums) => sums,
    };
    // All of dy is read for the kernel; its sums are taken of what is in the cache.
    let mut sums = sums.map(|(sums, write)| {
        if write == Write::Set {
            sums.fill(0.0);
        }
        sums
    });
    if n * geometry.rows.output == 0 || geometry.columns.output == 0 || gradient.is_empty() {
        return;
    }
    let algorithm = task.algorithm(scratch);
    if algorithm == Algorithm::Winograd {
        winograd::weights::backward_weights(geometry, n, x, dy, (gradient, sums), scratch);
        return;
    }
    if algorithm == Algorithm::FewChannels {
        if let Upstream::Pooled { dy, choices } = dy
            && conv2d_weights_pooled::fits(Isa::current(), geometry)
        {
            return conv2d_weights_pooled::backward_weights(geometry, n, x, (dy, choices), gradient, scratch);
        }
        return few_channels(geometry, n, x, dy, (gradient, sums), scratch);
    }
    let image = geometry.image.image;
    for_each_group(geometry, n, dy, scratch, |images, dy, scratch| {
        let x = &x[images.start * image..];
        let (n, sums) = (images.len(), sums.as_deref_mut());
        if let Some(direction) = Along::of(algorithm) {
            let gradients = (&mut *gradient, sums);
            return winograd::line_weights::backward_weights(direction, geometry, (n, x), dy, gradients, scratch);
        }
        if algorithm == Algorithm::Strided {
            return winograd::strided::weights::backward_weights(geometry, (n, x), dy, (&mut *gradient, sums), scratch);
        }
        if algorithm == Algorithm::FewFilters {
            few_filters::backward_weights(geometry, n, x, dy, gradient, scratch);
        } else {
            many_channels(geometry, n, x, dy, gradient, scratch);
        }
        if let Some(sums) = sums {
            let [height, width, _] = geometry.size();
            let at = |pixel: usize| {
                let line = pixel / width;
                geometry.result.at(line / height, line % height, pixel % width)
            };
            row_sums(dy, n * height * width, &at, sums, Write::Add);
        }
    });
}

/// Whether both images lie as the rows of matrices, and the gradient has the same bits wherever those of the outputs lie.
fn is_product_of_rows(geometry: &Geometry, n: usize) -> bool {
    let apart = || geometry.result_is_dense(n) && weight_gradient::is_by_parts(patches::sizes(geometry, n));
    geometry.pixels_are_patches() && (geometry.results_follow() || apart())
}

/// The gradient of a kernel of one tap, of both images as the rows of matrices.
fn product_of_rows(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    gradient: (&mut [f32], Write),
    sums: Option<(&mut [f32], Write)>,
    scratch: &mut Scratch,
) {
    let (sizes, distance) = (patches::sizes(geometry, n), geometry.result.pixel);
    let dy = Rows { values: dy, distance: Some(distance) };
    weight_gradient::with_sums(sizes, x.into(), dy, gradient, sums, scratch);
}

/// Whether the gradient of the kernel is computed from its [`factors`].
pub(crate) fn is_product_of_patches(geometry: &Geometry, n: usize, scratch: &Scratch) -> bool {
    Task::new(Pass::WeightGradient, n, geometry).algorithm(scratch) == Algorithm::Patches
}

/// The sizes of that product.
pub(crate) fn sizes_of_patches(geometry: &Geometry, n: usize) -> Sizes {
    patches::sizes(geometry, n)
}

/// Calls `work(sizes, patches, dy)` with the factors of the gradient of the kernel, `patchesᵀ · dy`; contributes the sums of dy.
pub(crate) fn factors(
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    dy: Upstream<'_>,
    sums: Option<(&mut [f32], Write)>,
    scratch: &mut Scratch,
    work: impl FnOnce(Sizes, &[f32], &[f32], &mut Scratch),
) {
    patches::factors(geometry, (n, x), dy, scratch, |sizes, x, dy, scratch| {
        if let Some((sums, write)) = sums {
            column_sums(dy, sums, write);
        }
        work(sizes, x, dy, scratch);
    });
}

/// Whether the outputs' gradients are read where they lie: their pixels follow each other, and are fit for that.
fn read_in_place(isa: Isa, geometry: &Geometry) -> bool {
    geometry.results_follow() && fit_in_place(isa, geometry.outputs)
}

/// A part of the outputs is a task, and computes a gradient of its own, of all taps and channels at once.
fn few_channels(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: Upstream<'_>,
    (gradient, sums): (&mut [f32], Option<&mut [f32]>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, result, .. } = *geometry;
    let window = geometry.window();
    let block = lines_of_block(columns).next_multiple_of(SIDE).min(rows.output);
    let blocks = rows.output.div_ceil(block);
    let units = n * blocks;
    let task = units.div_ceil(PARTS);
    let tasks = units.div_ceil(task);
    let in_place = read_in_place(isa, geometry);
    let image = window.scratch(block);
    let packed = if in_place { 0 } else { packed_len(isa, block * columns.output, outputs) };
    let spread = dy.scratch(block, geometry.size());
    let threads = geometry.pays(n);
    let Scratch { work, packed: products, .. } = scratch;
    let (kernel, summed) = (gradient.len(), sums.is_some());
    let own = kernel + outputs;
    let products = products.take(tasks * own);
    let chunk = image + packed + spread;
    let memory = (work.take(tasks * chunk), chunk);
    parallel::for_each_part(threads, tasks, &|part| part * own, products, memory, &|part, product, memory| {
        let (image, memory) = memory.split_at_mut(image);
        let (packed, spread) = memory.split_at_mut(packed);
        let (product, sums) = product.split_at_mut(kernel);
        let mut write = Write::Set;
        for unit in part * task..units.min((part + 1) * task) {
            let (sample, first) = (unit / blocks, unit % blocks * block);
            let lines = first..rows.output.min(first + block);
            let pixels = lines.len() * columns.output;
            let dy = dy.lines((geometry.size(), result), sample, lines.clone(), spread);
            let at = |pixel: usize| result.at(0, pixel / columns.output, pixel % columns.output);
            if summed {
                row_sums(dy, pixels, &at, sums, write);
            }
            let (b, layout) = if in_place {
                (dy, Layout::Rows(outputs))
            } else {
                pack(isa, dy, pixels, outputs, at, 1, packed);
                (&*packed, Layout::Packed)
            };
            let (image, line) = window.band(&x[sample * window.strides.image..], lines.clone(), image);
            let mut segments = [Segment::default(); LINES];
            let (count, len, step) = match columns.output {
                1 => (1, lines.len(), rows.stride * line),
                width => (lines.len(), width, columns.stride * inputs),
            };
            for (index, segment) in segments.iter_mut().take(count).enumerate() {
                *segment = Segment { a: index * rows.stride * line, b: index * columns.output };
            }
            let from = |row: usize| {
                let (tap, channel) = (row / inputs, row % inputs);
                let (down, right) = (tap / columns.size * rows.dilation, tap % columns.size * columns.dilation);
                down * line + right * inputs + channel
            };
            let product_of_rows = Product {
                a: image,
                segments: &segments[..count],
                len,
                step,
                b,
                layout,
                inner: pixels,
                columns: outputs,
                bias: None,
                quick: Quick::Linear,
                write: write.into(),
            };
            product_of_rows.compute(isa, geometry.patch(), from, product, |row| row * outputs);
            write = Write::Add;
        }
    });
    for product in products.chunks_exact(own) {
        elementwise::put_values(Write::Add, gradient, &product[..kernel]);
    }
    if let Some(sums) = sums {
        for product in products.chunks_exact(own) {
            elementwise::put_values(Write::Add, sums, &product[kernel..]);
        }
    }
}

/// A task owns some channels of all taps, and goes through all outputs in order.
fn many_channels(geometry: &Geometry, n: usize, x: &[f32], dy: &[f32], gradient: &mut [f32], scratch: &mut Scratch) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, result, .. } = *geometry;
    let lines = n * rows.output;
    let owned = inputs.div_ceil(TASKS).next_multiple_of(ROWS).min(inputs);
    let tasks = inputs.div_ceil(owned);
    let block = lines_of_block(columns);
    let taps = rows.size * columns.size;
    let in_place = read_in_place(isa, geometry);
    let (own, image, packed) = (
        taps * owned * outputs,
        owned.next_multiple_of(ROWS) * image_lines(geometry, block) * columns.input,
        if in_place { 0 } else { packed_len(isa, block * columns.output, outputs) },
    );
    let threads = geometry.pays(n);
    let Scratch { work, packed: products, .. } = scratch;
    // A task's gradient is not contiguous; each has one of its own, which is put into its place at the end.
    let products = products.take(tasks * own);
    let memory = (work.take(tasks * (image + packed)), image + packed);
    parallel::for_each_part(threads, tasks, &|part| part * own, products, memory, &|part, product, memory| {
        let channels = part * owned..inputs.min((part + 1) * owned);
        let (image, packed) = memory.split_at_mut(image);
        let mut write = Store::Set;
        for first in (0..lines).step_by(block) {
            let lines = first..lines.min(first + block);
            let pixels = lines.len() * columns.output;
            let (right, layout) = if in_place {
                (&dy[first * columns.output * outputs..], Layout::Rows(outputs))
            } else {
                let at = |pixel: usize| {
                    let line = first + pixel / columns.output;
                    result.at(line / rows.output, line % rows.output, pixel % columns.output)
                };
                pack(isa, dy, pixels, outputs, at, 1, packed);
                (&*packed, Layout::Packed)
            };
            for lines in within_samples(lines.clone(), rows.output) {
                let b = (lines.start - first) * columns.output;
                block_gradient(
                    geometry,
                    isa,
                    x,
                    (right, layout, pixels, b),
                    lines,
                    channels.clone(),
                    image,
                    product,
                    write,
                );
                write = Store::Add;
            }
        }
    });
    for (part, product) in products.chunks_exact(own).enumerate() {
        let channels = part * owned..inputs.min((part + 1) * owned);
        for (tap, product) in product.chunks_exact(channels.len() * outputs).take(taps).enumerate() {
            let place = &mut gradient[(tap * inputs + channels.start) * outputs..][..product.len()];
            elementwise::put_values(Write::Add, place, product);
        }
    }
}

/// Lines of an image that so many lines of outputs cover, at most.
fn image_lines(geometry: &Geometry, outputs: usize) -> usize {
    let rows = geometry.rows;
    let reach = (rows.size - 1) * rows.dilation + 1;
    ((outputs - 1) * rows.stride + reach).min(rows.input)
}

/// Lines of outputs, counted through all samples, cut where a sample ends.
fn within_samples(lines: Range<usize>, height: usize) -> impl Iterator<Item = Range<usize>> {
    let samples = lines.start / height..lines.end.div_ceil(height);
    samples.map(move |sample| lines.start.max(sample * height)..lines.end.min((sample + 1) * height))
}

/// What some lines of outputs of one sample contribute to the gradient of some channels, for every tap. The right factor
/// has so many rows, and the lines begin at row `b` of it.
#[expect(clippy::too_many_arguments, reason = "the sizes of three matrices")]
fn block_gradient(
    geometry: &Geometry,
    isa: Isa,
    x: &[f32],
    (right, layout, inner, b): (&[f32], Layout, usize, usize),
    lines: Range<usize>,
    channels: Range<usize>,
    image: &mut [f32],
    product: &mut [f32],
    write: Store,
) {
    let Geometry { rows, columns, outputs, image: strides, .. } = *geometry;
    let sample = lines.start / rows.output;
    let lines = lines.start % rows.output..lines.start % rows.output + lines.len();
    let first = (lines.start * rows.stride).saturating_sub(rows.padding);
    let end = ((lines.end - 1) * rows.stride + (rows.size - 1) * rows.dilation + 1).saturating_sub(rows.padding);
    let covered = first.min(rows.input)..end.min(rows.input);
    let positions = covered.len() * columns.input;
    let from = if positions == 0 { x } else { &x[strides.at(sample, covered.start, 0)..] };
    for (group, place) in image.chunks_exact_mut(ROWS * positions.max(1)).enumerate() {
        let begin = channels.start + group * ROWS;
        if begin >= channels.end || positions == 0 {
            break;
        }
        let count = ROWS.min(channels.end - begin);
        for (line, place) in place.chunks_exact_mut(ROWS * columns.input).enumerate() {
            let from = &from[line * strides.line + begin..];
            for (column, place) in place.chunks_exact_mut(ROWS).enumerate() {
                let from = &from[column * strides.pixel..];
                match from.first_chunk::<ROWS>() {
                    // A length that is known makes two moves of it instead of a call.
                    Some(from) if count == ROWS => place.copy_from_slice(from),
                    _ => place[..count].copy_from_slice(&from[..count]),
                }
            }
        }
    }
    for tap in 0..rows.size * columns.size {
        let (tap_row, tap_column) = (tap / columns.size, tap % columns.size);
        let inside = columns.outputs(tap_column, 0..columns.input);
        let mut segments = [Segment::default(); LINES];
        let mut count = 0;
        let (mut len, mut step) = (inside.len(), columns.stride * ROWS);
        for (index, line) in lines.clone().enumerate() {
            let Some(position) = rows.position(line, tap_row).filter(|_| !inside.is_empty()) else { continue };
            if columns.output == 1 && count == 1 {
                len += 1;
                continue;
            }
            let left = inside.start * columns.stride + tap_column * columns.dilation - columns.padding;
            segments[count].a = ((position - covered.start) * columns.input + left) * ROWS;
            segments[count].b = b + index * columns.output + inside.start;
            count += 1;
        }
        if columns.output == 1 {
            step = rows.stride * columns.input * ROWS;
        }
        let product = &mut product[tap * channels.len() * outputs..][..channels.len() * outputs];
        let product_of_rows = Product {
            a: image,
            segments: &segments[..count],
            len,
            step,
            b: right,
            layout,
            inner,
            columns: outputs,
            bias: None,
            quick: Quick::Linear,
            write,
        };
        let from = |channel: usize| channel / ROWS * ROWS * positions + channel % ROWS;
        product_of_rows.compute(isa, channels.len(), from, product, |channel| channel * outputs);
    }
}
