//! The gradient of a convolution's kernel: for each tap the product of the image, shifted and transposed, with the gradient
//! of the outputs.

use std::ops::Range;

use super::conv2d::Geometry;
use super::elementwise;
use super::parallel;
use super::simd::{Isa, ROWS};
use super::tile::{Layout, Product, Segment, pack, packed_len};
use super::{winograd_line, winograd_line_weights, winograd_weights};
use crate::{Arithmetic, Scratch, Write};

/// Output pixels whose gradients are packed at a time.
const PIXELS: usize = 256;

/// Tasks that the gradient is cut into at least, if there are enough channels.
const TASKS: usize = 8;

/// Lines of outputs that one product can have.
const LINES: usize = 64;

/// Channels below which all taps are rows of one product: a tile of one tap's channels would be half empty.
const FEW_CHANNELS: usize = 12;

/// Parts that the outputs are cut into where there are few channels; their gradients are added up in order.
const PARTS: usize = 16;

/// `gradient = patches(x)ᵀ · dy`
pub(crate) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    gradient: &mut [f32],
    write: Write,
    scratch: &mut Scratch,
) {
    if write == Write::Set {
        gradient.fill(0.0);
    }
    if n * geometry.rows.output == 0 || geometry.columns.output == 0 || gradient.is_empty() {
        return;
    }
    let (isa, fast) = (Isa::current(), scratch.arithmetic == Arithmetic::Fast);
    if fast && winograd_weights::fits(isa, geometry) {
        winograd_weights::backward_weights(geometry, n, x, dy, gradient, scratch);
    } else if let Some(direction) = winograd_line::fits(isa, geometry).filter(|_| fast) {
        winograd_line_weights::backward_weights(direction, geometry, n, x, dy, gradient, scratch);
    } else if geometry.inputs < FEW_CHANNELS {
        few_channels(geometry, n, x, dy, gradient, scratch);
    } else {
        many_channels(geometry, n, x, dy, gradient, scratch);
    }
}

/// A part of the outputs is a task, and computes a gradient of its own, of all taps and channels at once.
fn few_channels(geometry: &Geometry, n: usize, x: &[f32], dy: &[f32], gradient: &mut [f32], scratch: &mut Scratch) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs } = *geometry;
    let window = geometry.window();
    let block = (PIXELS / columns.output).clamp(1, LINES).min(rows.output);
    let blocks = rows.output.div_ceil(block);
    let units = n * blocks;
    let task = units.div_ceil(PARTS);
    let tasks = units.div_ceil(task);
    let (image, packed) = (window.scratch(block), packed_len(isa, block * columns.output, outputs));
    let threads = parallel::pays(geometry.multiply_adds(n));
    let Scratch { work, packed: products, .. } = scratch;
    let own = gradient.len();
    let products = products.take(tasks * own);
    let memory = (work.take(tasks * (image + packed)), image + packed);
    parallel::for_each_part(threads, tasks, &|part| part * own, products, memory, &|part, product, memory| {
        let (image, packed) = memory.split_at_mut(image);
        let mut write = Write::Set;
        for unit in part * task..units.min((part + 1) * task) {
            let (sample, first) = (unit / blocks, unit % blocks * block);
            let lines = first..rows.output.min(first + block);
            let pixels = lines.len() * columns.output;
            let dy = &dy[(sample * rows.output + first) * columns.output * outputs..];
            pack(isa, dy, pixels, outputs, |row| row * outputs, 1, packed);
            let size = rows.input * columns.input * inputs;
            let (image, line) = window.band(&x[sample * size..][..size], lines.clone(), image);
            let mut segments = [Segment::default(); LINES];
            for (index, segment) in segments.iter_mut().take(lines.len()).enumerate() {
                *segment = Segment { a: index * rows.stride * line, b: index * columns.output };
            }
            let from = |row: usize| {
                let (tap, channel) = (row / inputs, row % inputs);
                let (down, right) = (tap / columns.size * rows.dilation, tap % columns.size * columns.dilation);
                down * line + right * inputs + channel
            };
            let product_of_rows = Product {
                a: image,
                segments: &segments[..lines.len()],
                len: columns.output,
                step: columns.stride * inputs,
                b: packed,
                layout: Layout::Packed,
                inner: pixels,
                columns: outputs,
                bias: None,
                relu: false,
                write,
            };
            product_of_rows.compute(isa, geometry.patch(), from, product, |row| row * outputs);
            write = Write::Add;
        }
    });
    for product in products.chunks_exact(own) {
        elementwise::put(Write::Add, gradient, product.iter().copied());
    }
}

