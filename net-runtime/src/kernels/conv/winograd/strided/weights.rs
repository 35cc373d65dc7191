//! The gradient of a kernel of stride 2, the transpose of the convolution: dW = Gᵀ [Σ (Bᵀ x B)ᵀ (A dy Aᵀ)] G for each phase, the sum over tiles being
//! a matrix product for each point. A task has some channels of a phase and some filters, and goes through all points: their sums stay in a
//! near cache until they are the gradients of the taps.

use super::matrices::{Filter, MOST, MOST_OUTPUTS};
use super::transforms::{Runs, TapGradients, gradient_points, tap_gradients, tile_points};
use super::{CHANNELS, Phase, Places, Range, ZEROS, filter, phases, pixels_of_tile, taps};
use crate::kernels::axis::Strides;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::gemm::microkernel::{Layout, Product, Segment};
use crate::kernels::reduce::reductions::row_sums;
use crate::kernels::simd::Isa;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::exact::product;
use crate::tensor::param::{Store, Write};

/// Tiles of a segment of the products.
const TILES: usize = 32;

/// Segments that one product can have.
const SEGMENTS: usize = 32;

/// Floats of the points of tiles that are made before they are multiplied, about: they stay in the last cache.
const GROUP: usize = 2 << 20;

/// Channels of a phase that a task owns.
const OWNED: usize = 32;

/// What the loops depend on.
struct Gradient<'a> {
    isa: Isa,
    filter: Filter,
    phases: [[Phase; 2]; 4],
    /// Rows and columns of the outputs.
    ranges: [Range; 2],
    /// Tiles of all images.
    tiles: usize,
    /// Tiles of a segment.
    segment: usize,
    inputs: usize,
    outputs: usize,
    x: &'a [f32],
    dy: &'a [f32],
    /// How the pixels of both lie.
    strides: [Strides; 2],
}

/// Adds `patches(x)ᵀ · dy` to the gradient, and the pixels of dy to their sums, for a convolution that [fits](super::fits).
pub(crate) fn backward_weights(
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    dy: &[f32],
    (gradient, mut sums_of_dy): (&mut [f32], Option<&mut [f32]>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, image, result } = *geometry;
    let filter = filter(isa, geometry).expect("the convolution fits");
    let ranges = [rows, columns].map(|axis| Range::all(axis.output));
    let tiles = product(&[n, ranges[0].tiles(filter), ranges[1].tiles(filter)]);
    let points = filter.points() * filter.points();
    let group = (GROUP / product(&[points, 4 * inputs + outputs])).clamp(TILES, TILES * SEGMENTS);
    let group = tiles.div_ceil(tiles.div_ceil(group));
    let segment = group.div_ceil(group.div_ceil(TILES));
    let segments = group.div_ceil(segment);
    let strides = [image, result];
    let loops =
        Gradient { isa, filter, phases: phases(geometry), ranges, tiles, segment, inputs, outputs, x, dy, strides };
    let threads = geometry.pays(n);
    let Scratch { work, packed, .. } = scratch;
    let points = packed.take(product(&[segments, loops.of_image(inputs) + loops.of_outputs(outputs)]));
    let width = CHANNELS.min(outputs);
    let [owners, panels] = [inputs.div_ceil(OWNED), outputs.div_ceil(width)];
    let tasks = loops.phases.len() * owners * panels;
    let of_sums = loops.of_sums(OWNED.min(inputs), width);
    let gradient = Places::new(gradient);
    for first in (0..tiles).step_by(group) {
        let count = group.min(tiles - first).div_ceil(segment);
        let (of_images, of_outputs) = points.split_at_mut(segments * loops.of_image(inputs));
        loops.transform(threads, first, count, of_images, of_outputs);
        let (of_images, of_outputs) = (&*of_images, &*of_outputs);
        if let Some(sums) = &mut sums_of_dy {
            loops.add_sums(count, of_outputs, sums);
        }
        let slots = Slots::new(threads, tasks, work, loops.filter.points().pow(2) * of_sums);
        parallel::for_each_part(threads, tasks, &|_| 0, &mut [], (&mut [], 0), &|part, _, _| {
            let (phase, part) = (part / (owners * panels), part % (owners * panels));
            let (channel, column) = (part / panels * OWNED, part % panels * width);
            let size = [OWNED.min(inputs - channel), width.min(outputs - column)];
            slots.with(|sums| {
                loops.products(phase, count, ([channel, column], size), [of_images, of_outputs], (&mut *sums, of_sums));
                loops.finish(phase, ([channel, column], size), (sums, of_sums), &gradient);
            });
        });
    }
}

