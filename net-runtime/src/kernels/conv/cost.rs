//! What a pass over a convolution costs by each algorithm, as far as they differ: in multiply-adds of one lane, of which a core does as many
//! as it can.
//!
//! The sizes are those of the loops; the factors are of measurements over a grid of shapes (`kernels choices`), on one and two threads with
//! AVX-512 and AVX2, between what each of them asked for. What one instruction set or machine alone would have is no matter here: a sum that is
//! wrong by a third still chooses well, as the best algorithm is mostly better than the next one by more.

use super::geometry::Geometry;
use super::winograd::line::Along;
use super::winograd::line_transforms::{POINTS as LINE_POINTS, outputs_of};
use super::winograd::sizes::{GROUP, POINTS, TILE, images_together};
use super::winograd::strided::{self, Points};
use crate::kernels::axis::Axis;
use crate::kernels::gemm::{dense, dense_few};
use crate::kernels::simd::{Isa, ROWS};
use crate::memory::algorithm::{Algorithm, Pass};
use crate::parallel::FORK_AWAKE;

/// What costs follow from.
struct Sizes {
    isa: Isa,
    n: usize,
    rows: Axis,
    columns: Axis,
    inputs: usize,
    outputs: usize,
    /// Of Winograd's algorithm for stride 2.
    phases: Points,
}

/// What a pass over `n` images costs by an algorithm; `made` says whether it has to make the form that weights have in it.
pub(super) fn of(isa: Isa, algorithm: Algorithm, pass: Pass, made: bool, n: usize, geometry: &Geometry) -> f64 {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    // A matter of time, not of memory: more than can be counted is much.
    let much = |size: usize| size.min(1 << 20);
    let axis = |axis: Axis| Axis { input: much(axis.input), output: much(axis.output), size: much(axis.size), ..axis };
    let [rows, columns] = [rows, columns].map(axis);
    let phases = match (algorithm, pass) {
        (Algorithm::Strided, Pass::InputGradient) => strided::transposed_points(isa, geometry),
        (Algorithm::Strided, Pass::Forward | Pass::WeightGradient) => strided::points(isa, geometry),
        _ => Points::default(),
    };
    let [inputs, outputs] = [much(inputs), much(outputs)];
    let sizes = Sizes { isa, n: much(n), rows, columns, inputs, outputs, phases };
    let made = if made { 1.0 } else { 0.0 };
    match pass {
        Pass::Forward => sizes.forward(algorithm, made),
        Pass::InputGradient => sizes.input_gradient(algorithm, made),
        Pass::WeightGradient => sizes.weight_gradient(algorithm),
    }
}

/// Outputs across of a block of Winograd's algorithm along one axis, and the fewest of a band that is cut there.
const BLOCK: usize = 48;
const FEWEST_ACROSS: usize = 12;

/// Bands of a batch at least, if they do not become narrower.
const BANDS: usize = 16;

/// Output pixels of a product of a gradient.
const PIXELS: usize = 384;

/// Lines of it at most.
const LINES: usize = 64;

/// Tasks of a gradient by its definition: of channels, and of outputs where there are few channels.
const TASKS: usize = 8;
const PARTS: usize = 16;

/// Weights that a near cache holds.
const NEAR: f64 = (256 << 10) as f64;

fn product(factors: &[usize]) -> f64 {
    factors.iter().map(|&factor| factor as f64).product()
}

impl Sizes {
    /// Filters with those that fill the last vector.
    fn whole(&self, filters: usize) -> usize {
        filters.next_multiple_of(self.isa.lanes())
    }

    fn taps(&self) -> usize {
        self.rows.size * self.columns.size
    }

    fn output_pixels(&self) -> f64 {
        product(&[self.n, self.rows.output, self.columns.output])
    }

    fn input_pixels(&self) -> f64 {
        product(&[self.n, self.rows.input, self.columns.input])
    }

    fn weights(&self) -> f64 {
        product(&[self.taps(), self.inputs, self.outputs])
    }

    fn multiply_adds(&self) -> f64 {
        self.output_pixels() * self.weights()
    }

    /// Twice the cost of what would be divided, and is a single task.
    fn undivided(&self, tasks: usize) -> f64 {
        if tasks == 1 && self.multiply_adds() >= FORK_AWAKE as f64 { 2.0 } else { 1.0 }
    }

