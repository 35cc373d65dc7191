//! Winograd's algorithms for stride 2 both ways: 3x3 to 8x8.
//!
//! Along an axis, the even positions of an image meet the even taps of a kernel, and the odd ones the odd taps: a convolution of stride 2 is the
//! sum of four of stride 1, one for each *phase* of rows and columns, with half as many taps each way. 4x4 are four times 2x2, for which
//! F(4x4, 2x2) leaves 25 multiplications of 64; 5x5 and 6x6 are done by F(4x4, 3x3), 7x7 and 8x8 by F(3x3, 4x4). As all four have the same
//! outputs, their points are added up before they become pixels: one product with four times the channels.
//!
//! An odd number of taps leaves one phase with a tap less. It is taken as one whose last tap is 0: at infinity, nothing is to be multiplied.
//! So 3x3 keep 81 multiplications of 144, 5x5 121 of 400, and 7x7 121 of 441.
//!
//! The transpose of a convolution of stride 2, its gradient by the input, is four convolutions of stride 1 over the same image, each of which
//! makes one phase of the result.
//!
//! The points of the weights are four to nine times as many as the weights. They are made where they are used, a few channels for some filters at a
//! time, in the nearest cache that holds them: that costs as much as multiplying them with a few tiles, and less than reading them from memory.
//!
//! A convolution of stride 1 has one phase, all of it, and is computed so where its [tiles are few](few_tiles).

mod convolution;
pub(crate) mod few_tiles;
mod matrices;
mod transforms;
pub(crate) mod weights;

use std::marker::PhantomData;

pub(crate) use self::convolution::{backward_input, forward};
use self::matrices::{Filter, MOST, MOST_TAPS};
use super::sizes::FEWEST_CHANNELS;
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::simd::Isa;
use crate::tensor::exact::sum;

/// Tiles that are multiplied with the points of weights, as long as these are in the cache.
const BLOCK: usize = 32;

/// Tiles of a block that is made small to have two of them.
const SMALL_BLOCK: usize = 8;

/// Tasks that one group of tiles is cut into at least, if there are filters enough.
const FEWEST_TASKS: usize = 4;

/// Positions of one phase along one axis of an image, and the taps that meet them.
#[derive(Clone, Copy, Debug)]
struct Phase {
    /// Where the first tap of the first output is, and the distance of two positions.
    first: isize,
    step: usize,
    /// Positions that exist.
    input: usize,
    /// Taps, of which the first is tap number `tap` of the kernel; the others are so far from each other.
    taps: usize,
    tap: isize,
    tap_step: isize,
}

impl Phase {
    /// The even or odd taps of an axis, over its input.
    fn forward(axis: Axis, phase: usize) -> Self {
        Self {
            first: phase as isize - axis.padding as isize,
            step: 2,
            input: axis.input,
            taps: (axis.size - phase).div_ceil(2),
            tap: phase as isize,
            tap_step: 2,
        }
    }

    /// The same in reverse over its output, and the positions of the input whose gradient that is: the first, and how many.
    fn transposed(axis: Axis, phase: usize) -> (Self, Range) {
        // Output o and tap 2j + phase meet position 2(o + j) + phase - padding.
        let skipped = axis.padding.saturating_sub(phase).div_ceil(2);
        let first = 2 * skipped + phase - axis.padding;
        let taps = (axis.size - phase).div_ceil(2);
        let sweep = Self {
            first: skipped as isize + 1 - taps as isize,
            step: 1,
            input: axis.output,
            taps,
            tap: (2 * (taps - 1) + phase) as isize,
            tap_step: -2,
        };
        (sweep, Range { first, step: 2, count: axis.input.saturating_sub(first).div_ceil(2) })
    }

    /// The position that tap number `tap` of output number `output` meets, if it exists.
    fn position(&self, index: usize) -> Option<usize> {
        let position = self.first + (index * self.step) as isize;
        usize::try_from(position).ok().filter(|position| *position < self.input)
    }

    /// A tap of the kernel.
    fn tap(&self, index: usize) -> usize {
        (self.tap + index as isize * self.tap_step) as usize
    }

    /// Points of a tile that are multiplied.
    fn points(&self, filter: Filter) -> usize {
        filter.points() - (filter.taps() - self.taps)
    }
}

/// Positions of outputs along one axis.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: usize,
    step: usize,
    count: usize,
}

impl Range {
    /// All of so many.
    fn all(count: usize) -> Self {
        Self { first: 0, step: 1, count }
    }

