//! A line of outputs of a depthwise convolution: tiles of neighbouring outputs, whose sums are in registers.

#![expect(clippy::needless_range_loop, reason = "indices are registers, not places in a list")]

use std::mem::MaybeUninit;
use std::ops::Range;

use crate::kernels::conv::sweep::Sweep;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// Neighbouring outputs whose sums are in registers at once: as many as hide the time that one of them takes.
const TILE: usize = 8;

/// Neighbouring vectors of one output whose sums are in registers at once: a sum takes as long as the loads for so many.
const BESIDE: usize = 4;

/// Where the weights of a tap (row, column) begin: at `first + row * down + column * right`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taps {
    pub first: isize,
    pub down: isize,
    pub right: isize,
}

/// A line of outputs, and what it is computed from.
pub(super) struct Line<'a> {
    /// The input from its first line that is covered on.
    pub x: &'a [f32],
    /// Rows of taps that are inside, and their distance in the input.
    pub rows: usize,
    pub row_step: usize,
    pub columns: Sweep,
    pub channels: usize,
    pub weights: &'a [f32],
    /// From the first row of taps that is inside on.
    pub taps: Taps,
    pub write: Store,
    /// As of a [`Product`](crate::kernels::gemm::microkernel::Product).
    pub bias: Option<&'a [f32]>,
    pub quick: Quick,
    /// Whether the line below is far away by the time that it is computed.
    pub large: bool,
}

impl Line<'_> {
    /// Writes it to `y`, where its pixels are so far apart.
    ///
    /// # Panics
    ///
    /// If something that is read or written does not exist.
    pub fn compute(&self, isa: Isa, y: &mut [f32], pixel: usize) {
        self.check(y.len(), pixel);
        // SAFETY: all that is read and written was checked just now; an `Isa` is one of this machine.
        unsafe { compute_line(isa, self, y.as_mut_ptr(), pixel) }
    }

    /// Checks that all that is read and written exists.
    fn check(&self, y: usize, pixel: usize) {
        let Self { rows, columns, channels, taps: Taps { first, down, right }, .. } = *self;
        assert!(sum(&[product(&[columns.output - 1, pixel]), channels]) <= y, "a line of outputs has no place");
        assert!(self.bias.is_none_or(|bias| bias.len() == channels));
        if rows == 0 || columns.taps == 0 {
            return;
        }
        let last_line = product(&[rows - 1, self.row_step]);
        assert!(sum(&[last_line, product(&[columns.input, channels])]) <= self.x.len(), "a window leaves the image");
        let ends =
            [0, (rows - 1) as isize * down].map(|down| [0, (columns.taps - 1) as isize * right].map(|r| down + r));
        let inside = |at: isize| first + at >= 0 && sum(&[(first + at) as usize, channels]) <= self.weights.len();
        assert!(ends.into_iter().flatten().all(inside), "a tap has no weights");
    }
}

