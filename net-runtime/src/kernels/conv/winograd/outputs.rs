//! The last step of Winograd's algorithm F(4x4, 3x3): the 36 sums of a tile become its 4x4 pixels, `Aᵀ m A`, or the largest of
//! each 2x2 of them.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use super::sizes::TILE;
use crate::kernels::axis::Strides;
use crate::kernels::conv::max_pooled::{SIDE, largest_of};
use crate::kernels::gemm::epilogue::{Epilogue, finished, finished_at};
use crate::kernels::simd::{Simd, dispatch};
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// Where the pixels of a tile go.
pub(crate) struct Output<'a> {
    /// Distance of the sums of two points.
    pub step: usize,
    /// How the pixels lie.
    pub strides: Strides,
    /// Rows and columns that exist.
    pub exists: [usize; 2],
    /// Of these filters.
    pub epilogue: Epilogue<'a>,
    /// Number of filters.
    pub panel: usize,
}

impl Output<'_> {
    /// Where the last pixel that exists ends, from the first one on.
    pub fn end(&self) -> usize {
        let Self { strides: Strides { line, pixel, .. }, exists: [rows, columns], panel, .. } = *self;
        sum(&[product(&[rows - 1, line]), product(&[columns - 1, pixel]), panel])
    }
}

dispatch! {
    /// `Aᵀ m A` of 36 sums, for all filters of a panel, into 4x4 pixels.
    pub(crate) unsafe fn tile_pixels(sums: *const f32, pixels: *mut f32, output: &Output<'_>, write: Store) = tile_pixels_generic
}

#[inline(always)]
unsafe fn tile_pixels_generic<S: Simd>(sums: *const f32, pixels: *mut f32, output: &Output<'_>, write: Store) {
    // SAFETY: the caller's promise.
    unsafe {
        match output.exists {
            [TILE, TILE] => existing_pixels::<S, true>(sums, pixels, output, write),
            _ => existing_pixels::<S, false>(sums, pixels, output, write),
        }
    }
}

/// The pixels of a tile that exist. If it is known that the tile is `WHOLE`, all of them have registers of their own.
#[inline(always)]
unsafe fn existing_pixels<S: Simd, const WHOLE: bool>(
    sums: *const f32,
    pixels: *mut f32,
    output: &Output<'_>,
    write: Store,
) {
    let Output { strides, exists: [rows, columns], panel, .. } = *output;
    for filter in (0..panel).step_by(S::LANES) {
        // SAFETY: the caller has 36 sums, and places for the pixels that exist.
        unsafe {
            let half = half_pixels::<S>(sums.add(filter), output.step);
            for row in 0..TILE {
                for (column, value) in line_of_pixels::<S>(&half, row).into_iter().enumerate() {
                    if WHOLE || row < rows && column < columns {
                        let place = pixels.add(row * strides.line + column * strides.pixel + filter);
                        S::store(place, finished_at::<S>(value, (place, write), &output.epilogue, filter));
                    }
                }
            }
        }
    }
}

dispatch! {
    /// The same into the largest of each 2x2 pixels, and its number.
    pub(crate) unsafe fn tile_pools(
        sums: *const f32,
        pixels: *mut f32,
        choices: Option<*mut u8>,
        output: &Output<'_>,
    ) = tile_pools_generic
}

#[inline(always)]
unsafe fn tile_pools_generic<S: Simd>(
    sums: *const f32,
    pixels: *mut f32,
    choices: Option<*mut u8>,
    output: &Output<'_>,
) {
    let Output { strides, exists: [rows, columns], panel, .. } = *output;
    for filter in (0..panel).step_by(S::LANES) {
        // SAFETY: the caller has 36 sums, and places for the pooled pixels that exist.
        unsafe {
            let half = half_pixels::<S>(sums.add(filter), output.step);
            for row in 0..rows {
                let upper = line_of_pixels::<S>(&half, SIDE * row);
                let lower = line_of_pixels::<S>(&half, SIDE * row + 1);
                for column in 0..columns {
                    let mut four = [S::splat(0.0); SIDE * SIDE];
                    for (index, value) in four.iter_mut().enumerate() {
                        let line = if index < SIDE { upper } else { lower };
                        *value = finished::<S>(line[SIDE * column + index % SIDE], &output.epilogue, filter);
                    }
                    let (largest, choice) = largest_of::<S>(four);
                    let place = row * strides.line + column * strides.pixel + filter;
                    S::store(pixels.add(place), largest);
                    if let Some(choices) = choices {
                        S::store_bytes(choices.add(place), S::LANES, choice);
                    }
                }
            }
        }
    }
}

/// `Aᵀ m` of 6x6 sums, a column after the other.
#[inline(always)]
unsafe fn half_pixels<S: Simd>(sums: *const f32, step: usize) -> [[S::Vector; TILE]; 6] {
    // SAFETY: the caller has the instruction set, and 36 sums.
    unsafe {
        let mut half = [[S::splat(0.0); TILE]; 6];
        for column in 0..6 {
            let mut m = [S::splat(0.0); 6];
            for (row, m) in m.iter_mut().enumerate() {
                *m = S::load(sums.add((row * 6 + column) * step));
            }
            half[column] = output_pixels::<S>(m);
        }
        half
    }
}

/// A row of `(Aᵀ m) A`.
#[inline(always)]
unsafe fn line_of_pixels<S: Simd>(half: &[[S::Vector; TILE]; 6], row: usize) -> [S::Vector; TILE] {
    // SAFETY: the caller has the instruction set.
    unsafe { output_pixels::<S>([half[0][row], half[1][row], half[2][row], half[3][row], half[4][row], half[5][row]]) }
}

/// `Aᵀ m` of six values.
#[inline(always)]
unsafe fn output_pixels<S: Simd>(m: [S::Vector; 6]) -> [S::Vector; 4] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (sum, difference) = (S::add(m[1], m[2]), S::sub(m[1], m[2]));
        let (far_sum, far_difference) = (S::add(m[3], m[4]), S::sub(m[3], m[4]));
        [
            S::add(S::add(m[0], sum), far_sum),
            S::mul_add(S::splat(2.0), far_difference, difference),
            S::mul_add(S::splat(4.0), far_sum, sum),
            S::add(S::mul_add(S::splat(8.0), far_difference, difference), m[5]),
        ]
    }
}
