//! The transforms of Winograd's minimal filtering F(m, r) along one axis, with the points 0, ±1, ±2, ±1/2 and infinity: m
//! outputs of r taps, y = Aᵀ \[(G g) ⊙ (Bᵀ d)\], from eight multiplications instead of m · r; and of its transpose, dg = Gᵀ \[(Bᵀ
//! d) ⊙ (A dy)\]. m + r is one more than there are points, so that F(6, 3), F(5, 4), F(4, 5), F(3, 6) and F(2, 7) have one Bᵀ.
//! All of them work on vectors of channels.

use std::ops::RangeInclusive;

use crate::kernels::gemm::epilogue::{Epilogue, finished_at};
use crate::kernels::simd::{Simd, dispatch};
use crate::tensor::param::Store;

/// Points of a tile.
pub(crate) const POINTS: usize = 8;

/// Numbers of taps that there are transforms for.
pub(crate) const TAPS: RangeInclusive<usize> = 3..=MOST_TAPS;

/// The most of them.
pub(crate) const MOST_TAPS: usize = 7;

/// Outputs of a tile of the fewest taps.
pub(crate) const MOST_OUTPUTS: usize = outputs_of(3);

/// Outputs of a tile, with so many taps.
pub(crate) const fn outputs_of(taps: usize) -> usize {
    POINTS + 1 - taps
}

dispatch! {
    /// `Bᵀ d` of eight pixels, for all their channels: point number p of vector number v goes to `points + p * step + v *
    /// vector`.
    ///
    /// # Safety
    ///
    /// The pixels have one length, whole vectors, and there is memory for all points.
    pub(crate) unsafe fn pixel_points(pixels: &[&[f32]; POINTS], points: *mut f32, step: usize, vector: usize)
        = pixel_points_generic
}

#[inline(always)]
unsafe fn pixel_points_generic<S: Simd>(pixels: &[&[f32]; POINTS], points: *mut f32, step: usize, vector: usize) {
    let mut to = points;
    for channel in (0..pixels[0].len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of all pixels, and places for their points.
        unsafe {
            let mut d = [S::splat(0.0); POINTS];
            for (d, pixel) in d.iter_mut().zip(pixels) {
                // What lies behind the pixel is the next one's, most often; each line of pixels is in a page of its own.
                S::prefetch(pixel.as_ptr().wrapping_add(pixel.len() + channel));
                *d = S::load(pixel.as_ptr().add(channel));
            }
            for (point, value) in input_points::<S>(d).into_iter().enumerate() {
                S::store(to.add(point * step), value);
            }
        }
        to = to.wrapping_add(vector);
    }
}

/// `Bᵀ d`
#[inline(always)]
unsafe fn input_points<S: Simd>(d: [S::Vector; POINTS]) -> [S::Vector; POINTS] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let ends = S::splat(5.25);
        let [one, minus_one] = input_pair::<S>(d, [1.0, -4.25], [1.0, -4.25, 1.0]);
        let [two, minus_two] = input_pair::<S>(d, [0.25, -1.25], [0.5, -2.5, 2.0]);
        let [half, minus_half] = input_pair::<S>(d, [4.0, -5.0], [2.0, -2.5, 0.5]);
        [
            S::mul_add(ends, S::sub(d[4], d[2]), S::sub(d[0], d[6])),
            one,
            minus_one,
            two,
            minus_two,
            half,
            minus_half,
            S::mul_add(ends, S::sub(d[3], d[5]), S::sub(d[7], d[1])),
        ]
    }
}

/// The values at a point and its negative, from what they have in common: a sum over the even powers and one over the odd.
#[inline(always)]
unsafe fn input_pair<S: Simd>(d: [S::Vector; POINTS], even: [f32; 2], odd: [f32; 3]) -> [S::Vector; 2] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let even = S::mul_add(S::splat(even[0]), d[2], S::mul_add(S::splat(even[1]), d[4], d[6]));
        let far = S::mul(S::splat(odd[2]), d[5]);
        let odd = S::mul_add(S::splat(odd[0]), d[1], S::mul_add(S::splat(odd[1]), d[3], far));
        [S::add(even, odd), S::sub(even, odd)]
    }
}

