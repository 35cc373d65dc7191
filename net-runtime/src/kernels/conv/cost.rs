//! What a pass over a convolution costs by each algorithm, as far as they differ: what it does, counted by the sizes of its loops, times the
//! [prices](super::prices) of that. A sum that is wrong by a third still chooses well, as the best algorithm is mostly better than the next
//! one by more.

use super::all_phases;
use super::bands::band_rows;
use super::by_filters;
use super::cuts::{PARTS, TASKS, fit_in_place, lines_of_block};
use super::few_filters;
use super::geometry::Geometry;
use super::patches;
use super::prices::{Prices, prices};
use super::winograd::line::{ACROSS, Along, BANDS, FEWEST_ACROSS};
use super::winograd::line_transforms::{POINTS as LINE_POINTS, outputs_of};
use super::winograd::sizes::{GROUP, POINTS, TILE, band_of_tiles, images_together};
use super::winograd::strided::{self, Points, few_tiles};
use crate::kernels::axis::Axis;
use crate::kernels::gemm::microkernel::tiles;
use crate::kernels::gemm::sizes::BLOCK as DENSE_BLOCK;
use crate::kernels::gemm::{dense, dense_few, few_columns, weight_gradient};
use crate::kernels::simd::{Isa, ROWS};
use crate::memory::algorithm::{Algorithm, Pass};
use crate::parallel::FORK_AWAKE;

/// What an algorithm does in a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Amounts {
    /// Multiply-adds of its products, with those of lanes and rows that are empty.
    pub products: f64,
    /// Numbers that are read and copied or transformed, before products.
    pub taken: f64,
    /// Those of them that are of windows which reach beyond the image.
    pub beyond: f64,
    /// Numbers that are transformed or written, behind products.
    pub given: f64,
    /// Numbers of upstream gradients that are packed.
    pub packed: f64,
    /// Numbers of a form of weights that are read or made again for other pixels, or gradients of weights that are added up.
    pub again: f64,
    /// Numbers of a form of weights that no near cache holds.
    pub far: f64,
    /// Numbers of the form that is made of weights, or from which their gradient is made.
    pub form: f64,
    /// Lines, or calls, of which each takes some time by itself.
    pub steps: f64,
    /// Equal tasks that this is divided into.
    pub tasks: usize,
}

impl Amounts {
    /// What this costs, whose form of the weights is made in the pass or lasts.
    fn cost(self, made: bool, prices: &Prices, unevenness: f64) -> f64 {
        let Self { products, taken, beyond, given, packed, again, far, form, steps, tasks: _ } = self;
        let divided = prices.product * products
            + prices.taken * taken
            + prices.beyond * beyond
            + prices.given * given
            + prices.packed * packed
            + prices.again * again
            + prices.far * far
            + prices.step * steps;
        let of_form = if made { prices.form * form + prices.far_made * far } else { 0.0 };
        divided * unevenness + of_form + prices.once
    }
}

/// What costs follow from.
struct Sizes<'a> {
    isa: Isa,
    n: usize,
    geometry: &'a Geometry,
    rows: Axis,
    columns: Axis,
    inputs: usize,
    outputs: usize,
}

/// What a pass over `n` images costs by an algorithm; `made` says whether it has to make the form that weights have in it.
pub(super) fn of(isa: Isa, algorithm: Algorithm, pass: Pass, made: bool, n: usize, geometry: &Geometry) -> f64 {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    // A matter of time, not of memory: more than can be counted is much.
    let much = |size: usize| size.min(1 << 20);
    let axis = |axis: Axis| Axis { input: much(axis.input), output: much(axis.output), size: much(axis.size), ..axis };
    let [rows, columns] = [rows, columns].map(axis);
    let sizes = Sizes { isa, n: much(n), geometry, rows, columns, inputs: much(inputs), outputs: much(outputs) };
    let amounts = match pass {
        Pass::Forward => sizes.forward(algorithm),
        Pass::InputGradient => sizes.input_gradient(algorithm),
        Pass::WeightGradient => sizes.weight_gradient(algorithm),
    };
    amounts.cost(made, &prices(pass, algorithm), sizes.unevenness(amounts.tasks))
}

/// Weights that a near cache holds.
const NEAR: f64 = (256 << 10) as f64;

