//! The gradient of the input of a 3x3 convolution as the transpose of Winograd's algorithm: dx = Σ B [(G g Gᵀ) ⊙ (A dy Aᵀ)] Bᵀ,
//! where the 6x6 pixels of neighbouring tiles overlap by two and add up. It has as many tiles as the outputs; the other way,
//! a convolution of dy with a border of zeros, has as many as the inputs: 64 instead of 49 for 30x30 pixels from 28x28.
//!
//! An image is a task, or where there are few of them a band of rows of tiles: tiles overlap, and who adds to a pixel first must
//! not be a matter of chance. The lines that two bands share, seams, are kept aside and added up when both are done.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use std::ops::Range;

use super::forward::transform_weights;
use super::gradient::GradientTiles;
use super::sizes::{GROUP, POINTS, TILE, end_of_points, panel_start, pitch, weights_len};
use crate::kernels::axis::Axis;
use crate::kernels::conv::geometry::{Geometry, transpose_taps};
use crate::kernels::conv::max_pooled::Upstream;
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::gemm::microkernel::{Product, Segment};
use crate::kernels::gemm::product::Times;
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::memory::packed::{Form, Portion};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Pixels that a tile reaches one way: its own, and those that it shares with the next one.
const REACH: usize = TILE + SEAM;

/// Pixels that neighbouring tiles share one way.
const SEAM: usize = 2;

/// The longest row of tiles.
const ACROSS: usize = 64;

/// Bands that a batch is cut into at least, if they do not become too small.
const BANDS: usize = 16;

/// The fewest tiles of a band, as far as rows of them come near to it.
const FEWEST: usize = 14;

/// Panels of the outputs' channels at most.
const PANELS: usize = 64;

/// Whether a gradient can be computed so, of a convolution that Winograd's algorithm applies to.
pub(crate) fn applies(isa: Isa, geometry: &Geometry) -> bool {
    let Geometry { columns, outputs, .. } = *geometry;
    geometry.input_is_dense()
        && outputs.is_multiple_of(isa.tile_columns())
        && outputs / isa.tile_columns() <= PANELS
        && (1..=ACROSS).contains(&columns.output.div_ceil(TILE))
}

/// `dx = dy * kernel`, transposed.
pub(crate) fn backward_input(
    geometry: &Geometry,
    n: usize,
    kernel: Portion<'_>,
    dy: Upstream<'_>,
    (dx, write): (&mut [f32], Store),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { columns, inputs, outputs, image, .. } = *geometry;
    let Scratch { work, packed, packs, .. } = scratch;
    let weights = packs.get(Form::AdjointWinograd, kernel, weights_len(isa, outputs, inputs), |weights| {
        let transposed = packed.take(kernel.values().len());
        transpose_taps(kernel.values(), [inputs, outputs], transposed);
        let at = |row: usize, column: usize, output: usize| ((row * 3 + column) * outputs + output) * inputs;
        transform_weights(isa, transposed, [outputs, inputs], at, weights);
    });
    let adjoint = Adjoint::new(isa, *geometry, n, weights, write);
    let Sizes { down, band, line, .. } = adjoint.sizes;
    let threads = geometry.pays(n);
    let dy = GradientTiles::new(isa, geometry, dy);
    let bands = down.div_ceil(band);
    let slots = Slots::new(threads, n * bands, work, adjoint.scratch());
    let seam = if bands > 1 { 2 * SEAM * line } else { 0 };
    let seams = packed.take(n * bands * seam);
    let start = |unit: usize| unit / bands * image.image + adjoint.top(unit % bands * band) * columns.input * inputs;
    parallel::for_each_part(threads, n * bands, &start, dx, (&mut *seams, seam), &|unit, dx, seams| {
        let (dy, first) = ((&dy, unit / bands), unit % bands * band);
        slots.with(|scratch| adjoint.band(dy, first..down.min(first + band), dx, seams, scratch));
    });
    if bands == 1 {
        return;
    }
    let seams = &*seams;
    parallel::for_each_part(threads, n * bands, &start, dx, (&mut [], 0), &|unit, dx, _| {
        let band_after = unit % bands + 1;
        if band_after < bands {
            let (before, after) =
                (&seams[unit * seam..][SEAM * line..seam], &seams[(unit + 1) * seam..][..SEAM * line]);
            slots.with(|scratch| adjoint.join(band_after * band, [before, after], dx, scratch));
        }
    });
}

