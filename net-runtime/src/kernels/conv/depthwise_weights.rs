//! The gradient of the kernel of a depthwise convolution: for each tap the sum over all outputs of their gradients times what the
//! tap has covered, a vector of channels at a time.

#![expect(clippy::needless_range_loop, reason = "indices are registers, not places in a list")]

use std::ops::Range;

use super::depthwise::{Geometry, side_by_side};
use crate::kernels::axis::Axis;
use crate::kernels::elementwise::arithmetic::put_values;
use crate::kernels::reduce::reductions::row_sums;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Write;

/// Parts that the lines of outputs are cut into; their gradients are added up in order.
const PARTS: usize = 16;

/// `gradient = patches(x)ᵀ · dy`, channel by channel, and the sums of dy over all pixels, if they are wanted.
pub(crate) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    (gradient, write): (&mut [f32], Write),
    sums: Option<(&mut [f32], Write)>,
    scratch: &mut Scratch,
) {
    let Geometry { rows, columns, channels, multiplier } = *geometry;
    let (isa, outputs, taps) = (Isa::current(), geometry.outputs(), geometry.weights());
    let [image, upstream] = [geometry.input(), geometry.output()].map(|size| product(&size));
    let lines = n * rows.output;
    let task = lines.div_ceil(PARTS).max(1);
    let tasks = lines.div_ceil(task);
    let own = sum(&[taps, outputs]);
    let spread = if multiplier > 1 { product(&[rows.size, columns.input, outputs]) } else { 0 };
    let threads = geometry.pays(n);
    let Scratch { work, packed, .. } = scratch;
    let products = packed.take(product(&[tasks, own]));
    let slots = Slots::new(threads, tasks, work, spread);
    parallel::for_each_part(threads, tasks, &|part| part * own, products, (&mut [], 0), &|part, product, _| {
        product.fill(0.0);
        let (product, sums) = product.split_at_mut(taps);
        slots.with(|spread| {
            for line in part * task..lines.min((part + 1) * task) {
                let (sample, row) = (line / rows.output, line % rows.output);
                let x = &x[sample * image..][..image];
                let dy = &dy[sample * upstream..][..upstream][row * columns.output * outputs..];
                row_sums(dy, columns.output, &|pixel| pixel * outputs, sums, Write::Add);
                let inside = rows.taps(row);
                let Some(top) = rows.position(row, inside.start).filter(|_| !inside.is_empty()) else { continue };
                let of_line = columns.input * channels;
                let (x, row_step) = if multiplier > 1 {
                    let line = of_line * multiplier;
                    for (index, spread) in spread.chunks_exact_mut(line).take(inside.len()).enumerate() {
                        side_by_side(&x[(top + index * rows.dilation) * of_line..], multiplier, spread);
                    }
                    (&*spread, line)
                } else {
                    (&x[top * of_line..], rows.dilation * of_line)
                };
                let product = &mut product[inside.start * columns.size * outputs..];
                add_line(isa, columns, outputs, (x, inside.len(), row_step), dy, product);
            }
        });
    });
    let mut write = write;
    if tasks == 0 && write == Write::Set {
        gradient.fill(0.0);
    }
    for product in products.chunks_exact(own).take(tasks) {
        put_values(write, gradient, &product[..taps]);
        write = Write::Add;
    }
    if let Some((sums, mut write)) = sums {
        if tasks == 0 && write == Write::Set {
            sums.fill(0.0);
        }
        for product in products.chunks_exact(own).take(tasks) {
            put_values(write, sums, &product[taps..]);
            write = Write::Add;
        }
    }
}

/// Adds what a line of outputs contributes to some rows of taps, which are inside: the lines that they cover begin so far apart.
fn add_line(
    isa: Isa,
    columns: Axis,
    channels: usize,
    (x, rows, row_step): (&[f32], usize, usize),
    dy: &[f32],
    gradient: &mut [f32],
) {
    let line = Line { columns, channels, rows, row_step };
    let end = sum(&[product(&[rows - 1, row_step]), product(&[columns.input, channels])]);
    assert!(end <= x.len() && product(&[columns.output, channels]) <= dy.len(), "a line has not all its pixels");
    assert!(product(&[rows, columns.size, channels]) <= gradient.len(), "a tap has no place");
    // SAFETY: all pixels of the lines, and a place for each tap, as just checked; an `Isa` is one of this machine.
    unsafe { line_gradient(isa, &line, x.as_ptr(), dy.as_ptr(), gradient.as_mut_ptr()) }
}

