//! The gradient of the kernel of a pooled convolution of few channels. Of each 2x2 outputs one has a gradient, so that a quarter of
//! the products is enough: each gradient times what its tap has covered. Which of four inputs that was differs from channel
//! to channel, and is picked lane by lane from all four, which are laid side by side for that.

use super::geometry::Geometry;
use super::max_pooled::{SIDE, pooled_strides};
use crate::kernels::axis::Axis;
use crate::kernels::elementwise::arithmetic as elementwise;
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::exact::product;
use crate::tensor::param::Write;

/// Inputs that a value can be the largest of.
const FOUR: usize = SIDE * SIDE;

/// Rows of pooled pixels that are worked on together: what they have covered, four times, stays in the nearest cache.
const BAND: usize = 4;

/// Parts that the pooled pixels are cut into; their gradients are added up in order.
const PARTS: usize = 16;

/// Taps of a row of the kernel, with their channels, that are worked on together: there are registers for so many sums.
const RUN: usize = 9;

/// Rows of the kernel that are worked on together where there are registers for [`RUN`] sums of each.
const ROWS: usize = 3;

/// Whether the gradient is computed so.
pub(super) fn fits(isa: Isa, geometry: &Geometry) -> bool {
    let plain = |axis: Axis| axis.stride == 1 && axis.dilation == 1;
    plain(geometry.rows) && plain(geometry.columns) && geometry.outputs.is_multiple_of(isa.lanes())
}

/// Adds `patches(x)ᵀ · dy` to the gradient, of dy by the pooled outputs.
pub(super) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    (dy, choices): (&[f32], &[u8]),
    gradient: &mut [f32],
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    let (window, strides) = (geometry.window(), pooled_strides(geometry.size()));
    let [height, width] = [rows.output, columns.output].map(|outputs| outputs / SIDE);
    if height * width == 0 {
        return;
    }
    let bands = height.div_ceil(BAND);
    let units = n * bands;
    let task = units.div_ceil(PARTS);
    let tasks = units.div_ceil(task);
    // Lines that a band covers, and the places where four inputs are side by side.
    let lines = SIDE * BAND + rows.size - 1;
    let run = columns.size * inputs;
    let line_of_fours = product(&[columns.output + columns.size - 2, inputs, FOUR]);
    let (image, own) = (window.scratch(SIDE * BAND), gradient.len());
    let threads = geometry.pays(n);
    let Scratch { work, packed: products, .. } = scratch;
    let products = products.take(tasks * own);
    let slots = Slots::new(threads, tasks, work, image + (lines - 1) * line_of_fours);
    parallel::for_each_part(threads, tasks, &|part| part * own, products, (&mut [], 0), &|part, gradient, _| {
        gradient.fill(0.0);
        slots.with(|memory| {
            let (image, fours) = memory.split_at_mut(image);
            for unit in part * task..units.min((part + 1) * task) {
                let (sample, first) = (unit / bands, unit % bands * BAND);
                let count = BAND.min(height - first);
                let covered = SIDE * first..SIDE * (first + count);
                let (image, line) = window.band(&x[sample * window.strides.image..], covered, image);
                for (row, fours) in
                    fours.chunks_exact_mut(line_of_fours).take(lines - 1 - SIDE * (BAND - count)).enumerate()
                {
                    let upper = &image[row * line..];
                    let end = line_of_fours / FOUR + inputs;
                    let (upper, lower) = (&upper[..end], &upper[line..line + end]);
                    // SAFETY: both lines have as many floats as there are places, and those of a pixel more.
                    unsafe { side_by_side(isa, upper.as_ptr(), lower.as_ptr(), inputs, fours) }
                }
                let place = strides.at(sample, first, 0);
                let len = product(&[count, width, outputs]);
                let pixels = Pixels {
                    dy: dy[place..place + len].as_ptr(),
                    choices: choices[place..place + len].as_ptr(),
                    channels: outputs,
                    size: [count, width],
                    step: SIDE * inputs * FOUR,
                    line: SIDE * line_of_fours,
                };
                let needed = product(&[SIDE * (count - 1) + rows.size, line_of_fours]);
                let weights = product(&[rows.size, columns.size, inputs, outputs]);
                assert!(fours.len() >= needed && gradient.len() == weights);
                // SAFETY: the pixels lie within both slices; the fours of the last tap of the last pixel end where a line of them
                // does, as counted just now; a gradient has all taps of every channel.
                unsafe { taps(isa, &pixels, fours.as_ptr(), [rows.size, run, line_of_fours], gradient.as_mut_ptr()) }
            }
        });
    });
    for product in products.chunks_exact(own) {
        elementwise::put_values(Write::Add, gradient, product);
    }
}

