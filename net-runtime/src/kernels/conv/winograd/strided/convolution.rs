//! Convolutions of stride 1 over some phases of an image, by the points of tiles.

use super::matrices::{Filter, MOST_OUTPUTS, MOST_TAPS};
use super::transforms::{Pixels, Runs, Taps, kernel_points, tile_pixels, tile_points};
use super::{
    BLOCK, CHANNELS, FEWEST_TASKS, Phase, Places, Range, blocks, filter, filters_of_form, filters_of_task, phases,
    pixels_of_tile, taps, transposed_phases,
};
use crate::kernels::axis::Strides;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::winograd::sizes::pitch;
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::microkernel::{Product, Segment};
use crate::kernels::gemm::product::Times;
use crate::kernels::gemm::transpose::transpose_part;
use crate::kernels::simd::Isa;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::parallel::slots::Slots;
use crate::tensor::activation::Activation;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Floats of the points of tiles that are made before they are multiplied: they stay in the last cache.
const GROUP: usize = 1 << 20;

/// Floats of the points of weights that are made before they are multiplied, about: they stay in a near cache.
const WEIGHTS: usize = 100 << 10;

/// Weights as they lie in a kernel `[row, column, input, output]`, for convolutions from the inputs to the outputs or the other way.
#[derive(Clone, Copy)]
pub(super) struct Kernel<'a> {
    values: &'a [f32],
    /// Taps of a row.
    columns: usize,
    inputs: usize,
    outputs: usize,
    transposed: bool,
}

impl<'a> Kernel<'a> {
    pub fn new(geometry: &Geometry, values: &'a [f32], transposed: bool) -> Self {
        let Geometry { columns, inputs, outputs, .. } = *geometry;
        assert_eq!(values.len(), product(&[geometry.patch(), outputs]), "a kernel has another size");
        Self { values, columns: columns.size, inputs, outputs, transposed }
    }

    /// Whether it is used from the outputs to the inputs.
    pub fn is_transposed(&self) -> bool {
        self.transposed
    }

    /// Channels, and filters.
    fn sizes(&self) -> [usize; 2] {
        if self.transposed { [self.outputs, self.inputs] } else { [self.inputs, self.outputs] }
    }

    /// The weights of a tap from a channel and a filter on.
    fn tap(&self, row: usize, column: usize, [channel, filter]: [usize; 2]) -> &'a [f32] {
        let [input, output] = if self.transposed { [filter, channel] } else { [channel, filter] };
        &self.values[((row * self.columns + column) * self.inputs + input) * self.outputs + output..]
    }

    /// The points of a phase of so many channels and filters, from these on: rows from `row` on of right factors that have `inner` rows and
    /// lie `step` apart.
    fn points(
        &self,
        (isa, filter): (Isa, Filter),
        phase: &[Phase; 2],
        (first, [channels, filters]): ([usize; 2], [usize; 2]),
        ([row, inner], step): ([usize; 2], usize),
        points: &mut [f32],
        scratch: &mut [f32],
    ) {
        let wanted = phase.map(|axis| axis.points(filter));
        let last = (wanted[0] - 1) * filter.points() + wanted[1] - 1;
        assert!(row + channels <= inner && points.len() >= last * step + inner * filters);
        let (first, step_of_rows) = if self.transposed {
            let len = channels * filters;
            let mut places = scratch.chunks_exact_mut(len);
            let transposed = taps(filter, phase, None, |row, column| Some(self.tap(row, column, first)));
            let transposed = transposed.map(|tap| {
                let place = tap.and_then(|tap| Some((tap, places.next()?)));
                place.map_or(std::ptr::null(), |(tap, place)| {
                    transpose_part(tap, self.outputs, [filters, channels], place, filters);
                    place.as_ptr()
                })
            });
            (transposed, filters)
        } else {
            let whole = (channels - 1) * self.outputs + filters;
            let in_place =
                taps(filter, phase, std::ptr::null(), |row, column| self.tap(row, column, first)[..whole].as_ptr());
            (in_place, self.outputs)
        };
        let tile = isa.tile_columns();
        for column in (0..filters).step_by(tile) {
            let width = tile.min(filters - column);
            let taps = Taps {
                first: first.map(|tap| tap.wrapping_add(column)),
                exist: phase.map(|axis| axis.taps),
                step: step_of_rows,
                rows: channels,
                vectors: width / isa.lanes(),
            };
            let place = column * inner + row * width;
            // SAFETY: every tap that exists has `filters` weights of every channel, so far apart: they are slices of the kernel, or pieces of
            // the scratch memory, of which there are enough or this had panicked at a null. Point number p of this panel is at `p * step +
            // place`; the last row that is wanted ends within the points, as checked above.
            unsafe { kernel_points(isa, filter, &taps, wanted, points[place..].as_mut_ptr(), step) }
        }
    }
}

