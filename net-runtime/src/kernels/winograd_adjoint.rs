//! The gradient of the input of a 3x3 convolution as the transpose of Winograd's algorithm: dx = Σ B [(G g Gᵀ) ⊙ (A dy Aᵀ)] Bᵀ,
//! where the 6x6 pixels of neighbouring tiles overlap by two and add up. It has as many tiles as the outputs; the other way,
//! a convolution of dy with a border of zeros, has as many as the inputs: 64 instead of 49 for 30x30 pixels from 28x28.
//!
//! An image is a task: its tiles overlap, and who adds to a pixel first must not be a matter of chance.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use std::ops::Range;

use super::conv2d::{Geometry, transpose_taps};
use super::elementwise::put;
use super::max_pooled::Upstream;
use super::parallel;
use super::simd::{Isa, Simd, dispatch};
use super::slots::Slots;
use super::tile::{Layout, Product, Segment};
use super::winograd::{self, GROUP, POINTS, TILE, panel_start, pitch};
use super::winograd_gradient::GradientTiles;
use crate::scratch::Form;
use crate::{Param, Scratch, Store};

/// Pixels that a tile reaches one way: its own, and those that it shares with the next one.
const REACH: usize = TILE + 2;

/// The longest row of tiles.
const ACROSS: usize = 64;

/// Images from which on there is work for all threads.
const FEWEST_IMAGES: usize = 16;

/// Panels of the outputs' channels at most.
const PANELS: usize = 64;

/// Whether a gradient is computed so, of a convolution that Winograd's algorithm fits.
pub(super) fn pays(isa: Isa, geometry: &Geometry, n: usize) -> bool {
    let Geometry { rows, columns, outputs, .. } = *geometry;
    let tiles = |height: usize, width: usize| height.div_ceil(TILE) * width.div_ceil(TILE);
    n >= FEWEST_IMAGES
        && outputs.is_multiple_of(isa.tile_columns())
        && outputs / isa.tile_columns() <= PANELS
        && (1..=ACROSS).contains(&columns.output.div_ceil(TILE))
        && tiles(rows.output, columns.output) < tiles(rows.input, columns.input)
}

/// `dx = dy * kernel`, transposed.
pub(super) fn backward_input(
    geometry: &Geometry,
    n: usize,
    kernel: &Param,
    dy: Upstream<'_>,
    (dx, write): (&mut [f32], Store),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    let Scratch { work, packed, packs, .. } = scratch;
    let weights = packs.get(Form::AdjointWinograd, kernel, winograd::weights_len(isa, outputs, inputs), |weights| {
        let transposed = packed.take(kernel.values().len());
        transpose_taps(kernel.values(), [inputs, outputs], transposed);
        let at = |row: usize, column: usize, output: usize| ((row * 3 + column) * outputs + output) * inputs;
        winograd::transform_weights(isa, transposed, [outputs, inputs], at, weights);
    });
    let adjoint = Adjoint { isa, geometry: *geometry, weights, write };
    let threads = parallel::pays(geometry.multiply_adds(n));
    let dy = GradientTiles::new(isa, geometry, dy);
    let slots = Slots::new(threads, n, work, adjoint.scratch());
    let image = rows.input * columns.input * inputs;
    parallel::for_each_part(threads, n, &|part| part * image, dx, (&mut [], 0), &|part, dx, _| {
        slots.with(|scratch| adjoint.image((&dy, part), dx, scratch));
    });
}

/// The gradients by the images, one at a time.
#[derive(Clone, Copy)]
struct Adjoint<'a> {
    isa: Isa,
    geometry: Geometry,
    /// The points of the weights: rows are the outputs' channels, columns the inputs'.
    weights: &'a [f32],
    write: Store,
}

/// Sizes of what lies in scratch memory.
#[derive(Clone, Copy)]
struct Sizes {
    /// Tiles of a row.
    across: usize,
    /// Rows of tiles.
    down: usize,
    /// Rows of tiles that are worked on together.
    group: usize,
    /// Distance of two points of the outputs' gradients.
    point: usize,
    /// Distance of two sums.
    sum: usize,
    /// Floats of a line of pixels.
    line: usize,
}

impl Sizes {
    /// Lines of pixels that a group reaches.
    fn lines(self) -> usize {
        self.group * TILE + REACH - TILE
    }
}