/// A line of outputs: its window across, and the rows of taps that are inside.
struct Line {
    columns: Axis,
    channels: usize,
    rows: usize,
    row_step: usize,
}

impl Line {
    /// Outputs for which all taps are inside.
    fn whole(&self) -> Range<usize> {
        let Axis { input, size, .. } = self.columns;
        let [first, last] = [0, size - 1].map(|tap| self.columns.outputs(tap, 0..input));
        first.start.max(last.start)..first.end.min(last.end).max(first.start.max(last.start))
    }
}

dispatch! {
    /// Adds the contributions of a line that was checked.
    unsafe fn line_gradient(line: &Line, x: *const f32, dy: *const f32, gradient: *mut f32) = line_generic
}

#[inline(always)]
unsafe fn line_generic<S: Simd>(line: &Line, x: *const f32, dy: *const f32, gradient: *mut f32) {
    let Line { columns: Axis { input, size, .. }, channels, rows, .. } = *line;
    let whole = line.whole();
    // SAFETY: the caller has checked the sizes; outputs beside those with all taps are visited tap by tap, where it is inside.
    unsafe {
        for channel in (0..channels).step_by(S::LANES) {
            if rows == 3 && size == 3 {
                run_generic::<S, 3, 3>(line, (0, 0), whole.clone(), channel, x, dy, gradient);
            } else {
                for row in 0..rows {
                    let mut tap = 0;
                    while tap < size {
                        let of = (row, tap);
                        tap += match size - tap {
                            5.. => run_generic::<S, 1, 5>(line, of, whole.clone(), channel, x, dy, gradient),
                            3.. => run_generic::<S, 1, 3>(line, of, whole.clone(), channel, x, dy, gradient),
                            _ => run_generic::<S, 1, 1>(line, of, whole.clone(), channel, x, dy, gradient),
                        }
                    }
                }
            }
            for tap in 0..size {
                let inside = line.columns.outputs(tap, 0..input);
                for outputs in [inside.start..whole.start.min(inside.end), whole.end.max(inside.start)..inside.end] {
                    for row in 0..if outputs.is_empty() { 0 } else { rows } {
                        run_generic::<S, 1, 1>(line, (row, tap), outputs.clone(), channel, x, dy, gradient);
                    }
                }
            }
        }
    }
}

/// The contributions of some outputs to `R` rows of `L` taps from this one on, for a vector of channels; returns the latter.
#[inline(always)]
unsafe fn run_generic<S: Simd, const R: usize, const L: usize>(
    line: &Line,
    (row, tap): (usize, usize),
    outputs: Range<usize>,
    channel: usize,
    x: *const f32,
    dy: *const f32,
    gradient: *mut f32,
) -> usize {
    if outputs.is_empty() {
        return L;
    }
    let Line { columns: Axis { output, size, stride, dilation, padding, .. }, channels, row_step, .. } = *line;
    let (step, apart) = (stride * channels, dilation * channels);
    let all = channels - channel >= S::LANES;
    // SAFETY: the caller has checked that these taps are inside for all of these outputs; a vector that is not whole is read and
    // written in part.
    unsafe {
        let zero = S::splat(0.0);
        let mut x = x.add(row * row_step + (outputs.start * stride + tap * dilation - padding) * channels);
        let mut dy = dy.add(outputs.start * channels);
        let mut sums = [[zero; L]; R];
        let last = row + R == line.rows;
        for _ in outputs {
            // What the line below reads first is not near.
            if last {
                S::prefetch_later(x.wrapping_add(R * row_step + channel));
                S::prefetch_later(dy.wrapping_add(output * channels + channel));
            }
            let upstream = if all { S::load(dy.add(channel)) } else { load_at::<S>(dy, channels, channel, zero) };
            for r in 0..R {
                for l in 0..L {
                    let x = x.add(r * row_step + l * apart);
                    let x = if all { S::load(x.add(channel)) } else { load_at::<S>(x, channels, channel, zero) };
                    sums[r][l] = S::mul_add(x, upstream, sums[r][l]);
                }
            }
            x = x.wrapping_add(step);
            dy = dy.wrapping_add(channels);
        }
        for r in 0..R {
            for l in 0..L {
                let place = gradient.add(((row + r) * size + tap + l) * channels);
                let before = load_at::<S>(place, channels, channel, zero);
                store_at::<S>(place, channels, channel, S::add(before, sums[r][l]));
            }
        }
    }
    L
}