/// The gradients by the images, a band at a time.
#[derive(Clone, Copy)]
struct Adjoint<'a> {
    isa: Isa,
    geometry: Geometry,
    /// The points of the weights: rows are the outputs' channels, columns the inputs'.
    weights: &'a [f32],
    write: Store,
    sizes: Sizes,
}

/// How an image is divided, and sizes of what lies in scratch memory.
#[derive(Clone, Copy)]
struct Sizes {
    /// Tiles of a row.
    across: usize,
    /// Rows of tiles, and those of a band.
    down: usize,
    band: usize,
    /// Rows of tiles that are worked on together.
    group: usize,
    /// Distance of two points of the outputs' gradients.
    point: usize,
    /// Distance of two sums.
    sum: usize,
    /// Floats of a line of pixels.
    line: usize,
}

impl<'a> Adjoint<'a> {
    fn new(isa: Isa, geometry: Geometry, n: usize, weights: &'a [f32], write: Store) -> Self {
        let Geometry { rows, columns, inputs, outputs, .. } = geometry;
        let (down, across) = (rows.output.div_ceil(TILE), columns.output.div_ceil(TILE));
        // Rows of tiles that come near to so many, and as many of them in each part of a whole.
        let near = |tiles: usize| ((tiles + across / 2) / across).max(1);
        let bands = down.div_ceil(near(FEWEST)).min(BANDS.div_ceil(n.max(1)));
        let band = down.div_ceil(bands);
        let group = band.div_ceil(band.div_ceil(near(GROUP)));
        let tiles = group * across;
        // Points hold whole rows of panels, as wide as a register tile.
        let point = tiles * outputs + isa.tile_columns();
        let sum = pitch(tiles * isa.tile_columns().min(inputs));
        let sizes = Sizes { across, down, band, group, point, sum, line: (across * TILE + SEAM) * inputs };
        Self { isa, geometry, weights, write, sizes }
    }

    /// Channels of the input that are worked on together.
    fn panel(&self) -> usize {
        self.isa.tile_columns().min(self.geometry.inputs)
    }

    /// Floats that [`band`](Self::band) needs.
    fn scratch(&self) -> usize {
        let Sizes { group, point, sum, line, .. } = self.sizes;
        POINTS * (point + sum) + (group * TILE + SEAM) * line
    }

    /// The first row of the image that belongs to the band that begins with this row of tiles: the seam before it belongs to
    /// the band before.
    fn top(&self, tile_row: usize) -> usize {
        let Axis { input, padding, .. } = self.geometry.rows;
        if tile_row == 0 { 0 } else { (tile_row * TILE + SEAM).saturating_sub(padding).min(input) }
    }