/// A convolution of stride 1 over phases of images.
pub(super) struct Convolution<'a> {
    pub isa: Isa,
    pub filter: Filter,
    pub phases: &'a [[Phase; 2]],
    /// Rows and columns of the outputs.
    pub ranges: [Range; 2],
    pub kernel: Kernel<'a>,
    /// The points of all weights, if they are there: in the order of use, by filters of a task and chunks of channels.
    pub form: Option<&'a [f32]>,
    pub x: &'a [f32],
    /// How the pixels of the images lie, and of the results.
    pub strides: [Strides; 2],
    pub write: Store,
    pub epilogue: Epilogue<'a>,
}

/// Sizes of what lies in scratch memory.
#[derive(Clone, Copy)]
struct Sizes {
    channels: usize,
    /// Channels of each phase that are worked on together.
    chunk: usize,
    /// Filters of a task.
    width: usize,
    /// Tiles of a block.
    block: usize,
}

impl Convolution<'_> {
    fn tiles(&self) -> [usize; 2] {
        self.ranges.map(|range| range.tiles(self.filter))
    }

    fn points(&self) -> usize {
        self.filter.points() * self.filter.points()
    }

    /// Distance of two points of so many tiles.
    fn of_tiles(&self, sizes: &Sizes, tiles: usize) -> usize {
        pitch(product(&[tiles, self.phases.len(), sizes.chunk]))
    }

    /// Floats of the points of so many tiles, of a chunk of channels.
    fn of_chunk(&self, sizes: &Sizes, tiles: usize) -> usize {
        product(&[self.points(), self.of_tiles(sizes, tiles)])
    }

    /// Distance of two points of the weights of a chunk.
    fn of_weights(&self, sizes: &Sizes) -> usize {
        pitch(product(&[self.phases.len(), sizes.chunk, sizes.width]))
    }

    /// Distance of two sums of a block.
    fn of_sums(&self, sizes: &Sizes) -> usize {
        pitch(product(&[sizes.block, sizes.width]))
    }

    /// Sample, row and column of a tile.
    fn place(&self, tile: usize) -> [usize; 3] {
        let [down, across] = self.tiles();
        [tile / across / down, tile / across % down, tile % across]
    }

    /// Channels of each phase that are worked on together.
    fn chunk(&self) -> usize {
        let (lanes, phases, [channels, _]) = (self.isa.lanes(), self.phases.len(), self.kernel.sizes());
        let most = (WEIGHTS / (self.points() * phases * CHANNELS)).min(CHANNELS / phases) / lanes;
        let vectors = (1..=most).rev().find(|vectors| channels.is_multiple_of(vectors * lanes)).unwrap_or(1);
        vectors * lanes
    }

    /// The sizes of a form, whose tasks have filters by the number of these alone.
    fn sizes_of_form(&self) -> Sizes {
        let [channels, filters] = self.kernel.sizes();
        Sizes { channels, chunk: self.chunk(), width: filters_of_form(filters), block: 0 }
    }

    /// Floats of the points of a chunk of channels for the filters of a task, in a form.
    fn of_form(&self, sizes: &Sizes) -> usize {
        product(&[self.points(), self.of_weights(sizes)])
    }

    /// Floats of a form of the weights: the points of all of them.
    pub fn form_len(&self) -> usize {
        let (sizes, [channels, filters]) = (self.sizes_of_form(), self.kernel.sizes());
        product(&[filters.div_ceil(sizes.width), channels / sizes.chunk, self.of_form(&sizes)])
    }

    /// Makes it, with scratch memory to transpose weights in.
    pub fn make_form(&self, form: &mut [f32], work: &mut AlignedBuffer) {
        let (sizes, [channels, filters]) = (self.sizes_of_form(), self.kernel.sizes());
        let (chunks, each) = (channels / sizes.chunk, self.of_form(&sizes));
        let parts = filters.div_ceil(sizes.width) * chunks;
        // Sums of taps, transposed or not, take longer than what is written.
        let threads = parallel::elements_pay(2 * form.len());
        let taps = self.transposed_taps(&sizes);
        let slots = Slots::new(threads, parts, work, taps);
        parallel::for_each_part(threads, parts, &|part| part * each, form, (&mut [], 0), &|part, form, _| {
            let (first, channel) = (part / chunks * sizes.width, part % chunks * sizes.chunk);
            let width = sizes.width.min(filters - first);
            slots.with(|scratch| self.weights(&sizes, channel, [first, width], form, scratch));
        });
    }

    /// Floats to transpose the taps of a chunk in.
    fn transposed_taps(&self, sizes: &Sizes) -> usize {
        if self.kernel.transposed { MOST_TAPS * MOST_TAPS * sizes.chunk * sizes.width } else { 0 }
    }

    /// The points of a chunk's weights for some filters.
    fn weights(
        &self,
        sizes: &Sizes,
        channel: usize,
        [first, width]: [usize; 2],
        weights: &mut [f32],
        scratch: &mut [f32],
    ) {
        let Self { isa, filter, phases, kernel, .. } = *self;
        let inner = phases.len() * sizes.chunk;
        for (number, phase) in phases.iter().enumerate() {
            let place = ([number * sizes.chunk, inner], self.of_weights(sizes));
            kernel.points((isa, filter), phase, ([channel, first], [sizes.chunk, width]), place, weights, scratch);
        }
    }

    pub fn compute(
        &self,
        n: usize,
        y: &mut [f32],
        threads: bool,
        work: &mut AlignedBuffer,
        packed: &mut AlignedBuffer,
    ) {
        let [channels, filters] = self.kernel.sizes();
        let tiles = product(&[n, self.tiles()[0], self.tiles()[1]]);
        if tiles == 0 {
            return;
        }
        let groups = tiles.div_ceil((GROUP / product(&[self.points(), self.phases.len(), channels])).max(BLOCK));
        let group = tiles.div_ceil(groups);
        let block = group.div_ceil(blocks(group, filters));
        let group = group.next_multiple_of(block);
        let sizes = match self.form {
            Some(_) => Sizes { block, ..self.sizes_of_form() },
            None => {
                let width = filters_of_task(group.div_ceil(block), filters);
                Sizes { channels, chunk: self.chunk(), width, block }
            }
        };
        let width = sizes.width;
        // Units of whole chunks, smaller ones where there are few blocks of tiles.
        let most = (CHANNELS / sizes.chunk).max(1);
        let chunks = channels.div_ceil(sizes.chunk).div_ceil(FEWEST_TASKS.div_ceil(group.div_ceil(block)));
        let unit = chunks.min(most) * sizes.chunk;
        let units = channels.div_ceil(unit);
        let panels = filters.div_ceil(width);
        let of_weights = if self.form.is_some() { 0 } else { self.of_form(&sizes) + self.transposed_taps(&sizes) };
        let scratch = self.points() * self.of_sums(&sizes) + of_weights;
        let y = Places::new(y);
        let of_block = channels / sizes.chunk * self.of_chunk(&sizes, block);
        for first in (0..tiles).step_by(group) {
            let count = group.min(tiles - first);
            let blocks = count.div_ceil(block);
            let in_block = |index: usize| block.min(count - index * block);
            let start = |part: usize| {
                let (index, chunks) = (part / units, part % units * unit / sizes.chunk);
                let rest = if chunks == 0 { 0 } else { chunks * self.of_chunk(&sizes, in_block(index)) };
                index * of_block + rest
            };
            let last = channels / sizes.chunk * self.of_chunk(&sizes, in_block(blocks - 1));
            let points = packed.take((blocks - 1) * of_block + last);
            parallel::for_each_part(threads, blocks * units, &start, points, (&mut [], 0), &|part, points, _| {
                let (index, channel) = (part / units, part % units * unit);
                let tiles = first + index * block..first + index * block + in_block(index);
                self.image_points(&sizes, tiles, [channel, unit.min(channels - channel)], points);
            });
            let points = &*points;
            let tasks = blocks * panels;
            let slots = Slots::new(threads, tasks, work, scratch);
            parallel::for_each_part(threads, tasks, &|_| 0, &mut [], (&mut [], 0), &|part, _, _| {
                // Neighbours have the same tiles.
                let (index, filter) = (part / panels, part % panels * width);
                let tiles = first + index * block..first + index * block + in_block(index);
                let points = &points[index * of_block..];
                slots.with(|scratch| {
                    self.block(&sizes, tiles, [filter, width.min(filters - filter)], points, &y, scratch);
                });
            });
        }
    }

    /// The points of some tiles, of so many channels from one on: chunk after chunk.
    fn image_points(
        &self,
        sizes: &Sizes,
        tiles: std::ops::Range<usize>,
        [channel, channels]: [usize; 2],
        points: &mut [f32],
    ) {
        let Self { isa, filter, phases, x, strides: [strides, _], .. } = *self;
        let (count, of_tile) = (tiles.len(), phases.len() * sizes.chunk);
        let (point, run) = (self.of_tiles(sizes, count), self.of_chunk(sizes, count));
        assert!(channels <= CHANNELS && points.len() >= channels / sizes.chunk * run);
        for (index, tile) in tiles.enumerate() {
            let place = self.place(tile);
            for (number, phase) in phases.iter().enumerate() {
                let pixels = pixels_of_tile(filter, phase, (x, strides), place, channel..channel + channels);
                let wanted = phase.map(|axis| axis.points(filter));
                let runs = Runs { point, vectors: sizes.chunk / isa.lanes(), run };
                let place = index * of_tile + number * sizes.chunk;
                // SAFETY: every pixel has so many channels, whole vectors, and there are as many zeros; point number p of this tile and
                // phase in a chunk is at `p * point + place`, and all chunks end within the points, as checked above.
                unsafe {
                    let points = points[place..].as_mut_ptr();
                    tile_points(isa, filter, &pixels, channels / isa.lanes(), wanted, points, runs);
                }
            }
        }
    }

    /// Computes some tiles for so many filters from one on.
    fn block(
        &self,
        sizes: &Sizes,
        tiles: std::ops::Range<usize>,
        [first, width]: [usize; 2],
        points: &[f32],
        y: &Places<'_>,
        scratch: &mut [f32],
    ) {
        let Self { isa, filter, phases, .. } = *self;
        let (side, count, inner) = (filter.points(), tiles.len(), phases.len() * sizes.chunk);
        let (of_weights, of_sums, of_tiles) =
            (self.of_weights(sizes), self.of_sums(sizes), self.of_tiles(sizes, count));
        let (sums, scratch) = scratch.split_at_mut(self.points() * of_sums);
        let of_form = self.of_form(sizes);
        let chunks = sizes.channels / sizes.chunk;
        let form = self.form.map(|form| &form[first / sizes.width * chunks * of_form..]);
        // The phases of a point: those that have as many points.
        let existing = |point: usize| -> [bool; 4] {
            let has =
                |phase: &[Phase; 2]| point / side < phase[0].points(filter) && point % side < phase[1].points(filter);
            std::array::from_fn(|number| phases.get(number).is_some_and(has))
        };
        for (index, channel) in (0..sizes.channels).step_by(sizes.chunk).enumerate() {
            let weights = match form {
                Some(form) => &form[index * of_form..],
                None => {
                    let (weights, scratch) = scratch.split_at_mut(of_form);
                    self.weights(sizes, channel, [first, width], weights, scratch);
                    weights
                }
            };
            let points = &points[index * self.of_chunk(sizes, count)..];
            let mut point = 0;
            while point < self.points() {
                let which = existing(point);
                // Points one after the other have the same phases, often.
                let alike = (point..self.points()).take_while(|&other| existing(other) == which).count();
                let mut segments = [Segment::default(); 4];
                let mut found = 0;
                for number in (0..4).filter(|&number| which[number]) {
                    segments[found] = Segment { a: number * sizes.chunk, b: number * sizes.chunk };
                    found += 1;
                }
                // All of them follow each other.
                let whole = found == phases.len();
                let product = Product {
                    segments: if whole { &segments[..1] } else { &segments[..found] },
                    len: if whole { inner } else { sizes.chunk },
                    write: if index == 0 { Store::Set } else { Store::Add },
                    ..Product::of_matrices(&points[point * of_tiles..], &weights[point * of_weights..], [inner, width])
                };
                if found > 0 {
                    let times = Times { count: alike, a: of_tiles, b: of_weights, c: of_sums };
                    let rows = (0..count).map(|tile| (tile * inner, tile * width));
                    product.compute_times(isa, times, rows, &mut sums[point * of_sums..]);
                }
                point += alike;
            }
        }
        let exist = [0, 1].map(|axis| phases.iter().map(|phase| phase[axis].points(filter)).max().unwrap_or(0));
        for (index, tile) in tiles.enumerate() {
            self.pixels(tile, [first, width], exist, (&sums[index * width..], of_sums), y);
        }
    }

    /// Writes the pixels of a tile, of whose sums so many rows and columns exist.
    fn pixels(
        &self,
        tile: usize,
        [first, width]: [usize; 2],
        exist: [usize; 2],
        (sums, step): (&[f32], usize),
        y: &Places<'_>,
    ) {
        let Self { isa, filter, ranges, strides: [_, strides], write, epilogue, .. } = *self;
        let side = filter.outputs();
        let [sample, row, column] = self.place(tile);
        let bias = epilogue.bias.map(|bias| &bias[first..first + width]);
        let mut pixels = Pixels {
            places: [None; MOST_OUTPUTS * MOST_OUTPUTS],
            width,
            write,
            epilogue: Epilogue { bias, ..epilogue },
        };
        let of_axis = |range: Range, tile: usize| {
            let first = tile * side;
            (0..side.min(range.count - first)).map(move |index| range.first + (first + index) * range.step)
        };
        for (down, row) in of_axis(ranges[0], row).enumerate() {
            for (right, column) in of_axis(ranges[1], column).enumerate() {
                let place = y.at(strides.at(sample, row, column) + first, width);
                pixels.places[down * side + right] = Some(place);
            }
        }
        let last = (exist[0] - 1) * filter.points() + exist[1] - 1;
        assert!(sums.len() >= last * step + width);
        // SAFETY: sum number p of this tile is at `p * step`, and the last one that exists ends within the sums. Every place has `width`
        // floats, which belong to this task alone: a pixel has one tile, and a tile one task for these filters.
        unsafe { tile_pixels(isa, filter, sums.as_ptr(), step, exist, &pixels) }
        if !matches!(epilogue.activation, Activation::Relu | Activation::Linear) {
            for place in pixels.places.into_iter().flatten() {
                // SAFETY: as above.
                apply_part(epilogue.activation, unsafe { std::slice::from_raw_parts_mut(place, width) });
            }
        }
    }
}