impl Adjoint<'_> {
    /// Channels of the input that are worked on together.
    fn panel(&self) -> usize {
        self.isa.tile_columns().min(self.geometry.inputs)
    }

    fn sizes(&self) -> Sizes {
        let Geometry { rows, columns, inputs, outputs, .. } = self.geometry;
        let (down, across) = (rows.output.div_ceil(TILE), columns.output.div_ceil(TILE));
        // Groups of the same size, where there are several.
        let groups = down.div_ceil(((GROUP + across / 2) / across).max(1));
        let group = down.div_ceil(groups);
        let tiles = group * across;
        // Points hold whole rows of panels, as wide as a register tile.
        let point = tiles * outputs + self.isa.tile_columns();
        Sizes { across, down, group, point, sum: pitch(tiles * self.panel()), line: (across * TILE + 2) * inputs }
    }

    /// Floats that [`image`](Self::image) needs.
    fn scratch(&self) -> usize {
        let sizes = self.sizes();
        POINTS * (sizes.point + sizes.sum) + sizes.lines() * sizes.line
    }

    /// Computes the gradient by an image of this number from that by its outputs.
    fn image(&self, dy: (&GradientTiles<'_>, usize), dx: &mut [f32], scratch: &mut [f32]) {
        let Geometry { rows, inputs, .. } = self.geometry;
        let sizes = self.sizes();
        let Sizes { down, group, line, .. } = sizes;
        let (points, scratch) = scratch.split_at_mut(POINTS * sizes.point);
        let (sums, scratch) = scratch.split_at_mut(POINTS * sizes.sum);
        // Those that the group reaches, with the border of padding.
        let lines = &mut scratch[..sizes.lines() * line];
        lines.fill(0.0);
        for first in (0..down).step_by(group) {
            let tile_rows = first..down.min(first + group);
            let height = tile_rows.len() * TILE;
            self.points(dy, tile_rows.clone(), sizes, points);
            for channel in (0..inputs).step_by(self.panel()) {
                let count = tile_rows.len() * sizes.across;
                self.products(points, count, channel, sizes, sums);
                self.add_tiles(sums, count, channel, sizes, lines);
            }
            // What the next group does not reach is complete; the lines that it does are the first ones of its own.
            let complete = if tile_rows.end == down { height + 2 } else { height };
            for (index, pixels) in lines.chunks_exact(line).take(complete).enumerate() {
                self.finish(first * TILE + index, pixels, dx);
            }
            lines.copy_within(height * line..(height + 2) * line, 0);
            lines[2 * line..].fill(0.0);
        }
        // No tile reaches the rest.
        for position in down * TILE + 2..rows.input + rows.padding {
            self.finish(position, &[], dx);
        }
    }

    /// `A dy Aᵀ` of some rows of tiles.
    fn points(
        &self,
        (dy, image): (&GradientTiles<'_>, usize),
        tile_rows: Range<usize>,
        sizes: Sizes,
        points: &mut [f32],
    ) {
        let Self { isa, geometry: Geometry { outputs, .. }, .. } = *self;
        let count = tile_rows.len() * sizes.across;
        let end = (POINTS - 1) * sizes.point + count * outputs;
        assert!(points.len() >= end);
        for (index, row) in tile_rows.enumerate() {
            for column in 0..sizes.across {
                let tile = index * sizes.across + column;
                // SAFETY: point number p of this tile is at `p * point`, its panels `count` rows apart, and those of the last one
                // end within `points`, as just checked.
                unsafe {
                    let points = points[tile * isa.tile_columns()..].as_mut_ptr();
                    dy.points(image, [row, column], points, [sizes.point, count]);
                }
            }
        }
    }

    /// The products of all points of so many tiles, for the channels of the input from one on.
    fn products(&self, points: &[f32], count: usize, channel: usize, sizes: Sizes, sums: &mut [f32]) {
        let Self { isa, geometry: Geometry { inputs, outputs, .. }, weights, .. } = *self;
        let (width, panel) = (isa.tile_columns(), self.panel().min(inputs - channel));
        let weights = &weights[panel_start(isa, channel / width, outputs, inputs)..];
        let mut segments = [Segment::default(); PANELS];
        for (index, segment) in segments.iter_mut().enumerate() {
            *segment = Segment { a: index * count * width, b: index * width };
        }
        for point in 0..POINTS {
            let product = Product {
                a: &points[point * sizes.point..],
                segments: &segments[..outputs / width],
                len: width,
                step: 1,
                b: &weights[point * pitch(outputs * panel)..],
                layout: Layout::Packed,
                inner: outputs,
                columns: panel,
                bias: None,
                relu: false,
                write: Store::Set,
            };
            let sums = &mut sums[point * sizes.sum..];
            product.compute(isa, count, |tile| tile * width, sums, |tile| tile * panel);
        }
    }

    /// Adds `B s Bᵀ` of so many tiles to the lines, for the channels of the input from one on.
    fn add_tiles(&self, sums: &[f32], count: usize, channel: usize, sizes: Sizes, lines: &mut [f32]) {
        let (Geometry { inputs, .. }, Sizes { across, sum, line, .. }) = (self.geometry, sizes);
        let panel = self.panel().min(inputs - channel);
        for tile in 0..count {
            let pixels = &mut lines[tile / across * TILE * line + tile % across * TILE * inputs + channel..];
            assert!(pixels.len() >= (REACH - 1) * (line + inputs) + panel);
            let sums = &sums[tile * panel..];
            assert!(sums.len() >= (POINTS - 1) * sum + panel);
            // SAFETY: sum number p of this tile is at `p * sum`; the last one of 6x6 pixels has `panel` floats; both as just
            // checked.
            unsafe { tile_inputs(self.isa, (sums.as_ptr(), sum), pixels.as_mut_ptr(), [line, inputs], panel) }
        }
    }

    /// Writes a line of the image with its border of padding, whose pixels are complete; those that are not there are zero.
    fn finish(&self, position: usize, pixels: &[f32], dx: &mut [f32]) {
        let Geometry { rows, columns, inputs, .. } = self.geometry;
        let Some(row) = position.checked_sub(rows.padding).filter(|row| *row < rows.input) else { return };
        let dx = &mut dx[row * columns.input * inputs..][..columns.input * inputs];
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
