//! The points of the gradient by the outputs of a 3x3 convolution, `A dy Aᵀ` of each tile of 4x4 pixels: what both gradients of
//! Winograd's algorithm are computed from.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use super::sizes::TILE;
use crate::kernels::axis::Strides;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::max_pooled::{SIDE, Upstream, pooled_strides};
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::tensor::exact::{product, sum};

/// The gradient by the outputs of images, tile by tile.
#[derive(Clone, Copy)]
pub(crate) struct GradientTiles<'a> {
    isa: Isa,
    dy: Upstream<'a>,
    /// How the pixels of `dy` lie, and how many there are of them in a column and a row.
    strides: Strides,
    size: [usize; 2],
    channels: usize,
}

impl<'a> GradientTiles<'a> {
    pub fn new(isa: Isa, geometry: &Geometry, dy: Upstream<'a>) -> Self {
        let [height, width, channels] = geometry.size();
        let (strides, size) = match dy {
            Upstream::Whole(_) => (geometry.result, [height, width]),
            Upstream::Pooled { .. } => (pooled_strides(geometry.size()), [height / SIDE, width / SIDE]),
        };
        Self { isa, dy, strides, size, channels }
    }

    /// Writes the points of a tile of an image into panels as wide as a register tile: the points are so far apart, and a panel
    /// has so many rows. Adds the tile's pixels to `sums`, if they are there: one of the points is just that.
    ///
    /// # Safety
    ///
    /// There must be room for all panels of 36 points.
    pub unsafe fn points(
        &self,
        image: usize,
        [row, column]: [usize; 2],
        points: *mut f32,
        distances: [usize; 2],
        sums: Option<&mut [f32]>,
    ) {
        assert!(sums.as_ref().is_none_or(|sums| sums.len() == self.channels));
        let Self { isa, dy, strides, size: [height, width], channels } = *self;
        let side = if let Upstream::Whole(_) = dy { TILE } else { TILE / SIDE };
        let exists = [side.min(height.saturating_sub(row * side)), side.min(width.saturating_sub(column * side))];
        let (place, len) = if exists.contains(&0) {
            (0, 0)
        } else {
            let len =
                sum(&[product(&[exists[0] - 1, strides.line]), product(&[exists[1] - 1, strides.pixel]), channels]);
            (strides.at(image, row * side, column * side), len)
        };
        let pixels = Pixels { strides, channels, exists };
        // SAFETY: every pixel that exists is within the slices, whose length does not wrap; the rest is the caller's promise.
        unsafe {
            match dy {
                Upstream::Whole(dy) => {
                    let dy = &dy[place..place + len];
                    whole_points(isa, dy.as_ptr(), &pixels, points, distances, sums);
                }
                Upstream::Pooled { dy, choices } => {
                    let (dy, choices) = (&dy[place..place + len], &choices[place..place + len]);
                    pooled_points(isa, (dy.as_ptr(), choices.as_ptr()), &pixels, points, distances, sums);
                }
            }
        }
    }
}

/// The pixels of a tile.
struct Pixels {
    strides: Strides,
    channels: usize,
    /// Rows and columns that exist.
    exists: [usize; 2],
}

dispatch! {
    /// The points of 4x4 pixels.
    unsafe fn whole_points(
        dy: *const f32,
        pixels: &Pixels,
        points: *mut f32,
        distances: [usize; 2],
        sums: Option<&mut [f32]>,
    ) = whole_points_generic
}

#[inline(always)]
unsafe fn whole_points_generic<S: Simd>(
    dy: *const f32,
    pixels: &Pixels,
    points: *mut f32,
    distances: [usize; 2],
    mut sums: Option<&mut [f32]>,
) {
    let Pixels { strides, channels, exists } = *pixels;
    for channel in (0..channels).step_by(S::LANES) {
        // SAFETY: the caller has the pixels that exist, and places for 36 points.
        unsafe {
            let mut half = [[S::splat(0.0); 6]; TILE];
            for column in 0..exists[1] {
                let mut d = [S::splat(0.0); TILE];
                for (row, d) in d.iter_mut().enumerate() {
                    if row < exists[0] {
                        let at = row * strides.line + column * strides.pixel + channel;
                        // The next tile's, of another page often.
                        S::prefetch(dy.wrapping_add(at + TILE * strides.pixel));
                        *d = S::load(dy.add(at));
                    }
                }
                half[column] = six_of_four::<S>(d);
            }
            store_points::<S>(&half, channel, points, distances, sums.as_deref_mut());
        }
    }
}