    /// The result, with weights that are made so many times: once in training, and for predictions never. In training they come from far, as
    /// they do in no loop over one layer.
    fn forward(&self, algorithm: Algorithm, made: f64) -> f64 {
        let channels = [self.inputs, self.outputs];
        let outputs = [self.rows.output, self.columns.output];
        match algorithm {
            Algorithm::Winograd => {
                self.tiles(outputs, channels, [9.0, 8.0, 3.0, 10.0 * made, 15.0 + 30.0 * made]) + 60e3
            }
            Algorithm::Rows => {
                self.lines(Along::Rows, outputs, channels, [6.0, 8.0, 20.0 * made, 15.0 + 30.0 * made]) + 40e3
            }
            Algorithm::Columns => {
                self.lines(Along::Columns, outputs, channels, [6.0, 8.0, 20.0 * made, 15.0 + 30.0 * made]) + 40e3
            }
            Algorithm::Strided => self.strided(channels, [33.0, 0.0, 9.0]) + 40e3,
            Algorithm::Patches => self.patches([0.9, 17.0, 3.0, 5.0 + 10.0 * made * self.unaligned()]) + 10e3,
            _ => self.direct(channels, [4.0, 12.0 * made, 25.0 + 35.0 * made]) + 20e3,
        }
    }

    /// The gradient of the input, whose weights are transposed for it, so many times.
    fn input_gradient(&self, algorithm: Algorithm, made: f64) -> f64 {
        let channels = [self.outputs, self.inputs];
        let inputs = [self.rows.input, self.columns.input];
        let outputs = [self.rows.output, self.columns.output];
        match algorithm {
            Algorithm::Winograd => {
                self.tiles(inputs, channels, [9.0, 9.0, 4.0, 30.0 * made, 15.0 + 25.0 * made]) + 60e3
            }
            // Its tiles are those of the outputs, and images are never together.
            Algorithm::Adjoint => {
                let tiles = outputs.map(|outputs| outputs.div_ceil(TILE));
                let reads = product(&[self.n, (tiles[0] * tiles[1]).div_ceil(GROUP)]);
                let costs = [5.0, 9.0, 3.0, 30.0 * made, 15.0 + 25.0 * made];
                self.points(product(&[self.n, tiles[0], tiles[1]]), reads, channels, costs) + 60e3
            }
            Algorithm::Rows => {
                self.lines(Along::Rows, inputs, channels, [7.0, 8.0, 35.0 * made, 15.0 + 25.0 * made]) + 40e3
            }
            Algorithm::Columns => {
                self.lines(Along::Columns, inputs, channels, [7.0, 8.0, 35.0 * made, 15.0 + 25.0 * made]) + 40e3
            }
            // Of 3x3 there are few products, behind which writing could hide.
            Algorithm::Strided => {
                let filter = if self.taps() <= 9 { 34.0 } else { 16.0 };
                self.strided(channels, [21.0, filter, 13.0]) + 100e3
            }
            Algorithm::Patches => self.patches_transposed() + 40e3,
            _ => {
                let pixels = 500.0 * self.input_pixels();
                self.direct(channels, [7.0, 35.0 * made, 25.0 + 45.0 * made]) + pixels + 35e3 + 45e3 * made
            }
        }
    }

    /// Products by their definition: what a pixel that is read or written costs beside them, a weight that is packed, and one that comes from
    /// afar.
    fn direct(&self, [_, filters]: [usize; 2], [pixel, packed, far]: [f64; 3]) -> f64 {
        let vectors = self.whole(filters) as f64 / filters.max(1) as f64;
        let pixels = self.input_pixels() * self.inputs as f64 + self.output_pixels() * self.outputs as f64;
        let weights = packed * self.weights() + far * (self.weights() - NEAR).max(0.0);
        self.multiply_adds() * vectors + pixel * pixels + weights
    }

    /// Whether weights cannot be read where they lie: 1 if so.
    fn unaligned(&self) -> f64 {
        if self.outputs.is_multiple_of(self.isa.lanes()) { 0.0 } else { 1.0 }
    }

    /// Elements of all patches that are copied, and lines of these; none where they are the pixels as they lie.
    fn copied_patches(&self) -> [f64; 2] {
        if self.taps() == 1 && self.rows.stride == 1 && self.columns.stride == 1 {
            return [0.0; 2];
        }
        let lines = self.output_pixels() * self.rows.size as f64;
        [lines * product(&[self.columns.size, self.inputs]), lines]
    }

