//! The transforms of F(4x4, 2x2), F(4x4, 3x3) and F(3x3, 4x4), on vectors of channels: y = Aᵀ \[(G g Gᵀ) ⊙ (Bᵀ d B)\] A. All three matrices
//! follow from the points of the polynomials (Toom and Cook): 0, ±1, 2, for the latter two -2, and infinity.
//!
//! A kernel that lacks its last row of taps, or its last column, has nothing but zeros at infinity there: those points are neither
//! computed nor read.

use crate::kernels::gemm::epilogue::{Epilogue, finished};
use crate::kernels::simd::{Simd, dispatch};
use crate::tensor::param::Store;

/// The most points of a tile one way.
pub(super) const MOST: usize = 6;

/// The most pixels that a tile has one way, and the most taps.
pub(super) const MOST_OUTPUTS: usize = 4;
pub(super) const MOST_TAPS: usize = 4;

/// Which of the algorithms: by the number of taps one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// F(4x4, 2x2)
    Two,
    /// F(4x4, 3x3)
    Three,
    /// F(3x3, 4x4)
    Four,
}

impl Filter {
    /// That for so many taps.
    pub fn of(taps: usize) -> Option<Self> {
        match taps {
            2 => Some(Self::Two),
            3 => Some(Self::Three),
            4 => Some(Self::Four),
            _ => None,
        }
    }

    /// Taps one way.
    pub fn taps(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }

    /// Points of a tile one way.
    pub fn points(self) -> usize {
        match self {
            Self::Two => 5,
            Self::Three | Self::Four => 6,
        }
    }

    /// Pixels of a tile one way.
    pub fn outputs(self) -> usize {
        self.points() + 1 - self.taps()
    }
}

/// The finite points.
const FINITE: [f64; MOST - 1] = [0.0, 1.0, -1.0, 2.0, -2.0];

/// A matrix whose elements the compiler knows.
trait Matrix<const ROWS: usize, const COLUMNS: usize> {
    const ROWS: [[f32; COLUMNS]; ROWS];
}

/// `Bᵀ`: in the row of a point the polynomial that has all others as its zeros, in that of infinity the one that has all.
struct Input<const P: usize>;

impl<const P: usize> Matrix<P, P> for Input<P> {
    const ROWS: [[f32; P]; P] = {
        let mut matrix = [[0.0; P]; P];
        let mut row = 0;
        while row < P {
            let mut polynomial = [0.0; P];
            polynomial[0] = 1.0;
            let mut zero = 0;
            while zero + 1 < P {
                if zero != row {
                    let mut power = P - 1;
                    while power > 0 {
                        polynomial[power] = polynomial[power - 1] - FINITE[zero] * polynomial[power];
                        power -= 1;
                    }
                    polynomial[0] *= -FINITE[zero];
                }
                zero += 1;
            }
            let mut power = 0;
            while power < P {
                matrix[row][power] = polynomial[power] as f32;
                power += 1;
            }
            row += 1;
        }
        matrix
    };
}

/// Powers of the points; at infinity the highest one alone.
const fn powers<const P: usize, const N: usize>(divided: bool) -> [[f32; N]; P] {
    let mut matrix = [[0.0; N]; P];
    let mut point = 0;
    while point + 1 < P {
        let mut value = 1.0;
        let mut other = 0;
        while divided && other + 1 < P {
            if other != point {
                value /= FINITE[point] - FINITE[other];
            }
            other += 1;
        }
        let mut power = 0;
        while power < N {
            matrix[point][power] = value as f32;
            value *= FINITE[point];
            power += 1;
        }
        point += 1;
    }
    matrix[P - 1][N - 1] = 1.0;
    matrix
}

const fn transposed<const P: usize, const N: usize>(matrix: [[f32; N]; P]) -> [[f32; P]; N] {
    let mut result = [[0.0; P]; N];
    let mut row = 0;
    while row < N {
        let mut column = 0;
        while column < P {
            result[row][column] = matrix[column][row];
            column += 1;
        }
        row += 1;
    }
    result
}

/// `G`, of so many taps.
struct Kernel;

impl<const P: usize, const TAPS: usize> Matrix<P, TAPS> for Kernel {
    const ROWS: [[f32; TAPS]; P] = powers(true);
}

/// `Gᵀ`
struct KernelTransposed;

impl<const P: usize, const TAPS: usize> Matrix<TAPS, P> for KernelTransposed {
    const ROWS: [[f32; P]; TAPS] = transposed(powers(true));
}

/// `A`, of so many outputs.
struct Output;

impl<const P: usize, const OUTPUTS: usize> Matrix<P, OUTPUTS> for Output {
    const ROWS: [[f32; OUTPUTS]; P] = powers(false);
}

/// `Aᵀ`
struct OutputTransposed;

impl<const P: usize, const OUTPUTS: usize> Matrix<OUTPUTS, P> for OutputTransposed {
    const ROWS: [[f32; P]; OUTPUTS] = transposed(powers(false));
}

/// Does something for every index below a count that is at most six. As a loop it would be one: with the matrices, which decide what is to be
/// done, as tables in memory.
macro_rules! unrolled {
    ($index:ident < $count:expr, $body:block) => {
        unrolled!($index < $count, $body, 0, 1, 2, 3, 4, 5)
    };
    ($index:ident < $count:expr, $body:block, $($number:literal),*) => {
        $(if $number < $count {
            const $index: usize = $number;
            $body
        })*
    };
}