dispatch! {
    /// The points of 4x4 pixels of which the largest of each 2x2 has gone on.
    unsafe fn pooled_points(
        dy: (*const f32, *const u8),
        pixels: &Pixels,
        points: *mut f32,
        distances: [usize; 2],
        sums: Option<&mut [f32]>,
    ) = pooled_points_generic
}

#[inline(always)]
unsafe fn pooled_points_generic<S: Simd>(
    (dy, choices): (*const f32, *const u8),
    pixels: &Pixels,
    points: *mut f32,
    distances: [usize; 2],
    mut sums: Option<&mut [f32]>,
) {
    let Pixels { strides, channels, exists } = *pixels;
    for channel in (0..channels).step_by(S::LANES) {
        // SAFETY: the caller has the pixels that exist with their choices, and places for 36 points.
        unsafe {
            let zero = S::splat(0.0);
            let (mut gradient, mut choice) = ([[zero; SIDE]; SIDE], [[zero; SIDE]; SIDE]);
            for row in 0..exists[0] {
                for column in 0..exists[1] {
                    let place = row * strides.line + column * strides.pixel + channel;
                    // The next tile's, of another page often.
                    S::prefetch(dy.wrapping_add(place + SIDE * strides.pixel));
                    S::prefetch(choices.wrapping_add(place + SIDE * strides.pixel).cast());
                    gradient[row][column] = S::load(dy.add(place));
                    choice[row][column] = S::load_bytes(choices.add(place), S::LANES);
                }
            }
            let mut half = [[zero; 6]; TILE];
            for column in 0..TILE {
                let mut d = [zero; TILE];
                for (row, d) in d.iter_mut().enumerate() {
                    let number = S::splat((row % SIDE * SIDE + column % SIDE) as f32);
                    let [down, right] = [row / SIDE, column / SIDE];
                    *d = S::if_equal(choice[down][right], number, gradient[down][right], zero);
                }
                half[column] = six_of_four::<S>(d);
            }
            store_points::<S>(&half, channel, points, distances, sums.as_deref_mut());
        }
    }
}

/// The second half of the points of a vector of channels, from `A d` of each column; the sum of its pixels is one of them.
#[inline(always)]
unsafe fn store_points<S: Simd>(
    half: &[[S::Vector; 6]; TILE],
    channel: usize,
    points: *mut f32,
    [step, across]: [usize; 2],
    mut sums: Option<&mut [f32]>,
) {
    let panel = S::LANES * S::VECTORS;
    let place = points.wrapping_add(channel / panel * across * panel + channel % panel);
    for row in 0..6 {
        // SAFETY: the caller has the instruction set, places for 36 points, and sums for all channels.
        unsafe {
            let y = six_of_four::<S>([half[0][row], half[1][row], half[2][row], half[3][row]]);
            for (column, y) in y.into_iter().enumerate() {
                S::store(place.add((row * 6 + column) * step), y);
            }
            // The value at the point (1, 1) of the polynomial whose coefficients are the pixels.
            if let (1, Some(sums)) = (row, sums.as_deref_mut()) {
                let sum = sums.as_mut_ptr().add(channel);
                S::store(sum, S::add(S::load(sum), y[1]));
            }
        }
    }
}

/// `A d` of four values.
#[inline(always)]
unsafe fn six_of_four<S: Simd>(d: [S::Vector; TILE]) -> [S::Vector; 6] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (even, odd) = (S::add(d[0], d[2]), S::add(d[1], d[3]));
        let far_even = S::mul_add(S::splat(4.0), d[2], d[0]);
        let far_odd = S::mul_add(S::splat(8.0), d[3], S::mul(S::splat(2.0), d[1]));
        [d[0], S::add(even, odd), S::sub(even, odd), S::add(far_even, far_odd), S::sub(far_even, far_odd), d[3]]
    }
}