/// `y = epilogue(x * kernel)`, written as `write` says, for a convolution that [fits](super::fits).
pub(crate) fn forward(
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    kernel: &[f32],
    (y, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, image, result, .. } = *geometry;
    let Scratch { work, packed, packs, .. } = scratch;
    // No form of the weights is kept.
    packs.compute_with(None);
    let convolution = Convolution {
        isa,
        filter: filter(isa, geometry).expect("the convolution fits"),
        phases: &phases(geometry),
        ranges: [rows, columns].map(|axis| Range::all(axis.output)),
        kernel: Kernel::new(geometry, kernel, false),
        form: None,
        x,
        strides: [image, result],
        write,
        epilogue,
    };
    convolution.compute(n, y, geometry.pays(n), work, packed);
}

/// `dx = epilogue(dy * kernel)`, transposed, written as `write` says, for a convolution to whose transpose the algorithm
/// [applies](super::applies).
pub(crate) fn backward_input(
    geometry: &Geometry,
    (n, dy): (usize, &[f32]),
    kernel: &[f32],
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Scratch { work, packed, packs, .. } = scratch;
    packs.compute_with(None);
    for axes in transposed_phases(geometry) {
        let convolution = Convolution {
            isa,
            filter: filter(isa, geometry).expect("the convolution fits"),
            phases: &[axes.map(|(phase, _)| phase)],
            ranges: axes.map(|(_, range)| range),
            kernel: Kernel::new(geometry, kernel, true),
            form: None,
            x: dy,
            strides: [geometry.result, geometry.image],
            write,
            epilogue,
        };
        convolution.compute(n, dx, geometry.pays(n), work, packed);
    }
}