    fn tiles(&self, filter: Filter) -> usize {
        self.count.div_ceil(filter.outputs())
    }
}

/// Even and odd rows with even and odd columns.
fn pairs<T: Copy>([rows, columns]: [[T; 2]; 2]) -> [[T; 2]; 4] {
    [0, 1, 2, 3].map(|index| [rows[index / 2], columns[index % 2]])
}

/// The phases of a convolution.
fn phases(geometry: &Geometry) -> [[Phase; 2]; 4] {
    pairs([geometry.rows, geometry.columns].map(|axis| [0, 1].map(|phase| Phase::forward(axis, phase))))
}

/// The convolutions of the transpose.
fn transposed_phases(geometry: &Geometry) -> [[(Phase, Range); 2]; 4] {
    pairs([geometry.rows, geometry.columns].map(|axis| [0, 1].map(|phase| Phase::transposed(axis, phase))))
}

/// Which of the algorithms has as many taps as the phases of a convolution with stride 2 and such channels, if any.
fn filter(isa: Isa, geometry: &Geometry) -> Option<Filter> {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    let channels = |count: usize| count >= FEWEST_CHANNELS && count.is_multiple_of(isa.lanes());
    let [down, right] = [rows, columns].map(|axis| {
        // One tap alone would leave a phase without any.
        let plain = axis.stride == 2 && axis.dilation == 1 && axis.size > 2;
        if plain { axis.size.div_ceil(2) } else { 0 }
    });
    Filter::of(down).filter(|_| down == right && channels(inputs) && channels(outputs))
}

/// Whether a convolution and its gradients can be computed so.
pub(crate) fn applies(isa: Isa, geometry: &Geometry) -> bool {
    filter(isa, geometry).is_some()
}

/// Blocks that so many tiles are cut into. Few filters are one task for each, so two at least, if they do not become too small.
pub(crate) fn blocks(tiles: usize, filters: usize) -> usize {
    let fewest = if filters <= CHANNELS / 2 && tiles >= 2 * SMALL_BLOCK { 2 } else { 1 };
    tiles.div_ceil(BLOCK).max(fewest)
}

/// Filters of a task. Where there are few tasks, fewer filters each: fewer tiles each would need the points of the weights more often.
pub(crate) fn filters_of_task(blocks: usize, filters: usize) -> usize {
    let tasks = blocks * filters.div_ceil(CHANNELS);
    if tasks < FEWEST_TASKS { CHANNELS / 2 } else { CHANNELS }.min(filters)
}

/// Filters of a task whose points of weights are a form, which is the same for any number of tiles: two tasks at least, if there are enough.
fn filters_of_form(filters: usize) -> usize {
    if filters > CHANNELS { CHANNELS } else { filters.min(CHANNELS / 2) }
}

/// What is multiplied for one image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Points {
    /// Points of all tiles of all phases.
    pub of_tiles: f64,
    /// Points of the weights.
    pub of_weights: f64,
    /// Tiles of a phase, of that which has most.
    pub tiles: f64,
}

/// Of a convolution, or of the gradient of its kernel.
pub(crate) fn points(isa: Isa, geometry: &Geometry) -> Points {
    let Some(filter) = filter(isa, geometry) else { return Points::default() };
    let axes = [geometry.rows, geometry.columns].map(|axis| Range::all(axis.output));
    points_of(filter, phases(geometry).map(|phase| [(phase[0], axes[0]), (phase[1], axes[1])]))
}

/// Of its transpose.
pub(crate) fn transposed_points(isa: Isa, geometry: &Geometry) -> Points {
    filter(isa, geometry).map(|filter| points_of(filter, transposed_phases(geometry))).unwrap_or_default()
}

fn points_of(filter: Filter, phases: [[(Phase, Range); 2]; 4]) -> Points {
    phases.iter().fold(Points::default(), |all, axes| {
        let of_phase = |count: &dyn Fn(&(Phase, Range)) -> usize| axes.iter().map(|axis| count(axis) as f64).product();
        let points: f64 = of_phase(&|(phase, _)| phase.points(filter));
        let tiles: f64 = of_phase(&|(_, range)| range.tiles(filter));
        Points {
            of_tiles: all.of_tiles + points * tiles,
            of_weights: all.of_weights + points,
            tiles: all.tiles.max(tiles),
        }
    })
}

/// Memory that several tasks write to, each to places of its own.
struct Places<'a> {
    start: *mut f32,
    len: usize,
    of: PhantomData<&'a mut [f32]>,
}