/// A matrix times a vector of vectors.
#[inline(always)]
unsafe fn times<S: Simd, T: Matrix<ROWS, COLUMNS>, const ROWS: usize, const COLUMNS: usize>(
    values: [S::Vector; COLUMNS],
) -> [S::Vector; ROWS] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let mut result = [S::splat(0.0); ROWS];
        unrolled!(ROW < ROWS, {
            let mut first = true;
            unrolled!(COLUMN < COLUMNS, {
                let factor = T::ROWS[ROW][COLUMN];
                if factor != 0.0 {
                    let (sum, value) = (result[ROW], values[COLUMN]);
                    result[ROW] = match (first, factor) {
                        (true, 1.0) => value,
                        (true, _) => S::mul(S::splat(factor), value),
                        (false, 1.0) => S::add(sum, value),
                        (false, -1.0) => S::sub(sum, value),
                        (false, _) => S::mul_add(S::splat(factor), value, sum),
                    };
                    first = false;
                }
            });
            debug_assert!(!first, "no row is zero");
        });
        result
    }
}

/// `T v Tᵀ` of columns `v`.
#[inline(always)]
unsafe fn both_ways<S: Simd, T: Matrix<ROWS, COLUMNS>, const ROWS: usize, const COLUMNS: usize>(
    columns: [[S::Vector; COLUMNS]; COLUMNS],
) -> [[S::Vector; ROWS]; ROWS] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let zero = S::splat(0.0);
        let mut half = [[zero; ROWS]; COLUMNS];
        unrolled!(COLUMN < COLUMNS, { half[COLUMN] = times::<S, T, ROWS, COLUMNS>(columns[COLUMN]) });
        let mut result = [[zero; ROWS]; ROWS];
        unrolled!(ROW < ROWS, {
            let mut values = [zero; COLUMNS];
            unrolled!(COLUMN < COLUMNS, { values[COLUMN] = half[COLUMN][ROW] });
            result[ROW] = times::<S, T, ROWS, COLUMNS>(values);
        });
        result
    }
}

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
            Filter::Two => points_of::<S, 5>(pixels, vectors, wanted, points, runs),
            Filter::Three | Filter::Four => points_of::<S, 6>(pixels, vectors, wanted, points, runs),
        }
    }
}

#[inline(always)]
unsafe fn points_of<S: Simd, const P: usize>(
    pixels: &[*const f32; MOST * MOST],
    vectors: usize,
    [rows, columns]: [usize; 2],
    mut points: *mut f32,
    Runs { point, vectors: of_run, run }: Runs,
) {
    let mut in_run = 0;
    for vector in 0..vectors {
        // SAFETY: the caller has the pixels, and places for the points.
        unsafe {
            let mut d = [[S::splat(0.0); P]; P];
            unrolled!(ROW < P, {
                unrolled!(COLUMN < P, {
                    d[COLUMN][ROW] = S::load(pixels[ROW * P + COLUMN].add(vector * S::LANES));
                });
            });
            let values = both_ways::<S, Input<P>, P, P>(d);
            unrolled!(ROW < P, {
                unrolled!(COLUMN < P, {
                    if ROW < rows && COLUMN < columns {
                        S::store(points.add((ROW * P + COLUMN) * point), values[ROW][COLUMN]);
                    }
                });
            });
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
            Filter::Two => kernel_points_of::<S, 5, 2>(taps, wanted, points, step),
            Filter::Three => kernel_points_of::<S, 6, 3>(taps, wanted, points, step),
            Filter::Four => kernel_points_of::<S, 6, 4>(taps, wanted, points, step),
        }
    }
}

#[inline(always)]
unsafe fn kernel_points_of<S: Simd, const P: usize, const TAPS: usize>(
    taps: &Taps,
    [rows, columns]: [usize; 2],
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
                let values = both_ways::<S, Kernel, P, TAPS>(g);
                unrolled!(ROW < P, {
                    unrolled!(COLUMN < P, {
                        if ROW < rows && COLUMN < columns {
                            S::store(points.add((ROW * P + COLUMN) * step), values[ROW][COLUMN]);
                        }
                    });
                });
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
            let values = both_ways::<S, OutputTransposed, OUTPUTS, P>(sums);
            unrolled!(ROW < OUTPUTS, {
                unrolled!(COLUMN < OUTPUTS, {
                    if let Some(place) = pixels.places[ROW * OUTPUTS + COLUMN] {
                        let (place, mut value) = (place.add(channel), values[ROW][COLUMN]);
                        match pixels.write {
                            Store::Add => value = S::add(value, S::load(place)),
                            Store::Mask => value = S::where_positive(S::load(place), value),
                            Store::Set => value = finished::<S>(value, &pixels.epilogue, channel),
                        }
                        S::store(place, value);
                    }
                });
            });
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
            let mut d = [[S::splat(0.0); OUTPUTS]; OUTPUTS];
            unrolled!(ROW < OUTPUTS, {
                unrolled!(COLUMN < OUTPUTS, {
                    d[COLUMN][ROW] = S::load(pixels[ROW * OUTPUTS + COLUMN].add(vector * S::LANES));
                });
            });
            let values = both_ways::<S, Output, P, OUTPUTS>(d);
            unrolled!(ROW < P, {
                unrolled!(COLUMN < P, {
                    S::store(points.add((ROW * P + COLUMN) * step + vector * S::LANES), values[ROW][COLUMN]);
                });
            });
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
                let values = both_ways::<S, KernelTransposed, TAPS, P>(existing::<S, P>(sums, step, exist));
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