/// What is divided into equal tasks enough for any number of threads.
const MANY: usize = 16;

fn product(factors: &[usize]) -> f64 {
    factors.iter().map(|&factor| factor as f64).product()
}

impl Sizes<'_> {
    /// Filters with those that fill the last vector.
    fn whole(&self, filters: usize) -> usize {
        filters.next_multiple_of(self.isa.lanes())
    }

    /// Multiply-adds of one pixel's product, whose inner axis has so many segments of so many elements.
    fn of_pixel(&self, segments: [usize; 2], filters: usize) -> f64 {
        if few_columns::fits(filters, segments) {
            return few_columns::multiply_adds(self.isa, filters, segments);
        }
        product(&segments) * self.whole(filters) as f64
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

    /// How many times as long two threads take for so many tasks as for two halves, if they share them at all. More threads are less
    /// even, but an algorithm must not depend on their number.
    fn unevenness(&self, tasks: usize) -> f64 {
        if tasks == 0 || self.geometry.work(self.n) < FORK_AWAKE {
            return 1.0;
        }
        2.0 * tasks.div_ceil(2) as f64 / tasks as f64
    }

    fn forward(&self, algorithm: Algorithm) -> Amounts {
        let channels = [self.inputs, self.outputs];
        let outputs = [self.rows.output, self.columns.output];
        match algorithm {
            Algorithm::Winograd => self.tiles(outputs, channels),
            Algorithm::FewTiles => self.few_tiles(outputs, channels),
            Algorithm::Rows => self.lines(Along::Rows, outputs, channels),
            Algorithm::Columns => self.lines(Along::Columns, outputs, channels),
            Algorithm::Strided => self.strided(channels, strided::points(self.isa, self.geometry)),
            Algorithm::Patches => self.patches(),
            _ => {
                let bands = self.bands(outputs);
                let panels = self.outputs.div_ceil(self.isa.tile_columns());
                let parts = if bands < by_filters::BANDS { panels.clamp(1, by_filters::PARTS) } else { 1 };
                let (taken, given) = (self.input_pixels(), self.output_pixels());
                let amounts = self.direct(channels, [taken, given], [bands, bands * parts]);
                let products = self.output_pixels() * self.of_pixel(self.geometry.window().segments(), self.outputs);
                Amounts { products, ..amounts }
            }
        }
    }

    fn input_gradient(&self, algorithm: Algorithm) -> Amounts {
        let channels = [self.outputs, self.inputs];
        let inputs = [self.rows.input, self.columns.input];
        match algorithm {
            Algorithm::Winograd => self.tiles(inputs, channels),
            Algorithm::FewTiles => self.few_tiles(inputs, channels),
            // Its tiles are those of the outputs, and images are never together.
            Algorithm::Adjoint => {
                let [down, across] = [self.rows, self.columns].map(|axis| axis.output.div_ceil(TILE));
                let reads = self.n * (down * across).div_ceil(GROUP);
                self.points(product(&[self.n, down, across]), reads, channels, reads)
            }
            Algorithm::Rows => self.lines(Along::Rows, inputs, channels),
            Algorithm::Columns => self.lines(Along::Columns, inputs, channels),
            Algorithm::Strided => self.strided(channels, strided::transposed_points(self.isa, self.geometry)),
            Algorithm::Patches => self.patches_transposed(),
            _ => {
                let (taken, given) = (self.output_pixels(), self.input_pixels());
                let amounts = self.direct(channels, [taken, given], [self.bands(inputs); 2]);
                // The window over the outputs is whole at every position of the input, with zeros beside these: a picture that is made of one
                // pixel consists of such products.
                let strides = self.rows.stride * self.columns.stride;
                let run = self.columns.size.div_ceil(self.columns.stride) * self.outputs;
                let rows = self.rows.size.div_ceil(self.rows.stride);
                let products = if few_columns::fits(self.inputs, [rows, run]) {
                    given * few_columns::multiply_adds(self.isa, self.inputs, [rows, run])
                } else {
                    given / strides as f64 * product(&[self.taps(), self.outputs, self.whole(self.inputs)])
                };
                let amounts = Amounts { products, ..amounts };
                if !all_phases::pays(self.isa, self.geometry) {
                    return amounts;
                }
                let [down, across] = [self.rows, self.columns].map(|axis| axis.input.div_ceil(axis.stride));
                let products = product(&[self.n, down, across, all_phases::multiply_adds(self.isa, self.geometry)]);
                Amounts { products, ..amounts }
            }
        }
    }

    /// Bands of all images that are computed.
    fn bands(&self, [height, width]: [usize; 2]) -> usize {
        self.n * height.div_ceil(band_rows(self.n, height, width).max(1))
    }

    /// Products by their definition, of so many pixels that are read and written. Each band reads all weights.
    fn direct(&self, [channels, filters]: [usize; 2], [taken, given]: [f64; 2], [bands, tasks]: [usize; 2]) -> Amounts {
        let weights = self.weights();
        let far = (weights - NEAR).max(0.0);
        Amounts {
            products: self.output_pixels() * product(&[self.taps(), channels, self.whole(filters)]),
            taken: taken * channels as f64,
            given: given * filters as f64,
            again: bands as f64 * far,
            far,
            form: weights,
            steps: given,
            tasks,
            ..Amounts::default()
        }
    }

    /// Elements of patches that are copied, and pieces of memory that these are; none where they are the pixels as they lie. Where results lie is
    /// no matter: a part of a concatenation has the algorithm, and so the bits, of a whole one.
    fn copied_patches(&self) -> [f64; 2] {
        let Geometry { columns, image, .. } = *self.geometry;
        if self.geometry.pixels_are_patches() {
            return [0.0; 2];
        }
        // Neighbours in a line of a window are one piece.
        let side_by_side = image.pixel == self.inputs && columns.dilation == 1;
        let pieces = if side_by_side { 1 } else { self.columns.size };
        let lines = self.output_pixels() * self.rows.size as f64;
        [lines * product(&[self.columns.size, self.inputs]), lines * pieces as f64]
    }

    /// A product with the patches of all outputs. Weights are read where they lie, if they are whole vectors.
    fn patches(&self) -> Amounts {
        let (pixels, weights, [elements, pieces]) = (self.output_pixels(), self.weights(), self.copied_patches());
        let (dense, far) = (patches::sizes(self.geometry, self.n), (weights - NEAR).max(0.0));
        let panels = self.outputs.div_ceil(self.isa.tile_columns());
        let tasks = if dense.is_cut_within(dense::LONG) {
            MANY
        } else if dense::is_by_columns(self.isa, dense) {
            panels.div_ceil(dense::panels_of_task(panels))
        } else {
            dense.tasks(dense.rows)
        };
        Amounts {
            products: pixels * self.of_pixel([1, self.taps() * self.inputs], self.outputs),
            taken: elements,
            given: pixels * self.outputs as f64,
            again: dense.rows.div_ceil(DENSE_BLOCK) as f64 * far,
            far,
            form: if self.outputs.is_multiple_of(self.isa.lanes()) { 0.0 } else { weights },
            steps: pieces,
            tasks,
            ..Amounts::default()
        }
    }

    /// The gradient of the patches. Its columns are the pixels, which fill whole vectors, unless each row is a sum by itself, or the few
    /// weights are transposed.
    fn patches_transposed(&self) -> Amounts {
        let (pixels, weights, [elements, pieces]) = (self.output_pixels(), self.weights(), self.copied_patches());
        let dense = patches::sizes(self.geometry, self.n);
        let products = if dense::is_by_weights(dense) {
            pixels * product(&[self.outputs, self.whole(self.taps() * self.inputs)])
        } else if dense_few::are_dots(dense) {
            weights * pixels
        } else {
            weights * self.whole(pixels as usize) as f64
        };
        Amounts {
            products,
            taken: elements,
            given: pixels * self.outputs as f64,
            far: (weights - NEAR).max(0.0),
            form: weights,
            steps: pieces,
            tasks: dense::tasks_of_input_gradient(dense),
            ..Amounts::default()
        }
    }

    /// Winograd's algorithm over tiles that cover so many rows and columns.
    fn tiles(&self, covered: [usize; 2], channels: [usize; 2]) -> Amounts {
        let [down, across] = covered.map(|len| len.div_ceil(TILE));
        let (reads, tasks) = match images_together(self.n, down * across) {
            1 => {
                let band = band_of_tiles(self.n, [down, across]);
                (self.n * (down * across).div_ceil(GROUP), self.n * down.div_ceil(band))
            }
            together => (self.n.div_ceil(together), self.n.div_ceil(together)),
        };
        self.points(product(&[self.n, down, across]), reads, channels, tasks)
    }

    /// The products of so many tiles, for which the weights are read so many times.
    fn points(&self, tiles: f64, reads: usize, [channels, filters]: [usize; 2], tasks: usize) -> Amounts {
        let (points, weights) = (POINTS as f64, product(&[channels, filters]));
        Amounts {
            products: points * tiles * product(&[channels, self.whole(filters)]),
            taken: points * tiles * channels as f64,
            given: points * tiles * filters as f64,
            again: points * reads as f64 * weights,
            far: (points * weights - NEAR).max(0.0),
            form: points * weights,
            tasks,
            ..Amounts::default()
        }
    }

    /// Winograd's algorithm over the phases of stride 2, which makes the points of the weights for each block of tiles.
    fn strided(&self, [channels, filters]: [usize; 2], points: Points) -> Amounts {
        let (n, Points { of_tiles, of_weights, tiles }) = (self.n as f64, points);
        let blocks = strided::blocks((n * tiles) as usize, filters);
        Amounts {
            products: n * of_tiles * product(&[channels, self.whole(filters)]),
            taken: n * of_tiles * channels as f64,
            given: n * of_tiles * filters as f64,
            again: blocks as f64 * of_weights * product(&[channels, filters]),
            tasks: blocks * filters.div_ceil(strided::filters_of_task(blocks, filters).max(1)),
            ..Amounts::default()
        }
    }

    /// Winograd's algorithm over few tiles, some filters of all of them a task.
    fn few_tiles(&self, covered: [usize; 2], [channels, filters]: [usize; 2]) -> Amounts {
        let Points { of_tiles, of_weights, tiles } = few_tiles::points(self.n, covered);
        let (blocks, weights) = (strided::blocks(tiles as usize, filters), product(&[channels, filters]));
        Amounts {
            products: of_tiles * product(&[channels, self.whole(filters)]),
            taken: of_tiles * channels as f64,
            given: of_tiles * filters as f64,
            again: (blocks - 1) as f64 * of_weights * weights,
            far: (of_weights * weights - NEAR).max(0.0),
            form: of_weights * weights,
            tasks: blocks * few_tiles::tasks(filters),
            ..Amounts::default()
        }
    }

    /// Winograd's algorithm along one axis. Each task reads all weights.
    fn lines(&self, direction: Along, covered: [usize; 2], [channels, filters]: [usize; 2]) -> Amounts {
        let [along, stretch] = direction.order(covered);
        let [taps, taps_across] = direction.order([self.rows.size, self.columns.size]);
        let [_, across] = direction.order([self.rows, self.columns]);
        let points = LINE_POINTS as f64;
        // Across, products are those of the outputs, whatever is computed.
        let tiles = points * product(&[self.n, along.div_ceil(outputs_of(taps))]);
        let weights = points * product(&[taps_across, channels, filters]);
        let tasks = match direction {
            Along::Rows => along.div_ceil(outputs_of(taps) * (ACROSS / stretch.max(1)).max(1)),
            Along::Columns => stretch.div_ceil(ACROSS).max(BANDS.div_ceil(self.n.max(1)).min(stretch / FEWEST_ACROSS)),
        };
        let tasks = self.n * tasks.max(1);
        Amounts {
            products: tiles * product(&[across.output, taps_across, channels, self.whole(filters)]),
            taken: tiles * product(&[stretch, channels]),
            given: tiles * product(&[stretch, filters]),
            again: tasks as f64 * weights,
            far: (weights - NEAR).max(0.0),
            form: weights,
            tasks,
            ..Amounts::default()
        }
    }

    /// The gradient of the weights.
    fn weight_gradient(&self, algorithm: Algorithm) -> Amounts {
        let Self { n, inputs, outputs, rows, columns, .. } = *self;
        let filters = self.whole(outputs);
        let lines = lines_of_block(columns);
        let (pixels, weights) = (self.output_pixels(), self.weights());
        // The upstream gradients are packed where they are not read in place. Where they lie is no matter: a part of a concatenation has the
        // algorithm, and so the bits, of a whole result.
        let packed = if fit_in_place(self.isa, outputs) { 0.0 } else { pixels * filters as f64 };
        let channels = inputs.next_multiple_of(ROWS);
        match algorithm {
            Algorithm::Strided => self.strided([inputs, outputs], strided::points(self.isa, self.geometry)),
            // Nothing is copied.
            Algorithm::Patches if self.geometry.pixels_are_patches() => {
                let (products, tasks) = weight_gradient::work(self.isa, patches::sizes(self.geometry, n));
                Amounts { products, tasks, ..Amounts::default() }
            }
            Algorithm::Patches => self.patches(),
            Algorithm::Direct => {
                let owned = inputs.div_ceil(TASKS).next_multiple_of(ROWS).min(inputs).max(1);
                let tasks = inputs.div_ceil(owned);
                Amounts {
                    products: pixels * product(&[self.taps(), channels, filters]),
                    taken: self.input_pixels() * channels as f64,
                    packed: tasks as f64 * packed,
                    form: weights,
                    steps: product(&[n, rows.output.div_ceil(lines), tasks, self.taps()]),
                    tasks,
                    ..Amounts::default()
                }
            }
            Algorithm::FewChannels => {
                let lines = lines.next_multiple_of(2).min(rows.output).max(1);
                let patch = self.taps() * inputs;
                let units = n * rows.output.div_ceil(lines);
                let tasks = units.min(PARTS);
                let tiles = product(&[units, tiles(self.isa, patch, outputs)]);
                Amounts {
                    products: pixels * product(&[patch.next_multiple_of(ROWS), filters]),
                    taken: if self.taps() > 1 { self.input_pixels() * inputs as f64 } else { 0.0 },
                    given: pixels * outputs as f64,
                    packed,
                    again: tasks as f64 * weights,
                    steps: tiles + units as f64,
                    tasks,
                    ..Amounts::default()
                }
            }
            Algorithm::FewFilters => {
                let [of_pixel, blocks] = few_filters::work(self.geometry);
                let of_phase = product(&[n, rows.input.div_ceil(rows.stride), columns.input.div_ceil(columns.stride)]);
                let units = n * blocks;
                let tasks = units.min(PARTS);
                let in_place = fit_in_place(self.isa, inputs);
                Amounts {
                    products: of_phase * product(&[of_pixel, self.whole(inputs)]),
                    packed: if in_place { 0.0 } else { self.input_pixels() * self.whole(inputs) as f64 },
                    again: tasks as f64 * weights,
                    steps: product(&[units, of_pixel.div_ceil(ROWS), inputs.div_ceil(self.isa.tile_columns())]),
                    tasks,
                    ..Amounts::default()
                }
            }
            Algorithm::Winograd | Algorithm::FewTiles | Algorithm::Adjoint => {
                let [down, across] = [rows.output, columns.output].map(|len| len.div_ceil(TILE));
                let (points, tiles) = (POINTS as f64, product(&[n, down, across]));
                let inner = product(&[n, down.saturating_sub(2), across.saturating_sub(2)]);
                let weights = product(&[inputs, outputs]);
                Amounts {
                    products: points * tiles * product(&[channels, outputs]),
                    taken: points * tiles * channels as f64,
                    beyond: points * (tiles - inner) * channels as f64,
                    given: points * tiles * outputs as f64,
                    again: points * (tiles / 128.0).ceil() * weights,
                    form: points * weights,
                    steps: tiles,
                    tasks: MANY,
                    ..Amounts::default()
                }
            }
            Algorithm::Rows | Algorithm::Columns => {
                let direction = if algorithm == Algorithm::Rows { Along::Rows } else { Along::Columns };
                let [along, across] = direction.order([rows, columns]);
                let points = LINE_POINTS as f64;
                let tiles = product(&[n, along.output.div_ceil(outputs_of(along.size))]);
                let weights = product(&[across.size, inputs, outputs]);
                Amounts {
                    products: points * tiles * product(&[across.output, across.size, channels, filters]),
                    taken: points * tiles * product(&[across.input, inputs]),
                    given: points * tiles * product(&[across.output, outputs]),
                    again: points * (tiles * across.output as f64 / 128.0).ceil() * weights,
                    form: points * weights,
                    tasks: MANY,
                    ..Amounts::default()
                }
            }
        }
    }
}