/// The points that are finite, and the factor that a row of `G` has: it is the powers of the point, times that.
const FINITE: [(f32, f32); POINTS - 1] = [
    (0.0, 1.0),
    (1.0, -2.0 / 9.0),
    (-1.0, -2.0 / 9.0),
    (2.0, 1.0 / 90.0),
    (-2.0, 1.0 / 90.0),
    (0.5, 32.0 / 45.0),
    (-0.5, 32.0 / 45.0),
];

/// A column of `G`: by how much a tap, of so many, enters each point. Infinity is the last tap alone.
const fn column(taps: usize, tap: usize) -> [f32; POINTS] {
    let mut column = [0.0; POINTS];
    let mut index = 0;
    while index < FINITE.len() {
        let (point, mut factor) = FINITE[index];
        let mut power = 0;
        while power < tap {
            factor *= point;
            power += 1;
        }
        column[index] = factor;
        index += 1;
    }
    column[POINTS - 1] = if tap + 1 == taps { 1.0 } else { 0.0 };
    column
}

/// The columns of `G`.
struct Kernel<const TAPS: usize>;

impl<const TAPS: usize> Kernel<TAPS> {
    const COLUMNS: [[f32; POINTS]; TAPS] = {
        let mut columns = [[0.0; POINTS]; TAPS];
        let mut tap = 0;
        while tap < TAPS {
            columns[tap] = column(TAPS, tap);
            tap += 1;
        }
        columns
    };
}

dispatch! {
    /// `G g` of some taps, for all their filters: point number p goes to `points + p * step`.
    ///
    /// # Safety
    ///
    /// There are as many taps as [`TAPS`] says; they have one length, whole vectors, and there is memory for all points.
    pub(crate) unsafe fn kernel_points(taps: &[&[f32]], points: *mut f32, step: usize) = kernel_points_generic
}

#[inline(always)]
unsafe fn kernel_points_generic<S: Simd>(taps: &[&[f32]], points: *mut f32, step: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match taps.len() {
            3 => kernel_points_of::<S, 3>(taps, points, step),
            4 => kernel_points_of::<S, 4>(taps, points, step),
            5 => kernel_points_of::<S, 5>(taps, points, step),
            6 => kernel_points_of::<S, 6>(taps, points, step),
            _ => kernel_points_of::<S, MOST_TAPS>(taps, points, step),
        }
    }
}

#[inline(always)]
unsafe fn kernel_points_of<S: Simd, const TAPS: usize>(taps: &[&[f32]], points: *mut f32, step: usize) {
    for filter in (0..taps[0].len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of all taps, and places for their points.
        unsafe {
            let mut g = [S::splat(0.0); TAPS];
            for (g, tap) in g.iter_mut().zip(taps) {
                *g = S::load(tap.as_ptr().add(filter));
            }
            for point in 0..POINTS {
                let mut sum = S::mul(S::splat(Kernel::<TAPS>::COLUMNS[0][point]), g[0]);
                for (g, column) in g.into_iter().zip(Kernel::<TAPS>::COLUMNS).skip(1) {
                    sum = S::mul_add(S::splat(column[point]), g, sum);
                }
                S::store(points.add(point * step + filter), sum);
            }
        }
    }
}

/// How a tile's outputs are written.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    /// Taps of the kernel.
    pub taps: usize,
    pub filters: usize,
    pub write: Store,
    /// Of these filters.
    pub epilogue: Epilogue<'a>,
}