    /// A product with the patches of all outputs: what a multiply-add costs, a copied element of the patches, one of the outputs, and a weight.
    fn patches(&self, [multiply_add, element, output, weight]: [f64; 4]) -> f64 {
        let (pixels, [elements, lines]) = (self.output_pixels(), self.copied_patches());
        let products = multiply_add * pixels * product(&[self.taps(), self.inputs, self.whole(self.outputs)]);
        products + element * elements + 400.0 * lines + output * pixels * self.outputs as f64 + weight * self.weights()
    }

    /// The gradient of the patches. Its columns are the pixels, which fill whole vectors, unless each row is a sum by itself, or the few
    /// weights are transposed.
    fn patches_transposed(&self) -> f64 {
        let (pixels, weights, [elements, lines]) = (self.output_pixels(), self.weights(), self.copied_patches());
        let products = if pixels >= self.outputs as f64 && weights <= dense::FEW_WEIGHTS as f64 {
            pixels * product(&[self.outputs, self.whole(self.taps() * self.inputs)])
        } else if pixels <= dense_few::FEW as f64 {
            weights * pixels
        } else {
            weights * self.whole(pixels as usize) as f64
        };
        products + 14.0 * elements + 800.0 * lines + 17.0 * pixels * self.outputs as f64 + 12.0 * weights
    }

    /// Winograd's algorithm over tiles that cover so many rows and columns: see [`points`](Self::points).
    fn tiles(&self, covered: [usize; 2], channels: [usize; 2], costs: [f64; 5]) -> f64 {
        let [down, across] = covered.map(|len| len.div_ceil(TILE));
        let reads = match images_together(self.n, down * across) {
            1 => product(&[self.n, (down * across).div_ceil(GROUP)]),
            together => self.n.div_ceil(together) as f64,
        };
        self.points(product(&[self.n, down, across]), reads, channels, costs)
    }

    /// The products of so many tiles, and what a point of a channel costs, and of a filter, reading a transformed weight, each time, making
    /// it, and one that comes from afar.
    fn points(
        &self,
        tiles: f64,
        reads: f64,
        [channels, filters]: [usize; 2],
        [channel, filter, read, made, far]: [f64; 5],
    ) -> f64 {
        let weights = product(&[channels, filters]);
        let sums =
            tiles * (product(&[channels, self.whole(filters)]) + channel * channels as f64 + filter * filters as f64);
        let far = far * (weights - NEAR / POINTS as f64).max(0.0);
        POINTS as f64 * (sums + (read * reads + made) * weights + far)
    }

    /// Winograd's algorithm over the phases of stride 2: what a point of a channel costs, of a filter, and making a weight's, which is done for
    /// each block of tiles.
    fn strided(&self, [channels, filters]: [usize; 2], [channel, filter, made]: [f64; 3]) -> f64 {
        let (n, Points { of_tiles, of_weights, tiles }) = (self.n as f64, self.phases);
        let sums = product(&[channels, self.whole(filters)]) + channel * channels as f64 + filter * filters as f64;
        let blocks = (n * tiles / strided::BLOCK as f64).ceil();
        n * of_tiles * sums + made * blocks * of_weights * product(&[channels, filters])
    }

    /// Winograd's algorithm along one axis: what a point of a channel costs, of a filter, making a weight, and one that comes
    /// from afar.
    fn lines(
        &self,
        direction: Along,
        covered: [usize; 2],
        [channels, filters]: [usize; 2],
        [channel, filter, made, far]: [f64; 4],
    ) -> f64 {
        let [along, _] = direction.order(covered);
        let [taps, taps_across] = direction.order([self.rows.size, self.columns.size]);
        let [_, stretch] = direction.order(covered);
        let [_, across] = direction.order([self.rows, self.columns]);
        // Across, products are those of the outputs, whatever is computed.
        let tiles = product(&[self.n, along.div_ceil(outputs_of(taps))]);
        let sums = product(&[across.output, taps_across, channels, self.whole(filters)]);
        let points = (stretch * channels) as f64 * channel + (stretch * filters) as f64 * filter;
        let weights = product(&[taps_across, channels, filters]);
        let tasks = match direction {
            Along::Rows => along.div_ceil(outputs_of(taps) * (BLOCK / stretch.max(1)).max(1)),
            Along::Columns => stretch.div_ceil(BLOCK).max(BANDS.div_ceil(self.n.max(1)).min(stretch / FEWEST_ACROSS)),
        };
        let far = far * (weights - NEAR / LINE_POINTS as f64).max(0.0);
        let cost = LINE_POINTS as f64 * (tiles * (sums + points) + made * weights + far);
        cost * self.undivided(self.n * tasks.max(1))
    }

