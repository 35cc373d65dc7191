//! The transforms of F(2x2, 3x3), F(4x4, 2x2), F(4x4, 3x3) and F(3x3, 4x4), on vectors of channels: y = Aᵀ \[(G g Gᵀ) ⊙ (Bᵀ d B)\] A.
//!
//! A kernel that lacks its last row of taps, or its last column, has nothing but zeros at infinity there: those points are neither
//! computed nor read.

use super::matrices::{
    Filter, Input, Kernel, KernelTransposed, MOST, MOST_OUTPUTS, MOST_TAPS, Output, OutputTransposed, both_ways,
    unrolled,
};
use crate::kernels::gemm::epilogue::{Epilogue, finished_at};
use crate::kernels::simd::{Simd, dispatch};
use crate::tensor::param::Store;

/// Where the points of a tile go: each so far from the one before, a run of so many vectors side by side, and the next run so far away.
#[derive(Clone, Copy)]
pub(super) struct Runs {
    pub point: usize,
    pub vectors: usize,
    pub run: usize,
}

dispatch! {
    /// `Bᵀ d B` of the pixels of a tile, row after row, for so many vectors of channels; of the points, so many rows and columns are
    /// wanted.
    ///
    /// # Safety
    ///
    /// Every pixel has so many vectors, and every point that is wanted has a place.
    pub(super) unsafe fn tile_points(
        filter: Filter,
        pixels: &[*const f32; MOST * MOST],
        vectors: usize,
        wanted: [usize; 2],
        points: *mut f32,
        runs: Runs,
    ) = tile_points_generic
}

#[inline(always)]
unsafe fn tile_points_generic<S: Simd>(
    filter: Filter,
    pixels: &[*const f32; MOST * MOST],
    vectors: usize,
    wanted: [usize; 2],
    points: *mut f32,
    runs: Runs,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match filter {
            Filter::Small => points_of::<S, 4>(pixels, vectors, wanted, points, runs),
            Filter::Two => points_of::<S, 5>(pixels, vectors, wanted, points, runs),
            Filter::Three | Filter::Four => points_of::<S, 6>(pixels, vectors, wanted, points, runs),
        }
    }
}

/// Vectors of the pixels of a tile, a column after the other.
#[inline(always)]
unsafe fn loaded<S: Simd, const N: usize>(pixels: &[*const f32], at: usize) -> [[S::Vector; N]; N] {
    // SAFETY: the caller has the pixels.
    unsafe {
        let mut result = [[S::splat(0.0); N]; N];
        unrolled!(ROW < N, {
            unrolled!(COLUMN < N, { result[COLUMN][ROW] = S::load(pixels[ROW * N + COLUMN].add(at)) });
        });
        result
    }
}

/// Stores so many rows and columns of points.
#[inline(always)]
unsafe fn put<S: Simd, const P: usize>(
    values: [[S::Vector; P]; P],
    points: *mut f32,
    step: usize,
    [rows, columns]: [usize; 2],
) {
    // SAFETY: the caller has places for the points that are wanted.
    unsafe {
        unrolled!(ROW < P, {
            unrolled!(COLUMN < P, {
                if ROW < rows && COLUMN < columns {
                    S::store(points.add((ROW * P + COLUMN) * step), values[ROW][COLUMN]);
                }
            });
        });
    }
}

#[inline(always)]
unsafe fn points_of<S: Simd, const P: usize>(
    pixels: &[*const f32; MOST * MOST],
    vectors: usize,
    wanted: [usize; 2],
    mut points: *mut f32,
    Runs { point, vectors: of_run, run }: Runs,
) {
    let mut in_run = 0;
    for vector in 0..vectors {
        // SAFETY: the caller has the pixels, and places for the points.
        unsafe {
            let d = loaded::<S, P>(pixels, vector * S::LANES);
            let values = both_ways::<S, Input<P>, P, P>(&d);
            put::<S, P>(values, points, point, wanted);
        }
        in_run += 1;
        points = points.wrapping_add(S::LANES);
        if in_run == of_run {
            in_run = 0;
            points = points.wrapping_add(run - of_run * S::LANES);
        }
    }
}

/// Rows of weights: those of each tap, row after row.
#[derive(Clone, Copy)]
pub(super) struct Taps {
    /// The first weight of a tap, of those that exist.
    pub first: [*const f32; MOST_TAPS * MOST_TAPS],
    /// Rows and columns of taps that exist.
    pub exist: [usize; 2],
    /// Distance of two rows of weights of a tap.
    pub step: usize,
    /// Rows, and vectors of each.
    pub rows: usize,
    pub vectors: usize,
}