dispatch! {
    /// `Aᵀ m` of eight sums, of which number p is at `sums + p * step`, for all filters: output number i goes to
    /// `places[i]`, if there is such a place.
    ///
    /// # Safety
    ///
    /// There are as many taps as [`TAPS`] says; the filters are whole vectors, and all sums, places, and elements of the bias
    /// exist.
    pub(crate) unsafe fn tile_outputs(sums: *const f32, step: usize, places: &[*mut f32], output: &Output<'_>)
        = tile_outputs_generic
}

#[inline(always)]
unsafe fn tile_outputs_generic<S: Simd>(sums: *const f32, step: usize, places: &[*mut f32], output: &Output<'_>) {
    // SAFETY: the caller's promise.
    unsafe {
        match outputs_of(output.taps) {
            6 => tile_outputs_of::<S, 6>(sums, step, places, output),
            5 => tile_outputs_of::<S, 5>(sums, step, places, output),
            4 => tile_outputs_of::<S, 4>(sums, step, places, output),
            3 => tile_outputs_of::<S, 3>(sums, step, places, output),
            _ => tile_outputs_of::<S, 2>(sums, step, places, output),
        }
    }
}

#[inline(always)]
unsafe fn tile_outputs_of<S: Simd, const OUTPUTS: usize>(
    sums: *const f32,
    step: usize,
    places: &[*mut f32],
    output: &Output<'_>,
) {
    for filter in (0..output.filters).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of all sums, of the bias and of the places.
        unsafe {
            let mut m = [S::splat(0.0); POINTS];
            for (point, m) in m.iter_mut().enumerate() {
                *m = S::load(sums.add(point * step + filter));
            }
            for (value, place) in outputs::<S, OUTPUTS>(m).into_iter().zip(places) {
                let place = place.add(filter);
                S::store(place, finished_at::<S>(value, (place, output.write), &output.epilogue, filter));
            }
        }
    }
}

/// `Aᵀ m`
#[inline(always)]
unsafe fn outputs<S: Simd, const OUTPUTS: usize>(m: [S::Vector; POINTS]) -> [S::Vector; OUTPUTS] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (even_one, odd_one) = (S::add(m[1], m[2]), S::sub(m[1], m[2]));
        let (even_two, odd_two) = (S::add(m[3], m[4]), S::sub(m[3], m[4]));
        let (even_half, odd_half) = (S::add(m[5], m[6]), S::sub(m[5], m[6]));
        let mut y = [S::add(S::add(m[0], even_one), S::add(even_two, even_half)); OUTPUTS];
        let mut power = 1.0;
        for (index, y) in y.iter_mut().enumerate().skip(1) {
            power *= 2.0;
            let (one, two, half) =
                if index % 2 == 0 { (even_one, even_two, even_half) } else { (odd_one, odd_two, odd_half) };
            *y = S::mul_add(S::splat(power), two, S::mul_add(S::splat(1.0 / power), half, one));
        }
        y[OUTPUTS - 1] = S::add(y[OUTPUTS - 1], m[POINTS - 1]);
        y
    }
}

dispatch! {
    /// `A dy` of a tile's outputs, for all their filters: point number p goes to `points + p * step`. Adds the outputs to
    /// `sums`: one of the points is just that.
    ///
    /// # Safety
    ///
    /// There are as many outputs as [`outputs_of`] some [`TAPS`]; they and the sums have one length, whole vectors, and there is
    /// memory for all points.
    pub(crate) unsafe fn gradient_points(
        outputs: &[&[f32]],
        points: *mut f32,
        step: usize,
        sums: &mut [f32],
    ) = gradient_points_generic
}

#[inline(always)]
unsafe fn gradient_points_generic<S: Simd>(outputs: &[&[f32]], points: *mut f32, step: usize, sums: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe {
        match outputs.len() {
            6 => gradient_points_of::<S, 6>(outputs, points, step, sums),
            5 => gradient_points_of::<S, 5>(outputs, points, step, sums),
            4 => gradient_points_of::<S, 4>(outputs, points, step, sums),
            3 => gradient_points_of::<S, 3>(outputs, points, step, sums),
            _ => gradient_points_of::<S, 2>(outputs, points, step, sums),
        }
    }
}

#[inline(always)]
unsafe fn gradient_points_of<S: Simd, const OUTPUTS: usize>(
    outputs: &[&[f32]],
    points: *mut f32,
    step: usize,
    sums: &mut [f32],
) {
    for filter in (0..outputs[0].len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of all outputs, and places for their points.
        unsafe {
            let mut d = [S::splat(0.0); OUTPUTS];
            for (d, output) in d.iter_mut().zip(outputs) {
                *d = S::load(output.as_ptr().add(filter));
            }
            let [one, minus_one] = gradient_pair::<S, OUTPUTS>(d, 1.0);
            let [two, minus_two] = gradient_pair::<S, OUTPUTS>(d, 2.0);
            let [half, minus_half] = gradient_pair::<S, OUTPUTS>(d, 0.5);
            let values = [d[0], one, minus_one, two, minus_two, half, minus_half, d[OUTPUTS - 1]];
            for (point, value) in values.into_iter().enumerate() {
                S::store(points.add(point * step + filter), value);
            }
            let sum = sums.as_mut_ptr().add(filter);
            S::store(sum, S::add(S::load(sum), one));
        }
    }
}