dispatch! {
    /// Computes a line that was checked.
    unsafe fn compute_line(line: &Line<'_>, y: *mut f32, pixel: usize) = line_generic
}

#[inline(always)]
unsafe fn line_generic<S: Simd>(line: &Line<'_>, y: *mut f32, pixel: usize) {
    let Sweep { taps, stride, dilation, .. } = line.columns;
    // The channels that fill vectors; a few others may follow.
    let whole = line.channels - line.channels % S::LANES;
    // SAFETY: the caller has checked the sizes; of an output beside those with all taps, only the taps inside are read.
    unsafe {
        match (taps, stride, dilation) {
            // With few registers, what several windows have in common finds no place in them.
            _ if const { S::VECTORS * S::LANES <= 8 } => any_taps::<S, true>(line, 0..whole, y, pixel),
            (3, 1, 1) => neighbours::<S, 3, 1>(line, whole, y, pixel),
            (3, 2, 1) => neighbours::<S, 3, 2>(line, whole, y, pixel),
            (5, 1, 1) => neighbours::<S, 5, 1>(line, whole, y, pixel),
            (5, 2, 1) => neighbours::<S, 5, 2>(line, whole, y, pixel),
            _ => any_taps::<S, true>(line, 0..whole, y, pixel),
        }
        any_taps::<S, false>(line, whole..line.channels, y, pixel);
    }
}

/// The outputs of a line by windows of any taps, for some channels: vectors of them if they are `ALL` there, or less than one.
#[inline(always)]
unsafe fn any_taps<S: Simd, const ALL: bool>(line: &Line<'_>, channels: Range<usize>, y: *mut f32, pixel: usize) {
    if channels.is_empty() {
        return;
    }
    let Sweep { output, taps, .. } = line.columns;
    let whole = line.columns.whole();
    // SAFETY: the caller's promise.
    unsafe {
        for column in (0..whole.start).chain(whole.end..output) {
            let inside = line.columns.inside(column);
            one_output::<S, ALL>(line, column, inside, channels.clone(), y.add(column * pixel), pixel);
        }
        let mut column = whole.start;
        while column < whole.end {
            let (y, taps, channels) = (y.add(column * pixel), 0..taps, channels.clone());
            column += match whole.end - column {
                ..4 => one_output::<S, ALL>(line, column, taps, channels, y, pixel),
                4..TILE => tile_generic::<S, 4, 1, ALL>(line, column, taps, channels, y, pixel),
                _ => tile_generic::<S, TILE, 1, ALL>(line, column, taps, channels, y, pixel),
            };
        }
    }
}

/// Computes one output, whose taps need not be inside for others: channels side by side, so that no sum waits for itself.
#[inline(always)]
unsafe fn one_output<S: Simd, const ALL: bool>(
    line: &Line<'_>,
    column: usize,
    taps: Range<usize>,
    channels: Range<usize>,
    y: *mut f32,
    pixel: usize,
) -> usize {
    let width = BESIDE * S::LANES;
    let whole = if ALL { channels.start + channels.len() / width * width } else { channels.start };
    // SAFETY: the caller's promise.
    unsafe {
        tile_generic::<S, 1, BESIDE, ALL>(line, column, taps.clone(), channels.start..whole, y, pixel);
        tile_generic::<S, 1, 1, ALL>(line, column, taps, whole..channels.end, y, pixel)
    }
}

/// Computes `T` outputs from a column on, by some columns of taps that are inside for all of them, `V` vectors of channels at once; returns
/// their number.
#[inline(always)]
unsafe fn tile_generic<S: Simd, const T: usize, const V: usize, const ALL: bool>(
    line: &Line<'_>,
    column: usize,
    taps: Range<usize>,
    channels: Range<usize>,
    y: *mut f32,
    pixel: usize,
) -> usize {
    let Line { rows, row_step, columns, taps: Taps { first, down, right }, .. } = *line;
    let (step, dilation) = (columns.stride * line.channels, columns.dilation * line.channels);
    for channel in channels.step_by(V * S::LANES) {
        // SAFETY: the caller has checked that all taps that are inside have a place and weights, for every channel.
        unsafe {
            let mut sums = [[S::splat(0.0); T]; V];
            if !taps.is_empty() {
                let position = columns.position(column, taps.start) as usize;
                let mut x_row = line.x.as_ptr().add(position * line.channels);
                let mut w_row = line.weights.as_ptr().offset(first + taps.start as isize * right);
                for _ in 0..rows {
                    let (mut x, mut w) = (x_row, w_row);
                    for _ in taps.clone() {
                        for v in 0..V {
                            let channel = channel + v * S::LANES;
                            let weights = load_of::<S, ALL>(line, w, channel);
                            for t in 0..T {
                                let x = load_of::<S, ALL>(line, x.add(t * step), channel);
                                sums[v][t] = S::mul_add(x, weights, sums[v][t]);
                            }
                        }
                        x = x.wrapping_add(dilation);
                        w = w.wrapping_offset(right);
                    }
                    x_row = x_row.wrapping_add(row_step);
                    w_row = w_row.wrapping_offset(down);
                }
                for channel in (channel..).step_by(S::LANES).take(V) {
                    ask_for_below::<S, T>(line, (x_row.wrapping_add(channel), step), (y.wrapping_add(channel), pixel));
                }
            }
            for v in 0..V {
                put::<S, T, ALL>(line, [sums[v]], channel + v * S::LANES, y, pixel);
            }
        }
    }
    T
}

/// A loop over numbers that are written here, unrolled: which registers are meant is known where the code is made.
macro_rules! unrolled {
    ($name:ident in $($value:literal)*, $work:block) => {
        $({
            const $name: usize = $value;
            $work
        })*
    };
}

/// The outputs of a line by windows of `K` neighbouring taps, for the first channels, which are whole vectors.
#[inline(always)]
unsafe fn neighbours<S: Simd, const K: usize, const STRIDE: usize>(
    line: &Line<'_>,
    channels: usize,
    y: *mut f32,
    pixel: usize,
) {
    let output = line.columns.output;
    let mut column = 0;
    while column < output {
        // Of the last tile, some outputs may not exist: they take less than code of their own for each number of them.
        let count = (output - column).min(TILE);
        // SAFETY: the caller has checked the sizes.
        unsafe {
            let y = y.add(column * pixel);
            let begin = line.columns.position(column, 0);
            let inside = begin >= 0 && begin as usize + (TILE - 1) * STRIDE + K <= line.columns.input;
            if count <= TILE / 2 {
                neighbours_tile::<S, K, STRIDE, { TILE / 2 }, false>(line, (column, count), channels, y, pixel);
            } else if K == 3 && inside {
                neighbours_tile::<S, K, STRIDE, TILE, true>(line, (column, count), channels, y, pixel);
            } else {
                neighbours_tile::<S, K, STRIDE, TILE, false>(line, (column, count), channels, y, pixel);
            }
        }
        column += count;
    }
}

/// Which output reads a position by a tap; none by most.
const fn output_of<const K: usize, const STRIDE: usize>(at: usize, tap: usize) -> usize {
    if tap < K && tap <= at && (at - tap).is_multiple_of(STRIDE) { (at - tap) / STRIDE } else { usize::MAX }
}

/// Computes `T` outputs from a column on, of which `count` exist. What they read is read once for all of them: positions of the image
/// one after the other, of which those beside it are left out; none is if all are `INSIDE`, so that nobody has to ask, which took as long as
/// the sums of three taps. Sums are added up in the order of [`tile_generic`].
#[inline(always)]
unsafe fn neighbours_tile<S: Simd, const K: usize, const STRIDE: usize, const T: usize, const INSIDE: bool>(
    line: &Line<'_>,
    (column, count): (usize, usize),
    channels: usize,
    y: *mut f32,
    pixel: usize,
) {
    let Line { rows, row_step, columns, taps: Taps { first, down, right }, .. } = *line;
    let begin = columns.position(column, 0);
    // The positions that are inside, from the first one on.
    let inside = (-begin).max(0)..columns.input as isize - begin;
    let x_begin = line.x.as_ptr().wrapping_offset(begin * line.channels as isize);
    for channel in (0..channels).step_by(S::LANES) {
        // SAFETY: the caller has checked that all taps that are inside have a place and weights, for every channel.
        unsafe {
            let mut sums = [S::splat(0.0); T];
            let mut x_row = x_begin.wrapping_add(channel);
            let mut w_row = line.weights.as_ptr().offset(first).wrapping_add(channel);
            for _ in 0..rows {
                let mut weights = [S::splat(0.0); K];
                for (tap, weights) in weights.iter_mut().enumerate() {
                    *weights = S::load(w_row.wrapping_offset(tap as isize * right));
                }
                unrolled!(AT in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18, {
                    if const { AT < (T - 1) * STRIDE + K } && (INSIDE || inside.contains(&(AT as isize))) {
                        let x = S::load(x_row.wrapping_add(AT * line.channels));
                        unrolled!(TAP in 0 1 2 3 4, {
                            // The output whose tap this is, if it is of this tile.
                            let t = const { output_of::<K, STRIDE>(AT, TAP) };
                            if const { output_of::<K, STRIDE>(AT, TAP) < T } {
                                sums[t] = S::mul_add(x, weights[TAP], sums[t]);
                            }
                        });
                    }
                });
                x_row = x_row.wrapping_add(row_step);
                w_row = w_row.wrapping_offset(down);
            }
            ask_for_below::<S, T>(line, (x_row, STRIDE * line.channels), (y.wrapping_add(channel), pixel));
            if count == T {
                put::<S, T, true>(line, [sums], channel, y, pixel);
            } else {
                // Through memory, for sums that are indexed by a variable would live there during the loop.
                let mut tile = MaybeUninit::<[S::Vector; T]>::uninit();
                let tile = tile.as_mut_ptr().cast::<S::Vector>();
                for t in 0..T {
                    tile.add(t).write(sums[t]);
                }
                for t in 0..count {
                    put::<S, 1, true>(line, [[tile.add(t).read()]], channel, y.add(t * pixel), pixel);
                }
            }
        }
    }
}

/// The vector of a channel, of which all exist or only some.
#[inline(always)]
unsafe fn load_of<S: Simd, const ALL: bool>(line: &Line<'_>, pixel: *const f32, channel: usize) -> S::Vector {
    // SAFETY: the caller has the instruction set, and a pixel with all channels.
    unsafe {
        if ALL { S::load(pixel.add(channel)) } else { load_at::<S>(pixel, line.channels, channel, S::splat(0.0)) }
    }
}

/// The line of outputs below will read the line of inputs below, and is itself not near: a vector of each pixel is too little of a line
/// for the machine to ask for more.
#[inline(always)]
fn ask_for_below<S: Simd, const T: usize>(
    line: &Line<'_>,
    (x, step): (*const f32, usize),
    (y, pixel): (*mut f32, usize),
) {
    if line.large {
        for t in 0..T {
            S::prefetch_later(x.wrapping_add(t * step));
            S::prefetch_later(y.wrapping_add((line.columns.output + t) * pixel));
        }
    }
}

/// Writes a vector of channels of `T` outputs that are so far apart.
#[inline(always)]
unsafe fn put<S: Simd, const T: usize, const ALL: bool>(
    line: &Line<'_>,
    mut sums: [[S::Vector; T]; 1],
    channel: usize,
    y: *mut f32,
    pixel: usize,
) {
    // SAFETY: the caller has places for all channels of all outputs, and a bias for every channel, if there is one.
    unsafe {
        match line.write {
            Store::Set => {
                if let Some(bias) = line.bias {
                    let bias = load_of::<S, ALL>(line, bias.as_ptr(), channel);
                    for t in 0..T {
                        sums[0][t] = S::add(sums[0][t], bias);
                    }
                }
                line.quick.apply::<S, T, 1>(&mut sums);
            }
            Store::Add => {
                for t in 0..T {
                    sums[0][t] = S::add(sums[0][t], load_of::<S, ALL>(line, y.add(t * pixel), channel));
                }
            }
            Store::Mask => {
                for t in 0..T {
                    sums[0][t] = S::where_positive(load_of::<S, ALL>(line, y.add(t * pixel), channel), sums[0][t]);
                }
            }
        }
        for t in 0..T {
            let place = y.add(t * pixel);
            if ALL {
                S::store(place.add(channel), sums[0][t]);
            } else {
                store_at::<S>(place, line.channels, channel, sums[0][t]);
            }
        }
    }
}