/// A task owns some channels of all taps, and goes through all outputs in order.
fn many_channels(geometry: &Geometry, n: usize, x: &[f32], dy: &[f32], gradient: &mut [f32], scratch: &mut Scratch) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs } = *geometry;
    let lines = n * rows.output;
    let owned = inputs.div_ceil(TASKS).next_multiple_of(ROWS).min(inputs);
    let tasks = inputs.div_ceil(owned);
    let block = (PIXELS / columns.output).clamp(1, LINES);
    let taps = rows.size * columns.size;
    let (own, image, packed) = (
        taps * owned * outputs,
        owned.next_multiple_of(ROWS) * image_lines(geometry, block) * columns.input,
        packed_len(isa, block * columns.output, outputs),
    );
    let threads = parallel::pays(geometry.multiply_adds(n));
    let Scratch { work, packed: products, .. } = scratch;
    // A task's gradient is not contiguous; each has one of its own, which is put into its place at the end.
    let products = products.take(tasks * own);
    let memory = (work.take(tasks * (image + packed)), image + packed);
    parallel::for_each_part(threads, tasks, &|part| part * own, products, memory, &|part, product, memory| {
        let channels = part * owned..inputs.min((part + 1) * owned);
        let (image, packed) = memory.split_at_mut(image);
        let mut write = Write::Set;
        for first in (0..lines).step_by(block) {
            let lines = first..lines.min(first + block);
            let pixels = lines.len() * columns.output;
            pack(isa, &dy[first * columns.output * outputs..], pixels, outputs, |row| row * outputs, 1, packed);
            for lines in within_samples(lines.clone(), rows.output) {
                let b = (lines.start - first) * columns.output;
                block_gradient(geometry, isa, x, (packed, pixels, b), lines, channels.clone(), image, product, write);
                write = Write::Add;
            }
        }
    });
    for (part, product) in products.chunks_exact(own).enumerate() {
        let channels = part * owned..inputs.min((part + 1) * owned);
        for (tap, product) in product.chunks_exact(channels.len() * outputs).take(taps).enumerate() {
            let place = &mut gradient[(tap * inputs + channels.start) * outputs..][..product.len()];
            elementwise::put(Write::Add, place, product.iter().copied());
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
/// is packed, with so many rows, and the lines begin at row `b` of it.
#[expect(clippy::too_many_arguments, reason = "the sizes of three matrices")]
fn block_gradient(
    geometry: &Geometry,
    isa: Isa,
    x: &[f32],
    (packed, inner, b): (&[f32], usize, usize),
    lines: Range<usize>,
    channels: Range<usize>,
    image: &mut [f32],
    product: &mut [f32],
    write: Write,
) {
    let Geometry { rows, columns, inputs, outputs } = *geometry;
    let sample = lines.start / rows.output;
    let lines = lines.start % rows.output..lines.start % rows.output + lines.len();
    let first = (lines.start * rows.stride).saturating_sub(rows.padding);
    let end = ((lines.end - 1) * rows.stride + (rows.size - 1) * rows.dilation + 1).saturating_sub(rows.padding);
    let covered = first.min(rows.input)..end.min(rows.input);
    let positions = covered.len() * columns.input;
    let from = &x[(sample * rows.input + covered.start) * columns.input * inputs..];
    for (group, place) in image.chunks_exact_mut(ROWS * positions.max(1)).enumerate() {
        let begin = channels.start + group * ROWS;
        if begin >= channels.end || positions == 0 {
            break;
        }
        let count = ROWS.min(channels.end - begin);
        for (position, place) in place.chunks_exact_mut(ROWS).enumerate() {
            place[..count].copy_from_slice(&from[position * inputs + begin..][..count]);
        }
    }
    for tap in 0..rows.size * columns.size {
        let (tap_row, tap_column) = (tap / columns.size, tap % columns.size);
        let inside = columns.outputs(tap_column, 0..columns.input);
        let mut segments = [Segment::default(); LINES];
        let mut count = 0;
        for (index, line) in lines.clone().enumerate() {
            let Some(position) = rows.position(line, tap_row).filter(|_| !inside.is_empty()) else { continue };
            let left = inside.start * columns.stride + tap_column * columns.dilation - columns.padding;
            segments[count].a = ((position - covered.start) * columns.input + left) * ROWS;
            segments[count].b = b + index * columns.output + inside.start;
            count += 1;
        }
        let product = &mut product[tap * channels.len() * outputs..][..channels.len() * outputs];
        let product_of_rows = Product {
            a: image,
            segments: &segments[..count],
            len: inside.len(),
            step: columns.stride * ROWS,
            b: packed,
            layout: Layout::Packed,
            inner,
            columns: outputs,
            bias: None,
            relu: false,
            write,
        };
        let from = |channel: usize| channel / ROWS * ROWS * positions + channel % ROWS;
        product_of_rows.compute(isa, channels.len(), from, product, |channel| channel * outputs);
    }
}
