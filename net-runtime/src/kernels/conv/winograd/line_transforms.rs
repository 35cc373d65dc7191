//! The transforms of Winograd's minimal filtering F(6, 3) along one axis, with the points 0, ±1, ±2, ±1/2 and infinity: six
//! outputs of three taps, y = Aᵀ \[(G g) ⊙ (Bᵀ d)\], from eight multiplications instead of eighteen; and of its transpose,
//! dg = Gᵀ \[(Bᵀ d) ⊙ (A dy)\]. All of them work on vectors of channels.

use crate::kernels::simd::{Simd, dispatch};
use crate::tensor::param::Store;

/// Points of a tile.
pub(crate) const POINTS: usize = 8;

/// Outputs of a tile.
pub(crate) const TILE: usize = 6;

/// Taps of the kernel.
pub(crate) const TAPS: usize = 3;

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

/// `G`
const KERNEL: [[f32; TAPS]; POINTS] = [
    [1.0, 0.0, 0.0],
    [-2.0 / 9.0, -2.0 / 9.0, -2.0 / 9.0],
    [-2.0 / 9.0, 2.0 / 9.0, -2.0 / 9.0],
    [1.0 / 90.0, 1.0 / 45.0, 2.0 / 45.0],
    [1.0 / 90.0, -1.0 / 45.0, 2.0 / 45.0],
    [32.0 / 45.0, 16.0 / 45.0, 8.0 / 45.0],
    [32.0 / 45.0, -16.0 / 45.0, 8.0 / 45.0],
    [0.0, 0.0, 1.0],
];

dispatch! {
    /// `G g` of three taps, for all their filters: point number p goes to `points + p * step`.
    ///
    /// # Safety
    ///
    /// The taps have one length, whole vectors, and there is memory for all points.
    pub(crate) unsafe fn kernel_points(taps: &[&[f32]; TAPS], points: *mut f32, step: usize) = kernel_points_generic
}

#[inline(always)]
unsafe fn kernel_points_generic<S: Simd>(taps: &[&[f32]; TAPS], points: *mut f32, step: usize) {
    for filter in (0..taps[0].len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of all taps, and places for their points.
        unsafe {
            let mut g = [S::splat(0.0); TAPS];
            for (g, tap) in g.iter_mut().zip(taps) {
                *g = S::load(tap.as_ptr().add(filter));
            }
            for (point, factors) in KERNEL.into_iter().enumerate() {
                let middle = S::mul(S::splat(factors[1]), g[1]);
                let sum = S::mul_add(S::splat(factors[0]), g[0], S::mul_add(S::splat(factors[2]), g[2], middle));
                S::store(points.add(point * step + filter), sum);
            }
        }
    }
}

/// How a tile's outputs are written.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    pub filters: usize,
    pub write: Store,
    /// Added with [`Store::Set`].
    pub bias: Option<&'a [f32]>,
    /// Whether negative results become 0, with [`Store::Set`].
    pub relu: bool,
}

dispatch! {
    /// `Aᵀ m` of eight sums, of which number p is at `sums + p * step`, for all filters: output number i goes to
    /// `places[i]`, if there is such a place.
    ///
    /// # Safety
    ///
    /// The filters are whole vectors, and all sums, places, and elements of the bias exist.
    pub(crate) unsafe fn tile_outputs(sums: *const f32, step: usize, places: &[*mut f32], output: &Output<'_>)
        = tile_outputs_generic
}

#[inline(always)]
unsafe fn tile_outputs_generic<S: Simd>(sums: *const f32, step: usize, places: &[*mut f32], output: &Output<'_>) {
    for filter in (0..output.filters).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of all sums, of the bias and of the places.
        unsafe {
            let mut m = [S::splat(0.0); POINTS];
            for (point, m) in m.iter_mut().enumerate() {
                *m = S::load(sums.add(point * step + filter));
            }
            for (mut value, place) in outputs::<S>(m).into_iter().zip(places) {
                let place = place.add(filter);
                match output.write {
                    Store::Add => value = S::add(value, S::load(place)),
                    Store::Mask => value = S::where_positive(S::load(place), value),
                    Store::Set => {
                        if let Some(bias) = output.bias {
                            value = S::add(value, S::load(bias.as_ptr().add(filter)));
                        }
                        if output.relu {
                            value = S::relu(value);
                        }
                    }
                }
                S::store(place, value);
            }
        }
    }
}

