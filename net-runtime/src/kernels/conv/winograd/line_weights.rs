//! The gradient of a kernel by Winograd's minimal filtering along one axis, the transpose of `line`: dW = Gᵀ [Σ (Bᵀ
//! x) ⊙ (A dy)], the sum over tiles and pixels being a matrix product for each of the eight points and each tap across.

use std::ops::Range;

use super::line::Along;
use super::line_transforms::{MOST_OUTPUTS, POINTS, gradient_points, outputs_of, pixel_points, tap_gradient};
use crate::kernels::axis::Strides;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::sweep::Sweep;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::gemm::microkernel::{Layout, Product, Segment};
use crate::kernels::simd::Isa;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// Outputs across of a unit, at most: few, for the threads wait for the last of a group.
const ACROSS: usize = 40;

/// Outputs whose points are multiplied at once: so many rows of a panel stay in the cache, and the sums are read and written
/// seldom.
const PIXELS: usize = 320;

/// Units whose points are in one product, at most.
const SEGMENTS: usize = 64;

/// Channels of all taps across whose sums a task owns.
const OWNED: usize = 64;

/// What the loops depend on: a unit is a tile along the one axis of one sample, or several, with some outputs across.
struct Gradient<'a> {
    isa: Isa,
    direction: Along,
    along: Sweep,
    across: Sweep,
    /// Channels and filters.
    channels: usize,
    filters: usize,
    /// Tiles of a unit: several where it is what lies across that is short, and one tap there leaves no positions between two
    /// tiles.
    tiles: usize,
    /// Pixels of a tile across, of the image and of the outputs.
    positions: usize,
    outputs: usize,
    /// Units of a sample: along, and across.
    units: [usize; 2],
    x: &'a [f32],
    dy: &'a [f32],
    /// Distance of two pixels along the axis and across, and of two samples.
    x_steps: [usize; 3],
    dy_steps: [usize; 3],
}