dispatch! {
    /// `G g Gᵀ` of rows of weights, of which so many rows and columns of points are wanted: point number p of row number r goes to
    /// `points + p * step + r * (vectors of a row)`.
    ///
    /// # Safety
    ///
    /// There are all weights of taps that exist, and every point that is wanted has a place.
    pub(super) unsafe fn kernel_points(
        filter: Filter,
        taps: &Taps,
        wanted: [usize; 2],
        points: *mut f32,
        step: usize,
    ) = kernel_points_generic
}

#[inline(always)]
unsafe fn kernel_points_generic<S: Simd>(
    filter: Filter,
    taps: &Taps,
    wanted: [usize; 2],
    points: *mut f32,
    step: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match filter {
            Filter::Small => kernel_points_of::<S, 4, 3>(taps, wanted, points, step),
            Filter::Two => kernel_points_of::<S, 5, 2>(taps, wanted, points, step),
            Filter::Three => kernel_points_of::<S, 6, 3>(taps, wanted, points, step),
            Filter::Four => kernel_points_of::<S, 6, 4>(taps, wanted, points, step),
        }
    }
}

#[inline(always)]
unsafe fn kernel_points_of<S: Simd, const P: usize, const TAPS: usize>(
    taps: &Taps,
    wanted: [usize; 2],
    mut points: *mut f32,
    step: usize,
) {
    for row in 0..taps.rows {
        for vector in 0..taps.vectors {
            let at = row * taps.step + vector * S::LANES;
            // SAFETY: the caller has the weights, and places for the points.
            unsafe {
                let mut g = [[S::splat(0.0); TAPS]; TAPS];
                unrolled!(DOWN < TAPS, {
                    unrolled!(RIGHT < TAPS, {
                        if DOWN < taps.exist[0] && RIGHT < taps.exist[1] {
                            let weight = taps.first[DOWN * TAPS + RIGHT].add(at);
                            // The same of the next row, which is far away.
                            S::prefetch(weight.wrapping_add(taps.step));
                            g[RIGHT][DOWN] = S::load(weight);
                        }
                    });
                });
                let values = both_ways::<S, Kernel, P, TAPS>(&g);
                put::<S, P>(values, points, step, wanted);
            }
            points = points.wrapping_add(S::LANES);
        }
    }
}

/// Where the pixels of a tile go.
pub(super) struct Pixels<'a> {
    /// The first channel of each pixel, row after row, of those that exist.
    pub places: [Option<*mut f32>; MOST_OUTPUTS * MOST_OUTPUTS],
    /// Channels.
    pub width: usize,
    pub write: Store,
    /// Of these channels.
    pub epilogue: Epilogue<'a>,
}

dispatch! {
    /// `Aᵀ m A` of the sums of a tile, so many rows and columns of which exist: number p is at `sums + p * step`.
    ///
    /// # Safety
    ///
    /// There are the sums that exist, places for all channels of all pixels, and as much bias.
    pub(super) unsafe fn tile_pixels(
        filter: Filter,
        sums: *const f32,
        step: usize,
        exist: [usize; 2],
        pixels: &Pixels<'_>,
    ) = tile_pixels_generic
}

#[inline(always)]
unsafe fn tile_pixels_generic<S: Simd>(
    filter: Filter,
    sums: *const f32,
    step: usize,
    exist: [usize; 2],
    pixels: &Pixels<'_>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match filter {
            Filter::Small => pixels_of::<S, 4, 2>(sums, step, exist, pixels),
            Filter::Two => pixels_of::<S, 5, 4>(sums, step, exist, pixels),
            Filter::Three => pixels_of::<S, 6, 4>(sums, step, exist, pixels),
            Filter::Four => pixels_of::<S, 6, 3>(sums, step, exist, pixels),
        }
    }
}

/// The values of a tile's points, of which so many rows and columns exist; a column after the other.
#[inline(always)]
unsafe fn existing<S: Simd, const P: usize>(
    values: *const f32,
    step: usize,
    [rows, columns]: [usize; 2],
) -> [[S::Vector; P]; P] {
    // SAFETY: the caller has the values that exist.
    unsafe {
        let mut result = [[S::splat(0.0); P]; P];
        unrolled!(ROW < P, {
            unrolled!(COLUMN < P, {
                if ROW < rows && COLUMN < columns {
                    result[COLUMN][ROW] = S::load(values.add((ROW * P + COLUMN) * step));
                }
            });
        });
        result
    }
}

#[inline(always)]
unsafe fn pixels_of<S: Simd, const P: usize, const OUTPUTS: usize>(
    sums: *const f32,
    step: usize,
    exist: [usize; 2],
    pixels: &Pixels<'_>,
) {
    for channel in (0..pixels.width).step_by(S::LANES) {
        // SAFETY: the caller has the sums, places for the pixels that exist, and the bias.
        unsafe {
            let sums = existing::<S, P>(sums.add(channel), step, exist);
            let values = both_ways::<S, OutputTransposed, OUTPUTS, P>(&sums);
            for (value, place) in values.as_flattened().iter().zip(&pixels.places) {
                if let Some(place) = place.map(|place| place.add(channel)) {
                    S::store(place, finished_at::<S>(*value, (place, pixels.write), &pixels.epilogue, channel));
                }
            }
        }
    }
}