    /// The gradient of the weights.
    fn weight_gradient(&self, algorithm: Algorithm) -> f64 {
        let Self { n, inputs, outputs, rows, columns, .. } = *self;
        let filters = self.whole(outputs);
        let lines = if columns.output == 1 { PIXELS } else { (PIXELS / columns.output.max(1)).clamp(1, LINES) };
        // The upstream gradients are packed where they are not read in place.
        let packed =
            if outputs == filters && outputs <= 256 { 0.0 } else { 15.0 * self.output_pixels() * filters as f64 };
        match algorithm {
            Algorithm::Strided => self.strided([inputs, outputs], [43.0, 0.0, 9.0]) + 180e3,
            Algorithm::Patches => self.patches([0.85, 21.0, 14.0, 3.5]) + 20e3,
            Algorithm::Direct => {
                let owned = inputs.div_ceil(TASKS).next_multiple_of(ROWS).min(inputs).max(1);
                let tasks = inputs.div_ceil(owned);
                let channels = inputs.next_multiple_of(ROWS);
                let calls = product(&[n, rows.output.div_ceil(lines), tasks, self.taps()]);
                let copied = self.input_pixels() * channels as f64;
                let products = self.output_pixels() * product(&[self.taps(), channels, filters]);
                let cost =
                    products + 23.0 * copied + tasks as f64 * packed + 10.0 * self.weights() + 2e3 * calls + 25e3;
                cost * self.undivided(tasks)
            }
            Algorithm::FewChannels => {
                let lines = lines.next_multiple_of(2).min(rows.output).max(1);
                let patch = self.taps() * inputs;
                let units = n * rows.output.div_ceil(lines);
                let tasks = units.min(PARTS);
                let tiles = product(&[units, patch.div_ceil(ROWS), outputs.div_ceil(self.isa.tile_columns())]);
                let copied = if self.taps() > 1 { self.input_pixels() * inputs as f64 } else { 0.0 };
                let products = self.output_pixels() * product(&[patch.next_multiple_of(ROWS), filters]);
                let sums = (5.0 * tasks as f64 + units as f64) * self.weights();
                let pixels = 2.0 * self.output_pixels() * outputs as f64 + 20.0 * copied + packed;
                (products + 1.8e3 * tiles + pixels + sums + 10e3 * units as f64 + 8e3) * self.undivided(tasks)
            }
            Algorithm::FewFilters => {
                self.output_pixels() * product(&[outputs.next_multiple_of(ROWS), self.whole(inputs)]) + 8e3
            }
            Algorithm::Winograd | Algorithm::Adjoint => {
                let [down, across] = [rows.output, columns.output].map(|len| len.div_ceil(TILE));
                let tiles = product(&[n, down, across]);
                let channels = [outputs, inputs.next_multiple_of(ROWS)];
                self.points(tiles, (tiles / 128.0).ceil(), channels, [12.0, 32.0, 14.0, 12.0, 0.0]) + 40e3
            }
            Algorithm::Rows | Algorithm::Columns => {
                let direction = if algorithm == Algorithm::Rows { Along::Rows } else { Along::Columns };
                let [along, across] = direction.order([rows, columns]);
                let tiles = product(&[n, along.output.div_ceil(outputs_of(along.size))]);
                let weights = product(&[across.size, inputs, outputs]);
                let sums = product(&[across.output, across.size, inputs.next_multiple_of(ROWS), filters]);
                let points = product(&[across.input, inputs]) * 32.0 + product(&[across.output, outputs]) * 16.0;
                let reads = (tiles * across.output as f64 / 128.0).ceil();
                LINE_POINTS as f64 * (tiles * (sums + points) + (4.0 * reads + 30.0) * weights) + 40e3
            }
        }
    }
}