/// The values at a point and its negative.
#[inline(always)]
unsafe fn gradient_pair<S: Simd, const OUTPUTS: usize>(d: [S::Vector; OUTPUTS], point: f32) -> [S::Vector; 2] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let square = S::splat(point * point);
        let (even, odd) = (every_other::<S, OUTPUTS>(d, 0, square), every_other::<S, OUTPUTS>(d, 1, square));
        let odd = S::mul(S::splat(point), odd);
        [S::add(even, odd), S::sub(even, odd)]
    }
}

/// The sum of every other one from the first on, times powers of the square.
#[inline(always)]
unsafe fn every_other<S: Simd, const OUTPUTS: usize>(
    d: [S::Vector; OUTPUTS],
    first: usize,
    square: S::Vector,
) -> S::Vector {
    let mut index = first + (OUTPUTS - 1 - first) / 2 * 2;
    let mut sum = d[index];
    while index > first {
        index -= 2;
        // SAFETY: the caller has the instruction set.
        sum = unsafe { S::mul_add(square, sum, d[index]) };
    }
    sum
}

dispatch! {
    /// Adds one tap, of so many, of `Gᵀ s` to a gradient; sum number p is at `sums + p * step`.
    ///
    /// # Safety
    ///
    /// The gradient has whole vectors, and all sums exist.
    pub(crate) unsafe fn tap_gradient(
        sums: *const f32,
        step: usize,
        tap_of: (usize, usize),
        gradient: &mut [f32],
    ) = tap_gradient_generic
}