/// Adds `patches(x)ᵀ · dy` to the gradient, and the pixels of dy to their sums, for a convolution that fits.
pub(crate) fn backward_weights(
    direction: Along,
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    dy: &[f32],
    (gradient, mut sums_of_dy): (&mut [f32], Option<&mut [f32]>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { inputs, outputs: filters, result, .. } = *geometry;
    let window = geometry.window();
    let [along, across] = direction.order([window.rows, window.columns]);
    let pieces = across.output.div_ceil(ACROSS);
    let outputs = across.output.div_ceil(pieces);
    let tiles = along.output.div_ceil(outputs_of(along.taps));
    let dense = across.taps == 1 && (outputs == 1 || across.stride == 1);
    // Units of one size, as nearly as it goes: what a unit has beyond the last tile is zeros.
    let together = if dense { tiles.div_ceil(tiles.div_ceil((ACROSS / outputs).max(1))) } else { 1 };
    let steps = |Strides { pixel, line, image }: Strides| {
        let [along, across] = direction.order([line, pixel]);
        [along, across, image]
    };
    let loops = Gradient {
        isa,
        direction,
        along,
        across,
        channels: inputs,
        filters,
        tiles: together,
        positions: across.covered(0..outputs).1,
        outputs,
        units: [tiles.div_ceil(together), pieces],
        x,
        dy,
        x_steps: steps(window.strides),
        dy_steps: steps(result),
    };
    let units = n * loops.units[0] * loops.units[1];
    let group = (PIXELS / loops.pixels()).clamp(1, SEGMENTS).min(units);
    let own: usize = loops.own().into_iter().sum();
    let threads = geometry.pays(n);
    let Scratch { work, packed, .. } = scratch;
    // Every task of the transform has a panel of sums of dy; those of images have none.
    let (panel, panels) = (isa.tile_columns(), filters.div_ceil(isa.tile_columns()));
    let of_sums = group * (1 + panels) * panel;
    let points = work.take(inputs.max(filters) + of_sums + group * own);
    let (zeros, points) = points.split_at_mut(inputs.max(filters));
    let (panel_sums, points) = points.split_at_mut(of_sums);
    zeros.fill(0.0);
    let sums = packed.take(POINTS * across.taps * inputs * filters);
    let mut write = Store::Set;
    for first in (0..units).step_by(group) {
        let count = group.min(units - first);
        let points = &mut points[..count * own];
        loops.transform(threads, first, count, zeros, points, panel_sums);
        if let Some(sums) = &mut sums_of_dy {
            for (part, of_part) in panel_sums.chunks_exact(panel).skip(count).take(count * panels).enumerate() {
                let sums = sums[part / count * panel..].iter_mut();
                sums.zip(of_part).for_each(|(sum, pixels)| *sum += pixels);
            }
        }
        loops.products(threads, count, points, sums, write);
        write = Store::Add;
    }
    loops.finish(threads, sums, gradient);
}

impl Gradient<'_> {
    /// Sums of a point of a unit.
    fn pixels(&self) -> usize {
        self.tiles * self.outputs
    }

    /// Outputs of a tile.
    fn tile(&self) -> usize {
        outputs_of(self.along.taps)
    }

    /// Floats of the points of a unit's image, and of its outputs.
    fn own(&self) -> [usize; 2] {
        [POINTS * self.tiles * self.positions * self.channels, POINTS * self.pixels() * self.filters]
    }

    /// The points of some units. Those of the images come first, unit by unit in blocks of a vector of channels, so that the
    /// products find the neighbours of a channel near it; then those of the outputs in panels as wide as a tile, each with
    /// all units. Every task of the latter sets its sums to those of its pixels.
    fn transform(
        &self,
        threads: bool,
        first: usize,
        units: usize,
        zeros: &[f32],
        points: &mut [f32],
        panel_sums: &mut [f32],
    ) {
        let Self { isa, filters, .. } = *self;
        let (panel, pixels) = (isa.tile_columns(), self.pixels());
        let own = self.own();
        let cut = |index: usize| index * panel..filters.min((index + 1) * panel);
        let boundary = |part: usize| match part.checked_sub(units) {
            None => part * own[0],
            Some(part) => {
                let filters = cut(part / units);
                units * own[0] + POINTS * pixels * (units * filters.start + part % units * filters.len())
            }
        };
        let parts = units * (1 + filters.div_ceil(panel));
        parallel::for_each_part(
            threads,
            parts,
            &boundary,
            points,
            (panel_sums, panel),
            &|part, points, sums| match part.checked_sub(units) {
                None => self.image_points(first + part, zeros, points),
                Some(part) => self.output_points(first + part % units, cut(part / units), zeros, points, sums),
            },
        );
    }

    /// The sample of a unit, its first tile, and its first output across.
    fn unit(&self, unit: usize) -> (usize, usize, usize) {
        let [along, pieces] = self.units;
        (unit / pieces / along, unit / pieces % along * self.tiles, unit % pieces * self.outputs)
    }

    /// The points of a unit's image.
    fn image_points(&self, unit: usize, zeros: &[f32], points: &mut [f32]) {
        let Self { isa, along, across, channels, tiles, positions, x_steps, .. } = *self;
        let (sample, tile, output) = self.unit(unit);
        let (lanes, zeros) = (isa.lanes(), &zeros[..channels]);
        let left = across.start + (output * across.stride) as isize;
        let all = tiles * positions;
        assert!(points.len() >= product(&[POINTS, all, channels]));
        for position in 0..all {
            let top = along.start + ((tile + position / positions) * self.tile()) as isize;
            let column = left + (position % positions) as isize;
            let pixels: [&[f32]; POINTS] = std::array::from_fn(|index| {
                let row = top + index as isize;
                if row < 0 || row >= along.input as isize || column < 0 || column >= across.input as isize {
                    return zeros;
                }
                let at = sample * x_steps[2] + row as usize * x_steps[0] + column as usize * x_steps[1];
                &self.x[at..at + channels]
            });
            // SAFETY: all pixels have as many floats as there are channels, whole vectors; point number p of this position and
            // vector v is at `(v * POINTS + p) * all * lanes`, and there is room for all, as just checked.
            unsafe {
                let points = points[position * lanes..].as_mut_ptr();
                pixel_points(isa, &pixels, points, all * lanes, POINTS * all * lanes);
            }
        }
    }

    /// The points of some filters of a unit's outputs, and the sums of these.
    fn output_points(&self, unit: usize, filters: Range<usize>, zeros: &[f32], points: &mut [f32], sums: &mut [f32]) {
        let Self { isa, along, across, outputs, dy_steps, .. } = *self;
        let (sample, tile, first) = self.unit(unit);
        let (width, all) = (filters.len(), self.pixels());
        assert!(points.len() >= product(&[POINTS, all, width]));
        let sums = &mut sums[..width];
        sums.fill(0.0);
        for index in 0..all {
            let (tile, column) = (tile + index / outputs, first + index % outputs);
            let pixels: [&[f32]; MOST_OUTPUTS] = std::array::from_fn(|row| {
                let row = tile * self.tile() + row;
                if row >= along.output || column >= across.output {
                    return &zeros[..width];
                }
                let at = sample * dy_steps[2] + row * dy_steps[0] + column * dy_steps[1];
                &self.dy[at + filters.start..at + filters.end]
            });
            let pixels = &pixels[..self.tile()];
            // SAFETY: all pixels have as many floats as there are filters, whole vectors; point number p of this pixel is at `p
            // * all * width`, and there is room for all, as just checked; there are as many sums.
            unsafe { gradient_points(isa, pixels, points[index * width..].as_mut_ptr(), all * width, sums) }
        }
    }

    /// A task's part of the sums of a point: taps, channels from `first` on, filters.
    fn owned(&self, part: usize) -> (usize, Range<usize>) {
        let parts = self.channels.div_ceil(OWNED);
        let first = part % parts * OWNED;
        (part / parts, first..self.channels.min(first + OWNED))
    }

    /// Sets the sums to the products of some units' points, or adds them.
    fn products(&self, threads: bool, units: usize, points: &[f32], sums: &mut [f32], write: Store) {
        let Self { isa, across, channels, filters, tiles, positions, outputs, .. } = *self;
        let pixels = self.pixels();
        let (panel, lanes, [own, _]) = (isa.tile_columns(), isa.lanes(), self.own());
        let (of_images, of_outputs) = points.split_at(units * own);
        let tasks = POINTS * channels.div_ceil(OWNED);
        let boundary = |part: usize| {
            let (point, owned) = self.owned(part);
            (point * channels + owned.start) * across.taps * filters
        };
        parallel::for_each_part(threads, tasks, &boundary, sums, (&mut [], 0), &|part, sums, _| {
            let (point, owned) = self.owned(part);
            let mut segments = [Segment::default(); SEGMENTS];
            for (unit, segment) in segments.iter_mut().take(units).enumerate() {
                *segment = Segment { a: unit * own, b: (unit * POINTS + point) * pixels };
            }
            let inner = units * POINTS * pixels;
            let from = |row: usize| {
                let (tap, channel) = (row / owned.len(), owned.start + row % owned.len());
                let block = (channel / lanes * POINTS + point) * tiles * positions + tap;
                block * lanes + channel % lanes
            };
            for filter in (0..filters).step_by(panel) {
                let product = Product {
                    a: of_images,
                    segments: &segments[..units],
                    len: pixels,
                    step: if positions == outputs { lanes } else { across.stride * lanes },
                    b: &of_outputs[inner * filter..],
                    layout: Layout::Packed,
                    inner,
                    columns: panel.min(filters - filter),
                    bias: None,
                    quick: Quick::Linear,
                    write,
                };
                product.compute(isa, across.taps * owned.len(), from, sums, |row| row * filters + filter);
            }
        });
    }

    /// Adds `Gᵀ` of the sums to the gradient.
    fn finish(&self, threads: bool, sums: &[f32], gradient: &mut [f32]) {
        let Self { isa, direction, along, across, channels, filters, .. } = *self;
        let pieces = channels.div_ceil(OWNED);
        let [_, columns] = direction.order([along.taps, across.taps]);
        let parts = along.taps * across.taps * pieces;
        let boundary = |part: usize| (part / pieces * channels + channels.min(part % pieces * OWNED)) * filters;
        parallel::for_each_part(threads, parts, &boundary, gradient, (&mut [], 0), &|part, gradient, _| {
            let (tap, (_, owned)) = (part / pieces, self.owned(part % pieces));
            let [tap_along, tap_across] = direction.order([tap / columns, tap % columns]);
            let first = (owned.start * across.taps + tap_across * owned.len()) * filters;
            let (step, sums) = (product(&[channels, across.taps, filters]), &sums[first..]);
            assert_eq!(gradient.len(), owned.len() * filters);
            assert!(sums.len() >= sum(&[product(&[POINTS - 1, step]), gradient.len()]));
            // SAFETY: the gradient is whole vectors, and sum number p of all of it is at `p * step`, as just checked.
            unsafe { tap_gradient(isa, sums.as_ptr(), step, (tap_along, along.taps), gradient) }
        });
    }
}