    /// Computes the rows of an image that belong to a band of rows of tiles, all but the seam after it, from the gradients by
    /// the outputs of the image of this number. What it adds to the seams before and after it goes to `seams`.
    fn band(
        &self,
        dy: (&GradientTiles<'_>, usize),
        tile_rows: Range<usize>,
        dx: &mut [f32],
        seams: &mut [f32],
        scratch: &mut [f32],
    ) {
        let Geometry { rows, inputs, .. } = self.geometry;
        let Sizes { down, group, point, sum, line, .. } = self.sizes;
        let (points, scratch) = scratch.split_at_mut(POINTS * point);
        let (sums, scratch) = scratch.split_at_mut(POINTS * sum);
        // Those that the group reaches, with the border of padding.
        let lines = &mut scratch[..(group * TILE + SEAM) * line];
        lines.fill(0.0);
        let top = self.top(tile_rows.start);
        for first in tile_rows.clone().step_by(group) {
            let group = first..tile_rows.end.min(first + group);
            let height = group.len() * TILE;
            self.points(dy, group.clone(), points);
            for channel in (0..inputs).step_by(self.panel()) {
                let count = group.len() * self.sizes.across;
                self.products(points, count, channel, sums);
                self.add_tiles(sums, count, channel, lines);
            }
            let mut begin = 0;
            if first == tile_rows.start && first > 0 {
                begin = SEAM;
                seams[..SEAM * line].copy_from_slice(&lines[..SEAM * line]);
            }
            // What the next group does not reach is complete; the lines that it does are the first ones of its own.
            let complete = if group.end == down { height + SEAM } else { height };
            for (index, pixels) in lines.chunks_exact(line).enumerate().take(complete).skip(begin) {
                self.finish(first * TILE + index, pixels, top, dx);
            }
            lines.copy_within(height * line..(height + SEAM) * line, 0);
            lines[SEAM * line..].fill(0.0);
        }
        if tile_rows.end < down {
            seams[SEAM * line..].copy_from_slice(&lines[..SEAM * line]);
            return;
        }
        // No tile reaches the rest.
        for position in down * TILE + SEAM..rows.input + rows.padding {
            self.finish(position, &[], top, dx);
        }
    }

    /// Writes the seam before this row of tiles, the sum of what two bands add to it, which ends the first band's rows `dx`.
    fn join(&self, tile_row: usize, seams: [&[f32]; 2], dx: &mut [f32], scratch: &mut [f32]) {
        let Sizes { band, line, .. } = self.sizes;
        let top = self.top(tile_row - band);
        let [before, after] = seams.map(|seam| seam.chunks_exact(line));
        for (index, (before, after)) in before.zip(after).enumerate() {
            let sums = &mut scratch[..line];
            sums.iter_mut().zip(before.iter().zip(after)).for_each(|(sum, (before, after))| *sum = before + after);
            self.finish(tile_row * TILE + index, sums, top, dx);
        }
    }

    /// `A dy Aᵀ` of some rows of tiles.
    fn points(&self, (dy, image): (&GradientTiles<'_>, usize), tile_rows: Range<usize>, points: &mut [f32]) {
        let Self { isa, geometry: Geometry { outputs, .. }, sizes, .. } = *self;
        let count = tile_rows.len() * sizes.across;
        assert!(points.len() >= end_of_points(sizes.point, exact::product(&[count, outputs])));
        for (index, row) in tile_rows.enumerate() {
            for column in 0..sizes.across {
                let tile = index * sizes.across + column;
                // SAFETY: point number p of this tile is at `p * point`, its panels `count` rows apart, and those of the last one
                // end within `points`, as just checked.
                unsafe {
                    let points = points[tile * isa.tile_columns()..].as_mut_ptr();
                    dy.points(image, [row, column], points, [sizes.point, count], None);
                }
            }
        }
    }

    /// The products of all points of so many tiles, for the channels of the input from one on.
    fn products(&self, points: &[f32], count: usize, channel: usize, sums: &mut [f32]) {
        let Self { isa, geometry: Geometry { inputs, outputs, .. }, weights, sizes, .. } = *self;
        let (width, panel) = (isa.tile_columns(), self.panel().min(inputs - channel));
        let weights = &weights[panel_start(isa, channel / width, outputs, inputs)..];
        let mut segments = [Segment::default(); PANELS];
        for (index, segment) in segments.iter_mut().enumerate() {
            *segment = Segment { a: index * count * width, b: index * width };
        }
        let product = Product {
            segments: &segments[..outputs / width],
            len: width,
            ..Product::of_matrices(points, weights, [outputs, panel])
        };
        let times = Times { count: POINTS, a: sizes.point, b: pitch(outputs * panel), c: sizes.sum };
        product.compute_times(isa, times, (0..count).map(|tile| (tile * width, tile * panel)), sums);
    }

    /// Adds `B s Bᵀ` of so many tiles to the lines, for the channels of the input from one on.
    fn add_tiles(&self, sums: &[f32], count: usize, channel: usize, lines: &mut [f32]) {
        let (Geometry { inputs, .. }, Sizes { across, sum, line, .. }) = (self.geometry, self.sizes);
        let panel = self.panel().min(inputs - channel);
        for tile in 0..count {
            let pixels = &mut lines[tile / across * TILE * line + tile % across * TILE * inputs + channel..];
            let distance = exact::sum(&[line, inputs]);
            assert!(pixels.len() >= exact::sum(&[exact::product(&[REACH - 1, distance]), panel]));
            let sums = &sums[tile * panel..];
            assert!(sums.len() >= end_of_points(sum, panel));
            // SAFETY: sum number p of this tile is at `p * sum`; the last one of 6x6 pixels has `panel` floats; both as just
            // checked.
            unsafe { tile_inputs(self.isa, (sums.as_ptr(), sum), pixels.as_mut_ptr(), [line, inputs], panel) }
        }
    }

    /// Writes a line of the image with its border of padding, whose pixels are complete; those that are not there are zero.
    /// `dx` begins with the row `top`.
    fn finish(&self, position: usize, pixels: &[f32], top: usize, dx: &mut [f32]) {
        let Geometry { rows, columns, inputs, .. } = self.geometry;
        let Some(row) = position.checked_sub(rows.padding).filter(|row| *row < rows.input) else { return };
        let dx = &mut dx[(row - top) * columns.input * inputs..][..columns.input * inputs];
        let pixels = pixels.get(columns.padding * inputs..).unwrap_or_default();
        let (dx, rest) = dx.split_at_mut(pixels.len().min(dx.len()));
        put(self.write, dx, pixels.iter().copied());
        put(self.write, rest, std::iter::repeat(0.0));
    }
}

dispatch! {
    /// Adds `B s Bᵀ` of 36 sums to 6x6 pixels, whose lines and neighbours are so far apart, for so many channels.
    unsafe fn tile_inputs(
        sums: (*const f32, usize),
        pixels: *mut f32,
        distances: [usize; 2],
        channels: usize,
    ) = tile_inputs_generic
}

#[inline(always)]
unsafe fn tile_inputs_generic<S: Simd>(
    (sums, step): (*const f32, usize),
    pixels: *mut f32,
    [line, pixel]: [usize; 2],
    channels: usize,
) {
    for channel in (0..channels).step_by(S::LANES) {
        // SAFETY: the caller has 36 sums, and 6x6 pixels, of each channel.
        unsafe {
            let mut half = [[S::splat(0.0); 6]; 6];
            for column in 0..6 {
                let mut s = [S::splat(0.0); 6];
                for (row, s) in s.iter_mut().enumerate() {
                    *s = S::load(sums.add((row * 6 + column) * step + channel));
                }
                half[column] = six_inputs::<S>(s);
            }
            for row in 0..6 {
                let mut s = [S::splat(0.0); 6];
                for column in 0..6 {
                    s[column] = half[column][row];
                }
                for (column, value) in six_inputs::<S>(s).into_iter().enumerate() {
                    let place = pixels.add(row * line + column * pixel + channel);
                    S::store(place, S::add(S::load(place), value));
                }
            }
        }
    }
}

/// `B s` of six values.
#[inline(always)]
unsafe fn six_inputs<S: Simd>(s: [S::Vector; 6]) -> [S::Vector; 6] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (near, near_odd) = (S::add(s[1], s[2]), S::sub(s[1], s[2]));
        let (far, far_odd) = (S::add(s[3], s[4]), S::sub(s[3], s[4]));
        let (two, four, minus_four, minus_five) = (S::splat(2.0), S::splat(4.0), S::splat(-4.0), S::splat(-5.0));
        [
            S::mul(four, s[0]),
            S::mul_add(minus_four, near_odd, S::mul_add(four, s[5], S::mul(S::splat(-2.0), far_odd))),
            S::mul_add(minus_five, s[0], S::sub(S::mul(minus_four, near), far)),
            S::mul_add(two, far_odd, S::mul_add(minus_five, s[5], near_odd)),
            S::add(s[0], S::add(near, far)),
            s[5],
        ]
    }
}