/// `Aᵀ m`
#[inline(always)]
unsafe fn outputs<S: Simd>(m: [S::Vector; POINTS]) -> [S::Vector; TILE] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (even_one, odd_one) = (S::add(m[1], m[2]), S::sub(m[1], m[2]));
        let (even_two, odd_two) = (S::add(m[3], m[4]), S::sub(m[3], m[4]));
        let (even_half, odd_half) = (S::add(m[5], m[6]), S::sub(m[5], m[6]));
        let mut y = [S::add(S::add(m[0], even_one), S::add(even_two, even_half)); TILE];
        let mut power = 1.0;
        for (index, y) in y.iter_mut().enumerate().skip(1) {
            power *= 2.0;
            let (one, two, half) =
                if index % 2 == 0 { (even_one, even_two, even_half) } else { (odd_one, odd_two, odd_half) };
            *y = S::mul_add(S::splat(power), two, S::mul_add(S::splat(1.0 / power), half, one));
        }
        y[5] = S::add(y[5], m[7]);
        y
    }
}

dispatch! {
    /// `A dy` of six outputs, for all their filters: point number p goes to `points + p * step`. Adds the outputs to `sums`:
    /// one of the points is just that.
    ///
    /// # Safety
    ///
    /// The outputs and the sums have one length, whole vectors, and there is memory for all points.
    pub(crate) unsafe fn gradient_points(
        outputs: &[&[f32]; TILE],
        points: *mut f32,
        step: usize,
        sums: &mut [f32],
    ) = gradient_points_generic
}