// SAFETY: it gives nothing but addresses; who writes there says why nobody else does at the same time.
unsafe impl Sync for Places<'_> {}

impl<'a> Places<'a> {
    fn new(memory: &'a mut [f32]) -> Self {
        Self { start: memory.as_mut_ptr(), len: memory.len(), of: PhantomData }
    }

    /// Where so many elements begin.
    ///
    /// # Panics
    ///
    /// If they are not all there.
    fn at(&self, first: usize, count: usize) -> *mut f32 {
        assert!(sum(&[first, count]) <= self.len, "a result has no place");
        self.start.wrapping_add(first)
    }
}

/// The pixels that a tile of one phase reads from images, the first of some channels each, row after row; zeros where there are none.
fn pixels_of_tile(
    filter: Filter,
    phase: &[Phase; 2],
    (x, strides): (&[f32], Strides),
    [sample, row, column]: [usize; 3],
    channels: std::ops::Range<usize>,
) -> [*const f32; MOST * MOST] {
    let mut pixels = [ZEROS.as_ptr(); MOST * MOST];
    let (side, first) = (filter.points(), [row, column].map(|place| place * filter.outputs()));
    let columns: [_; MOST] = std::array::from_fn(|index| phase[1].position(first[1] + index));
    for down in 0..side {
        let Some(row) = phase[0].position(first[0] + down) else { continue };
        for (right, column) in columns.iter().enumerate().take(side) {
            if let Some(column) = *column {
                let at = strides.at(sample, row, column);
                pixels[down * side + right] = x[at + channels.start..at + channels.end].as_ptr();
            }
        }
    }
    pixels
}

/// What lies outside of an image, of as many channels as are worked on at once.
static ZEROS: [f32; CHANNELS] = [0.0; CHANNELS];

/// Channels that are worked on at once, or one vector more of them at most.
const CHANNELS: usize = 64;

/// The taps that a phase has in a kernel, at `at(row, column)`, by their rows and columns.
fn taps<T: Copy>(
    filter: Filter,
    phase: &[Phase; 2],
    none: T,
    at: impl Fn(usize, usize) -> T,
) -> [T; MOST_TAPS * MOST_TAPS] {
    let mut taps = [none; MOST_TAPS * MOST_TAPS];
    for row in 0..phase[0].taps {
        for column in 0..phase[1].taps {
            taps[row * filter.taps() + column] = at(phase[0].tap(row), phase[1].tap(column));
        }
    }
    taps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_tiles_and_weights() {
        let axis = |output: usize, size: usize| Axis {
            input: 2 * output,
            output,
            size,
            stride: 2,
            dilation: 1,
            padding: (size - 1) / 2,
        };
        let of = |axis: Axis, inputs: usize, outputs: usize| {
            let geometry = Geometry::dense([axis, axis], inputs, outputs);
            let Points { of_tiles, of_weights, tiles } = points(Isa::PORTABLE, &geometry);
            let transposed = transposed_points(Isa::PORTABLE, &geometry);
            assert_eq!(transposed, Points { of_tiles, of_weights, tiles });
            [of_tiles, of_weights, tiles]
        };
        // Four phases of 2x2 taps: 5x5 points for 4x4 outputs.
        assert_eq!(of(axis(12, 4), 16, 32), [900.0, 100.0, 9.0]);
        // Of five taps, three and two: tiles of 6x6, 6x5 and 5x5 points.
        assert_eq!(of(axis(12, 5), 16, 32), [9.0 * 121.0, 121.0, 9.0]);
        // Three outputs each way.
        assert_eq!(of(axis(12, 7), 16, 16), [16.0 * 121.0, 121.0, 16.0]);
        for (axis, inputs, outputs) in [
            (axis(12, 4), 16, 15),
            (axis(12, 4), 8, 16),
            (Axis { stride: 1, ..axis(12, 4) }, 16, 16),
            (Axis { dilation: 2, ..axis(12, 4) }, 16, 16),
            (axis(12, 2), 16, 16),
            (axis(12, 9), 16, 16),
        ] {
            assert_eq!(of(axis, inputs, outputs), [0.0; 3], "{axis:?}");
        }
        let of_both =
            |sizes: [usize; 2]| applies(Isa::PORTABLE, &Geometry::dense(sizes.map(|size| axis(12, size)), 16, 16));
        assert_eq!([of_both([3, 4]), of_both([3, 5])], [true, false]);
    }
}