#[inline(always)]
unsafe fn tap_gradient_generic<S: Simd>(
    sums: *const f32,
    step: usize,
    (tap, taps): (usize, usize),
    gradient: &mut [f32],
) {
    let factors = column(taps, tap);
    for at in (0..gradient.len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of the gradient and of all sums.
        unsafe {
            let mut sum = S::splat(0.0);
            for (point, factor) in factors.into_iter().enumerate() {
                sum = S::mul_add(S::splat(factor), S::load(sums.add(point * step + at)), sum);
            }
            let place = gradient.as_mut_ptr().add(at);
            S::store(place, S::add(sum, S::load(place)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Isa;
    use crate::tensor::activation::Activation;

    /// Values whose transforms round little, other ones for each `step`.
    fn values(len: usize, step: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * step) % 11) as f32 - 5.0).collect()
    }

    /// Floats of a pixel, and of what comes between two points.
    const CHANNELS: usize = 32;
    const STEP: usize = 3 * CHANNELS;

    fn pixels(values: &[f32]) -> Vec<&[f32]> {
        values.chunks_exact(CHANNELS).collect()
    }

    /// All instruction sets with all numbers of taps, and the outputs of a tile.
    fn cases() -> impl Iterator<Item = (Isa, usize, usize)> {
        Isa::available().into_iter().flat_map(|isa| TAPS.map(move |taps| (isa, taps, outputs_of(taps))))
    }

    #[track_caller]
    fn assert_close(actual: f32, expected: f32) {
        assert!((actual - expected).abs() < 1e-3, "{actual}, not {expected}");
    }

    #[test]
    fn eight_products_are_the_outputs_of_a_tile() {
        for (isa, taps, outputs) in cases() {
            let (d, g) = (values(POINTS * CHANNELS, 3), values(taps * CHANNELS, 7));
            let (mut points, mut kernel) = (vec![f32::NAN; POINTS * STEP], vec![f32::NAN; POINTS * STEP]);
            let bias = values(CHANNELS, 5);
            for write in [Store::Set, Store::Add, Store::Mask] {
                let mut y = vec![1.0; outputs * CHANNELS];
                if write == Store::Mask {
                    y.iter_mut().take((outputs - 1) * CHANNELS).step_by(3).for_each(|y| *y = -1.0);
                }
                // SAFETY: all pixels have so many floats, points are `STEP` apart, and every output has its place.
                unsafe {
                    let pixels_of_d = pixels(&d).try_into().unwrap();
                    pixel_points(isa, &pixels_of_d, points.as_mut_ptr(), STEP, isa.lanes());
                    kernel_points(isa, &pixels(&g), kernel.as_mut_ptr(), STEP);
                    points.iter_mut().zip(&kernel).for_each(|(point, kernel)| *point *= kernel);
                    let mut places = vec![y.as_mut_ptr(); outputs - 1];
                    places.iter_mut().enumerate().for_each(|(i, place)| *place = place.wrapping_add(i * CHANNELS));
                    let epilogue = Epilogue { bias: Some(&bias), activation: Activation::Relu };
                    let output = Output { taps, filters: CHANNELS, write, epilogue };
                    tile_outputs(isa, points.as_ptr(), STEP, &places, &output);
                }
                for (i, &y) in y.iter().enumerate() {
                    let sum: f32 = (0..taps).map(|tap| d[i + tap * CHANNELS] * g[tap * CHANNELS + i % CHANNELS]).sum();
                    match write {
                        _ if i >= (outputs - 1) * CHANNELS => assert_eq!(y, 1.0, "written beyond the places"),
                        Store::Set => assert_close(y, (sum + bias[i % CHANNELS]).max(0.0)),
                        Store::Add => assert_close(y, (sum + bias[i % CHANNELS] + 1.0).max(0.0)),
                        Store::Mask if i % 3 == 0 => assert_eq!(y, 0.0),
                        Store::Mask => assert_close(y, (sum + bias[i % CHANNELS]).max(0.0)),
                    }
                }
            }
        }
    }

    #[test]
    fn eight_products_are_the_gradient_of_the_taps() {
        for (isa, taps, outputs) in cases() {
            let (d, dy) = (values(POINTS * CHANNELS, 3), values(outputs * CHANNELS, 7));
            let vectors = CHANNELS / isa.lanes();
            let mut sums = vec![1.0; CHANNELS];
            let (mut points, mut upstream) = (vec![f32::NAN; POINTS * STEP], vec![f32::NAN; POINTS * STEP]);
            // SAFETY: all pixels have so many floats, points are `STEP` apart, and vectors of them in one case next to each
            // other, in the other one further apart than all points of the ones before.
            unsafe {
                let mut blocks = vec![f32::NAN; POINTS * CHANNELS];
                let pixels_of_d = pixels(&d).try_into().unwrap();
                pixel_points(isa, &pixels_of_d, blocks.as_mut_ptr(), isa.lanes(), POINTS * isa.lanes());
                for (index, block) in blocks.chunks_exact(isa.lanes()).enumerate() {
                    let (vector, point) = (index / POINTS, index % POINTS);
                    points[point * STEP + vector * isa.lanes()..][..block.len()].copy_from_slice(block);
                }
                assert_eq!(blocks.len() / isa.lanes(), POINTS * vectors);
                gradient_points(isa, &pixels(&dy), upstream.as_mut_ptr(), STEP, &mut sums);
            }
            for (i, &sum) in sums.iter().enumerate() {
                assert_close(sum, (0..outputs).map(|o| dy[o * CHANNELS + i]).sum::<f32>() + 1.0);
            }
            points.iter_mut().zip(&upstream).for_each(|(point, output)| *point *= output);
            for tap in 0..taps {
                let mut gradient = vec![1.0; CHANNELS];
                // SAFETY: the points are `STEP` apart, each as long as the gradient.
                unsafe { tap_gradient(isa, points.as_ptr(), STEP, (tap, taps), &mut gradient) }
                for (i, &gradient) in gradient.iter().enumerate() {
                    let sum: f32 = (0..outputs).map(|o| d[(o + tap) * CHANNELS + i] * dy[o * CHANNELS + i]).sum();
                    assert_close(gradient, sum + 1.0);
                }
            }
        }
    }
}