dispatch! {
    /// `A dy Aᵀ` of the pixels of a tile, row after row, for so many vectors of channels: point number p goes to `points + p * step`.
    ///
    /// # Safety
    ///
    /// Every pixel has so many vectors, and every point has a place.
    pub(super) unsafe fn gradient_points(
        filter: Filter,
        pixels: &[*const f32; MOST_OUTPUTS * MOST_OUTPUTS],
        vectors: usize,
        points: *mut f32,
        step: usize,
    ) = gradient_points_generic
}

#[inline(always)]
unsafe fn gradient_points_generic<S: Simd>(
    filter: Filter,
    pixels: &[*const f32; MOST_OUTPUTS * MOST_OUTPUTS],
    vectors: usize,
    points: *mut f32,
    step: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match filter {
            Filter::Small => unreachable!("gradients of weights have larger tiles"),
            Filter::Two => gradient_points_of::<S, 5, 4>(pixels, vectors, points, step),
            Filter::Three => gradient_points_of::<S, 6, 4>(pixels, vectors, points, step),
            Filter::Four => gradient_points_of::<S, 6, 3>(pixels, vectors, points, step),
        }
    }
}

#[inline(always)]
unsafe fn gradient_points_of<S: Simd, const P: usize, const OUTPUTS: usize>(
    pixels: &[*const f32; MOST_OUTPUTS * MOST_OUTPUTS],
    vectors: usize,
    points: *mut f32,
    step: usize,
) {
    for vector in 0..vectors {
        // SAFETY: the caller has the pixels, and places for the points.
        unsafe {
            let d = loaded::<S, OUTPUTS>(pixels, vector * S::LANES);
            let values = both_ways::<S, Output, P, OUTPUTS>(&d);
            put::<S, P>(values, points.add(vector * S::LANES), step, [P; 2]);
        }
    }
}

/// Where the gradients of rows of weights go.
pub(super) struct TapGradients {
    /// The first weight of a tap, of those that exist.
    pub first: [*mut f32; MOST_TAPS * MOST_TAPS],
    /// Rows and columns of taps that exist.
    pub exist: [usize; 2],
    /// Distance of two rows of weights of a tap.
    pub step: usize,
    /// Rows, and vectors of each.
    pub rows: usize,
    pub vectors: usize,
}

dispatch! {
    /// Adds `Gᵀ s G` of rows of sums, of whose points so many rows and columns exist, to the gradients of the taps: number p of row number r
    /// is at `sums + p * step + r * (vectors of a row)`.
    ///
    /// # Safety
    ///
    /// There are the sums that exist, and all weights of taps that do.
    pub(super) unsafe fn tap_gradients(
        filter: Filter,
        sums: *const f32,
        step: usize,
        exist: [usize; 2],
        taps: &TapGradients,
    ) = tap_gradients_generic
}

#[inline(always)]
unsafe fn tap_gradients_generic<S: Simd>(
    filter: Filter,
    sums: *const f32,
    step: usize,
    exist: [usize; 2],
    taps: &TapGradients,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match filter {
            Filter::Small => unreachable!("gradients of weights have larger tiles"),
            Filter::Two => tap_gradients_of::<S, 5, 2>(sums, step, exist, taps),
            Filter::Three => tap_gradients_of::<S, 6, 3>(sums, step, exist, taps),
            Filter::Four => tap_gradients_of::<S, 6, 4>(sums, step, exist, taps),
        }
    }
}

#[inline(always)]
unsafe fn tap_gradients_of<S: Simd, const P: usize, const TAPS: usize>(
    mut sums: *const f32,
    step: usize,
    exist: [usize; 2],
    taps: &TapGradients,
) {
    for row in 0..taps.rows {
        for vector in 0..taps.vectors {
            let at = row * taps.step + vector * S::LANES;
            // SAFETY: the caller has the sums, and the weights.
            unsafe {
                let values = both_ways::<S, KernelTransposed, TAPS, P>(&existing::<S, P>(sums, step, exist));
                unrolled!(DOWN < TAPS, {
                    unrolled!(RIGHT < TAPS, {
                        if DOWN < taps.exist[0] && RIGHT < taps.exist[1] {
                            let place = taps.first[DOWN * TAPS + RIGHT].add(at);
                            S::store(place, S::add(S::load(place), values[DOWN][RIGHT]));
                        }
                    });
                });
            }
            sums = sums.wrapping_add(S::LANES);
        }
    }
}