#[inline(always)]
unsafe fn gradient_points_generic<S: Simd>(outputs: &[&[f32]; TILE], points: *mut f32, step: usize, sums: &mut [f32]) {
    for filter in (0..outputs[0].len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of all outputs, and places for their points.
        unsafe {
            let mut d = [S::splat(0.0); TILE];
            for (d, output) in d.iter_mut().zip(outputs) {
                *d = S::load(output.as_ptr().add(filter));
            }
            let [one, minus_one] = gradient_pair::<S>(d, 1.0);
            let [two, minus_two] = gradient_pair::<S>(d, 2.0);
            let [half, minus_half] = gradient_pair::<S>(d, 0.5);
            let values = [d[0], one, minus_one, two, minus_two, half, minus_half, d[5]];
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
unsafe fn gradient_pair<S: Simd>(d: [S::Vector; TILE], point: f32) -> [S::Vector; 2] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let square = S::splat(point * point);
        let even = S::mul_add(square, S::mul_add(square, d[4], d[2]), d[0]);
        let odd = S::mul(S::splat(point), S::mul_add(square, S::mul_add(square, d[5], d[3]), d[1]));
        [S::add(even, odd), S::sub(even, odd)]
    }
}

dispatch! {
    /// Adds one tap of `Gᵀ s` to a gradient; sum number p is at `sums + p * step`.
    ///
    /// # Safety
    ///
    /// The gradient has whole vectors, and all sums exist.
    pub(crate) unsafe fn tap_gradient(sums: *const f32, step: usize, tap: usize, gradient: &mut [f32])
        = tap_gradient_generic
}

#[inline(always)]
unsafe fn tap_gradient_generic<S: Simd>(sums: *const f32, step: usize, tap: usize, gradient: &mut [f32]) {
    for at in (0..gradient.len()).step_by(S::LANES) {
        // SAFETY: the caller has whole vectors of the gradient and of all sums.
        unsafe {
            let mut sum = S::splat(0.0);
            for (point, factors) in KERNEL.iter().enumerate() {
                sum = S::mul_add(S::splat(factors[tap]), S::load(sums.add(point * step + at)), sum);
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

    /// Values whose transforms round little, other ones for each `step`.
    fn values(len: usize, step: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * step) % 11) as f32 - 5.0).collect()
    }

    /// Floats of a pixel, and of what comes between two points.
    const CHANNELS: usize = 32;
    const STEP: usize = 3 * CHANNELS;

    fn pixels<const N: usize>(values: &[f32]) -> [&[f32]; N] {
        std::array::from_fn(|index| &values[index * CHANNELS..][..CHANNELS])
    }

    #[track_caller]
    fn assert_close(actual: f32, expected: f32) {
        assert!((actual - expected).abs() < 1e-3, "{actual}, not {expected}");
    }

    #[test]
    fn eight_products_are_six_outputs_of_three_taps() {
        for isa in Isa::available() {
            let (d, g) = (values(POINTS * CHANNELS, 3), values(TAPS * CHANNELS, 7));
            let (mut points, mut kernel) = (vec![f32::NAN; POINTS * STEP], vec![f32::NAN; POINTS * STEP]);
            let bias = values(CHANNELS, 5);
            for write in [Store::Set, Store::Add, Store::Mask] {
                let mut y = vec![1.0; TILE * CHANNELS];
                if write == Store::Mask {
                    y.iter_mut().take(5 * CHANNELS).step_by(3).for_each(|y| *y = -1.0);
                }
                // SAFETY: all pixels have so many floats, points are `STEP` apart, and every output has its place.
                unsafe {
                    pixel_points(isa, &pixels(&d), points.as_mut_ptr(), STEP, isa.lanes());
                    kernel_points(isa, &pixels(&g), kernel.as_mut_ptr(), STEP);
                    points.iter_mut().zip(&kernel).for_each(|(point, kernel)| *point *= kernel);
                    let mut places = [y.as_mut_ptr(); 5];
                    places.iter_mut().enumerate().for_each(|(i, place)| *place = place.wrapping_add(i * CHANNELS));
                    let output = Output { filters: CHANNELS, write, bias: Some(&bias), relu: true };
                    tile_outputs(isa, points.as_ptr(), STEP, &places, &output);
                }
                for (i, &y) in y.iter().enumerate() {
                    let sum: f32 = (0..TAPS).map(|tap| d[i + tap * CHANNELS] * g[tap * CHANNELS + i % CHANNELS]).sum();
                    match write {
                        _ if i >= 5 * CHANNELS => assert_eq!(y, 1.0, "written beyond the places"),
                        Store::Set => assert_close(y, (sum + bias[i % CHANNELS]).max(0.0)),
                        Store::Add => assert_close(y, sum + 1.0),
                        Store::Mask if i % 3 == 0 => assert_eq!(y, 0.0),
                        Store::Mask => assert_close(y, sum),
                    }
                }
            }
        }
    }

    #[test]
    fn eight_products_are_the_gradient_of_three_taps() {
        for isa in Isa::available() {
            let (d, dy) = (values(POINTS * CHANNELS, 3), values(TILE * CHANNELS, 7));
            let vectors = CHANNELS / isa.lanes();
            let mut sums = vec![1.0; CHANNELS];
            let (mut points, mut outputs) = (vec![f32::NAN; POINTS * STEP], vec![f32::NAN; POINTS * STEP]);
            // SAFETY: all pixels have so many floats, points are `STEP` apart, and vectors of them in one case next to each
            // other, in the other one further apart than all points of the ones before.
            unsafe {
                let mut blocks = vec![f32::NAN; POINTS * CHANNELS];
                pixel_points(isa, &pixels(&d), blocks.as_mut_ptr(), isa.lanes(), POINTS * isa.lanes());
                for (index, block) in blocks.chunks_exact(isa.lanes()).enumerate() {
                    let (vector, point) = (index / POINTS, index % POINTS);
                    points[point * STEP + vector * isa.lanes()..][..block.len()].copy_from_slice(block);
                }
                assert_eq!(blocks.len() / isa.lanes(), POINTS * vectors);
                gradient_points(isa, &pixels(&dy), outputs.as_mut_ptr(), STEP, &mut sums);
            }
            for (i, &sum) in sums.iter().enumerate() {
                assert_close(sum, (0..TILE).map(|o| dy[o * CHANNELS + i]).sum::<f32>() + 1.0);
            }
            points.iter_mut().zip(&outputs).for_each(|(point, output)| *point *= output);
            for tap in 0..TAPS {
                let mut gradient = vec![1.0; CHANNELS];
                // SAFETY: the points are `STEP` apart, each as long as the gradient.
                unsafe { tap_gradient(isa, points.as_ptr(), STEP, tap, &mut gradient) }
                for (i, &gradient) in gradient.iter().enumerate() {
                    let sum: f32 = (0..TILE).map(|o| d[(o + tap) * CHANNELS + i] * dy[o * CHANNELS + i]).sum();
                    assert_close(gradient, sum + 1.0);
                }
            }
        }
    }
}