dispatch! {
    /// Lays side by side each float of a line, the same channel of the next pixel, and both of the line below.
    unsafe fn side_by_side(
        upper: *const f32,
        lower: *const f32,
        channels: usize,
        fours: &mut [f32],
    ) = side_by_side_generic
}

#[inline(always)]
unsafe fn side_by_side_generic<S: Simd>(upper: *const f32, lower: *const f32, channels: usize, fours: &mut [f32]) {
    let count = fours.len() / FOUR;
    let whole = count - count % S::LANES;
    for at in (0..whole).step_by(S::LANES) {
        // SAFETY: the caller has so many floats in both lines, and a pixel more.
        unsafe {
            let (upper, lower) = (upper.add(at), lower.add(at));
            let four = [S::load(upper), S::load(upper.add(channels)), S::load(lower), S::load(lower.add(channels))];
            S::store_columns(fours.as_mut_ptr().add(at * FOUR), FOUR, four);
        }
    }
    for (at, four) in fours.chunks_exact_mut(FOUR).enumerate().skip(whole) {
        // SAFETY: as above.
        unsafe {
            four.copy_from_slice(&[
                *upper.add(at),
                *upper.add(at + channels),
                *lower.add(at),
                *lower.add(at + channels),
            ])
        }
    }
}

/// Pooled pixels, and how what they have covered lies.
struct Pixels {
    dy: *const f32,
    choices: *const u8,
    channels: usize,
    /// Rows and columns.
    size: [usize; 2],
    /// Distance of the fours of two pixels of a row, and of two rows.
    step: usize,
    line: usize,
}

dispatch! {
    /// Adds the gradients of all taps to the sums: so many rows of the kernel, taps of a row with their channels, and floats from
    /// the fours of one row to those of the next.
    unsafe fn taps(pixels: &Pixels, fours: *const f32, kernel: [usize; 3], sums: *mut f32) = taps_generic
}

#[inline(always)]
unsafe fn taps_generic<S: Simd>(pixels: &Pixels, fours: *const f32, [rows, run, line]: [usize; 3], sums: *mut f32) {
    for channel in (0..pixels.channels).step_by(S::LANES) {
        // SAFETY: every row and tap is one of the kernel's.
        unsafe {
            if S::LANES >= 16 && rows == ROWS && run == RUN {
                sums_of_taps::<S, ROWS, RUN>(pixels, fours, line, channel, sums, run);
                continue;
            }
            for row in 0..rows {
                let (fours, sums) = (fours.add(row * line), sums.add(row * run * pixels.channels));
                let mut first = 0;
                while first < run {
                    let (fours, sums) = (fours.add(first * FOUR), sums.add(first * pixels.channels));
                    first += match run - first {
                        RUN.. => {
                            sums_of_taps::<S, 1, RUN>(pixels, fours, line, channel, sums, run);
                            RUN
                        }
                        3.. => {
                            sums_of_taps::<S, 1, 3>(pixels, fours, line, channel, sums, run);
                            3
                        }
                        _ => {
                            sums_of_taps::<S, 1, 1>(pixels, fours, line, channel, sums, run);
                            1
                        }
                    };
                }
            }
        }
    }
}

/// The sums of `T` taps in each of `R` rows, for a vector of channels.
#[inline(always)]
unsafe fn sums_of_taps<S: Simd, const R: usize, const T: usize>(
    pixels: &Pixels,
    fours: *const f32,
    line: usize,
    channel: usize,
    sums: *mut f32,
    run: usize,
) {
    let channels = pixels.channels;
    let [height, width] = pixels.size;
    // SAFETY: the caller has the taps, and fours for each of them and all pixels.
    unsafe {
        let place = |row: usize, tap: usize| sums.add((row * run + tap) * channels + channel);
        let mut totals = [[S::splat(0.0); T]; R];
        for (row, totals) in totals.iter_mut().enumerate() {
            for (tap, total) in totals.iter_mut().enumerate() {
                *total = S::load(place(row, tap));
            }
        }
        for y in 0..height {
            for x in 0..width {
                let pixel = (y * width + x) * channels + channel;
                let dy = S::load(pixels.dy.add(pixel));
                let choices = S::load_choices(pixels.choices.add(pixel));
                let fours = fours.add(y * pixels.line + x * pixels.step);
                for (row, totals) in totals.iter_mut().enumerate() {
                    for (tap, total) in totals.iter_mut().enumerate() {
                        *total = S::mul_add(S::choose(fours.add(row * line + tap * FOUR), choices), dy, *total);
                    }
                }
            }
        }
        for (row, totals) in totals.into_iter().enumerate() {
            for (tap, total) in totals.into_iter().enumerate() {
                S::store(place(row, tap), total);
            }
        }
    }
}