impl Gradient<'_> {
    fn points(&self) -> usize {
        self.filter.points() * self.filter.points()
    }

    /// Floats of the points of a segment: of so many channels of all phases of the images.
    fn of_image(&self, channels: usize) -> usize {
        product(&[self.phases.len(), self.points(), self.segment, channels])
    }

    /// Rows from one point of the outputs to the next: one more than there are tiles, for those of a tile are written together, and a cache
    /// finds room for few places whose distance is a power of two.
    fn rows(&self) -> usize {
        self.segment + 1
    }

    /// Floats of the points of a segment, of so many channels of the outputs.
    fn of_outputs(&self, channels: usize) -> usize {
        product(&[self.points(), self.rows(), channels])
    }

    /// Distance of two sums of so many channels and filters.
    fn of_sums(&self, channels: usize, filters: usize) -> usize {
        super::super::sizes::pitch(product(&[channels, filters]))
    }

    /// Sample, row and column of a tile, if there is such a tile.
    fn place(&self, tile: usize) -> Option<[usize; 3]> {
        let [down, across] = self.ranges.map(|range| range.tiles(self.filter));
        (tile < self.tiles).then(|| [tile / across / down, tile / across % down, tile % across])
    }

    /// The points of so many segments from a tile on. Those of the images lie by the channels that a task owns, then by segments; those of the
    /// outputs by panels, then by segments.
    fn transform(&self, threads: bool, first: usize, segments: usize, of_images: &mut [f32], of_outputs: &mut [f32]) {
        let Self { inputs, outputs, segment, .. } = *self;
        let tile = self.isa.tile_columns();
        let cut = |index: usize, size: usize, all: usize| [index * size, size.min(all - index * size)];
        let of_first = |part: usize| {
            let [channel, channels] = cut(part / segments, OWNED, inputs);
            segments * self.of_image(channel) + part % segments * self.of_image(channels)
        };
        let parts = segments * inputs.div_ceil(OWNED);
        parallel::for_each_part(threads, parts, &of_first, of_images, (&mut [], 0), &|part, points, _| {
            let first = first + part % segments * segment;
            self.image_points(first, cut(part / segments, OWNED, inputs), points);
        });
        let of_second = |part: usize| {
            let [channel, channels] = cut(part / segments, tile, outputs);
            segments * self.of_outputs(channel) + part % segments * self.of_outputs(channels)
        };
        let parts = segments * outputs.div_ceil(tile);
        parallel::for_each_part(threads, parts, &of_second, of_outputs, (&mut [], 0), &|part, points, _| {
            let first = first + part % segments * segment;
            self.output_points(first, cut(part / segments, tile, outputs), points);
        });
    }

    /// The points of a segment of the images, which begins with a tile, of so many channels from one on: for each phase, point and vector of
    /// channels all tiles.
    fn image_points(&self, first: usize, [channel, channels]: [usize; 2], points: &mut [f32]) {
        let Self { isa, filter, segment, x, strides: [strides, _], .. } = *self;
        let lanes = isa.lanes();
        let of_point = segment * channels;
        assert!(channels <= CHANNELS && points.len() >= self.of_image(channels));
        for index in 0..segment {
            let place = self.place(first + index);
            for (number, phase) in self.phases.iter().enumerate() {
                let of = |place| pixels_of_tile(filter, phase, (x, strides), place, channel..channel + channels);
                let pixels = place.map_or([ZEROS.as_ptr(); MOST * MOST], of);
                let wanted = phase.map(|axis| axis.points(filter));
                let place = number * self.points() * of_point + index * lanes;
                let runs = Runs { point: of_point, vectors: 1, run: segment * lanes };
                // SAFETY: every pixel has so many channels, whole vectors, and there are as many zeros; point number p of this tile and
                // phase is at `p * of_point + place`, its vectors `segment` vectors apart, and all end within the points, as checked above.
                unsafe {
                    let points = points[place..].as_mut_ptr();
                    tile_points(isa, filter, &pixels, channels / lanes, wanted, points, runs);
                }
            }
        }
    }

    /// The same of the outputs: a panel for each point, of whose rows each is a tile.
    fn output_points(&self, first: usize, [channel, channels]: [usize; 2], points: &mut [f32]) {
        let Self { isa, filter, segment, dy, ranges, strides: [_, strides], .. } = *self;
        let side = filter.outputs();
        assert!(channels <= CHANNELS && points.len() >= self.of_outputs(channels));
        for index in 0..segment {
            let mut pixels = [ZEROS.as_ptr(); MOST_OUTPUTS * MOST_OUTPUTS];
            if let Some([sample, row, column]) = self.place(first + index) {
                let first = [row * side, column * side];
                for down in 0..side.min(ranges[0].count - first[0]) {
                    for right in 0..side.min(ranges[1].count - first[1]) {
                        let at = strides.at(sample, first[0] + down, first[1] + right) + channel;
                        pixels[down * side + right] = dy[at..at + channels].as_ptr();
                    }
                }
            }
            // SAFETY: every pixel has so many channels, whole vectors, and there are as many zeros; point number p of this tile is row number
            // `p * rows + index` of the panel, and the last one ends within the points, as checked above.
            unsafe {
                let points = points[index * channels..].as_mut_ptr();
                gradient_points(isa, filter, &pixels, channels / isa.lanes(), points, self.rows() * channels);
            }
        }
    }

    /// Adds the pixels of the outputs of so many segments to their sums: one of the points is just that of each tile.
    fn add_sums(&self, segments: usize, of_outputs: &[f32], sums: &mut [f32]) {
        let (tile, rows) = (self.isa.tile_columns(), self.rows());
        // The value at (1, 1) of the polynomial whose coefficients are the pixels.
        let point = self.filter.points() + 1;
        for (index, sums) in sums.chunks_mut(tile).enumerate() {
            let (panel, width) = (&of_outputs[segments * self.of_outputs(index * tile)..], sums.len());
            let at = |row: usize| {
                let (segment, row) = (row / self.segment, row % self.segment);
                ((segment * self.points() + point) * rows + row) * width
            };
            row_sums(panel, segments * self.segment, &at, sums, Write::Add);
        }
    }

    /// The products of the points of so many segments, for some channels of a phase and some filters.
    fn products(
        &self,
        phase: usize,
        segments: usize,
        ([channel, column], [channels, filters]): ([usize; 2], [usize; 2]),
        [of_images, of_outputs]: [&[f32]; 2],
        (sums, of_sums): (&mut [f32], usize),
    ) {
        let Self { isa, filter, segment, .. } = *self;
        let (side, lanes, tile) = (filter.points(), isa.lanes(), isa.tile_columns());
        let wanted = self.phases[phase].map(|axis| axis.points(filter));
        let of_images = &of_images[segments * self.of_image(channel)..];
        let from = |row: usize| row / lanes * segment * lanes + row % lanes;
        for point in (0..self.points()).filter(|point| point / side < wanted[0] && point % side < wanted[1]) {
            let mut table = [Segment::default(); SEGMENTS];
            for (index, place) in table.iter_mut().take(segments).enumerate() {
                place.a = index * self.of_image(channels);
                place.b = (index * self.points() + point) * self.rows();
            }
            for first in (0..filters).step_by(tile) {
                let width = tile.min(filters - first);
                let product = Product {
                    a: &of_images[(phase * self.points() + point) * segment * channels..],
                    segments: &table[..segments],
                    len: segment,
                    step: lanes,
                    b: &of_outputs[segments * self.of_outputs(column + first)..],
                    layout: Layout::Packed,
                    inner: segments * self.points() * self.rows(),
                    columns: width,
                    bias: None,
                    quick: Quick::Linear,
                    write: Store::Set,
                };
                let sums = &mut sums[point * of_sums..];
                product.compute(isa, channels, from, sums, |row| row * filters + first);
            }
        }
    }

    /// Adds `Gᵀ s G` of the sums to the gradient of the taps of a phase.
    fn finish(
        &self,
        phase: usize,
        ([channel, column], [channels, filters]): ([usize; 2], [usize; 2]),
        (sums, of_sums): (&[f32], usize),
        gradient: &Places<'_>,
    ) {
        let Self { isa, filter, inputs, outputs, .. } = *self;
        let phase = &self.phases[phase];
        let exist = phase.map(|axis| axis.points(filter));
        let last = (exist[0] - 1) * filter.points() + exist[1] - 1;
        assert!(sums.len() >= last * of_sums + channels * filters);
        let columns = self.kernel_columns();
        let first = taps(filter, phase, std::ptr::null_mut(), |row, tap| {
            let at = ((row * columns + tap) * inputs + channel) * outputs + column;
            gradient.at(at, (channels - 1) * outputs + filters)
        });
        let taps = TapGradients {
            first,
            exist: phase.map(|axis| axis.taps),
            step: outputs,
            rows: channels,
            vectors: filters / isa.lanes(),
        };
        // SAFETY: sum number p of these weights is at `p * of_sums`, and the last one that exists ends within the sums, as checked above. Every
        // tap has `filters` weights of each channel, `outputs` apart; they belong to this task alone, for a tap has one phase.
        unsafe { tap_gradients(isa, filter, sums.as_ptr(), of_sums, exist, &taps) }
    }

    /// Taps of a row of the kernel.
    fn kernel_columns(&self) -> usize {
        self.phases[0][1].taps + self.phases[1][1].taps
    }
}
