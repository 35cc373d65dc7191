//! Winograd's minimal filtering along one axis: for kernels with three to seven taps on an axis of stride 1, whatever the other
//! axis is. Of 18 multiplications of three taps 8 remain, of 20 of five; where both axes have three, F(4x4, 3x3) does better
//! (`winograd`).
//!
//! Outputs that follow each other along the one axis are a tile: six for three taps, one less for every further tap. Its eight
//! input pixels become eight points, for every position across; each point is then a convolution along the other axis alone,
//! whose taps are neighbours in memory: a matrix product with an inner axis of taps times channels, read where the points lie.
//! Eight sums become the outputs.
//!
//! The gradient of the input is the same over the gradient of the outputs, with a convolution for each phase of the stride
//! across; all phases read the same points.
//!
//! Three taps are done by F(6, 3) and not by F(4, 3): along one axis its errors are those of F(4x4, 3x3).

use std::ops::Range;

use super::line_transforms::{
    MOST_OUTPUTS, MOST_TAPS, Output, POINTS, TAPS, kernel_points, outputs_of, pixel_points, tile_outputs,
};
use super::sizes::FEWEST_CHANNELS;
use crate::kernels::axis::Strides;
use crate::kernels::conv::bands::for_each_band;
use crate::kernels::conv::geometry::{Geometry, Phase, transpose_taps};
use crate::kernels::conv::max_pooled::{Outputs, Size};
use crate::kernels::conv::sweep::Sweep;
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::microkernel::Product;
use crate::kernels::gemm::product::Times;
use crate::kernels::simd::{Isa, ROWS};
use crate::memory::algorithm::Algorithm;
use crate::memory::packed::{Form, Portion};
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::activation::Activation;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// The largest stride across.
const MOST_STRIDE: usize = 4;

/// Outputs across that are worked on together: a panel of the weights, read again for every six of them, stays in the cache.
pub(in crate::kernels::conv) const ACROSS: usize = 48;

/// Bands that a batch is cut into at least, if they do not become narrower than [`FEWEST_ACROSS`].
pub(in crate::kernels::conv) const BANDS: usize = 16;

/// The fewest outputs across of a band.
pub(in crate::kernels::conv) const FEWEST_ACROSS: usize = 12;

/// What one transformed weight costs, in multiply-adds.
const WEIGHT: usize = 4;

/// The axis along which tiles lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Along {
    /// A tile has several rows.
    Rows,
    /// A tile has several columns.
    Columns,
}

impl Along {
    /// That of an algorithm along an axis.
    pub fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Rows => Some(Self::Rows),
            Algorithm::Columns => Some(Self::Columns),
            _ => None,
        }
    }

    /// What belongs to rows and columns, as what belongs to the axis of the tiles and the one across.
    pub fn order<T>(self, [rows, columns]: [T; 2]) -> [T; 2] {
        match self {
            Self::Rows => [rows, columns],
            Self::Columns => [columns, rows],
        }
    }
}

/// Whether a convolution, and its gradients, can be done so along an axis.
pub(crate) fn applies(isa: Isa, geometry: &Geometry, direction: Along) -> bool {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    let channels = |count: usize| count >= FEWEST_CHANNELS && count.is_multiple_of(isa.lanes());
    let [along, across] = direction.order([rows, columns]);
    let plain = TAPS.contains(&along.size) && along.stride == 1 && along.dilation == 1;
    plain && across.dilation == 1 && across.stride <= MOST_STRIDE && channels(inputs) && channels(outputs)
}

/// Floats of the transformed weights, with so many taps across.
pub(crate) fn weights_len(taps: usize, channels: usize, filters: usize) -> usize {
    exact::product(&[POINTS, taps, channels, filters])
}

/// Transforms weights of so many taps along and across: those of tap (along, across) and channel begin at `at(along, across,
/// channel)`, one for each filter. The points of a panel of filters lie together.
pub(crate) fn transform_weights(
    isa: Isa,
    weights: &[f32],
    [along, taps, channels, filters]: [usize; 4],
    at: impl Fn(usize, usize, usize) -> usize + Sync,
    transformed: &mut [f32],
) {
    assert!(TAPS.contains(&along));
    let (panel, inner) = (isa.tile_columns(), taps * channels);
    let transformed = &mut transformed[..weights_len(taps, channels, filters)];
    let threads = parallel::pays(transformed.len() * WEIGHT);
    let boundary = |part: usize| filters.min(part * panel) * POINTS * inner;
    let parts = filters.div_ceil(panel);
    parallel::for_each_part(threads, parts, &boundary, transformed, (&mut [], 0), &|part, points, _| {
        let first = part * panel;
        let width = panel.min(filters - first);
        assert!(points.len() >= exact::product(&[POINTS, taps, channels, width]));
        for row in 0..inner {
            let (tap, channel) = (row / channels, row % channels);
            let mut taps: [&[f32]; MOST_TAPS] = [&[]; MOST_TAPS];
            for (index, place) in taps.iter_mut().enumerate().take(along) {
                *place = &weights[at(index, tap, channel) + first..][..width];
            }
            // SAFETY: every tap has `width` floats, whole vectors; point number p of them is at `(p * inner + row) * width`,
            // and the last one ends where the points of the panel do, as checked above.
            unsafe { kernel_points(isa, &taps[..along], points[row * width..].as_mut_ptr(), inner * width) }
        }
    });
}

/// One of the convolutions that share the points of their input: outputs `first`, `first + step` and so on across.
#[derive(Clone, Copy)]
struct PhaseConvolution<'a> {
    across: Sweep,
    weights: &'a [f32],
    first: usize,
    step: usize,
}

impl PhaseConvolution<'_> {
    /// Those that exist of a range of outputs.
    fn existing(&self, outputs: &Range<usize>) -> Range<usize> {
        let end = self.across.output;
        outputs.start.min(end)..outputs.end.min(end)
    }
}

/// What is computed at once.
struct Block {
    tiles: Range<usize>,
    /// Across.
    outputs: Range<usize>,
    /// The input positions across that they cover: the first one, and how many.
    first: isize,
    positions: usize,
}

/// Convolutions of images with transformed weights.
#[derive(Clone, Copy)]
struct Lines<'a> {
    isa: Isa,
    direction: Along,
    along: Sweep,
    parts: &'a [PhaseConvolution<'a>],
    channels: usize,
    filters: usize,
    write: Store,
    epilogue: Epilogue<'a>,
    /// Distance of two pixels of the input along the axis, and across.
    steps: [usize; 2],
    /// How the pixels that are written lie.
    strides: Strides,
}

impl Lines<'_> {
    /// Outputs of a tile.
    fn tile(&self) -> usize {
        outputs_of(self.along.taps)
    }

    /// Outputs across that the largest part has.
    fn across(&self) -> usize {
        self.parts.iter().fold(0, |most, part| most.max(part.across.output))
    }

    /// The input positions across that some outputs cover: the first one, and how many.
    fn covered(&self, outputs: &Range<usize>) -> (isize, usize) {
        let covered = self.parts.iter().filter(|part| part.across.taps > 0);
        let ends = covered.map(|part| {
            let (first, count) = part.across.covered(outputs.clone());
            (first, first + count as isize)
        });
        let (first, end) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0, 0));
        (first, (end - first) as usize)
    }

    fn new_block(&self, tiles: Range<usize>, outputs: Range<usize>) -> Block {
        let (first, positions) = self.covered(&outputs);
        Block { tiles, outputs, first, positions }
    }

    /// Floats that [`compute`](Self::compute) needs.
    fn scratch(&self, block: &Block) -> usize {
        let Block { tiles, outputs, positions, .. } = block;
        self.channels + POINTS * tiles.len() * (positions * self.channels + outputs.len() * self.filters)
    }

    /// Computes a block; the pixel at (along, across) goes to `to` in `y`.
    fn compute(
        &self,
        image: &[f32],
        block: &Block,
        y: &mut [f32],
        to: impl Fn(usize, usize) -> usize,
        scratch: &mut [f32],
    ) {
        let Self { isa, along, channels, filters, .. } = *self;
        let (zeros, scratch) = scratch.split_at_mut(channels);
        let (points, sums) = scratch.split_at_mut(POINTS * block.tiles.len() * block.positions * channels);
        zeros.fill(0.0);
        self.transform(image, block, zeros, points);
        let step = exact::product(&[block.tiles.len(), block.outputs.len(), filters]);
        let sums = &mut sums[..exact::product(&[POINTS, step])];
        let Epilogue { bias, activation } = self.epilogue;
        assert!(bias.is_none_or(|bias| bias.len() == filters));
        let tile_len = self.tile();
        let writing = Output { taps: along.taps, filters, write: self.write, epilogue: self.epilogue };
        for part in self.parts {
            let existing = part.existing(&block.outputs);
            self.products(part, &existing, block, points, sums, step);
            let pixels = block.tiles.clone().flat_map(|tile| existing.clone().map(move |output| (tile, output)));
            for (index, (tile, output)) in pixels.enumerate() {
                let first = tile * tile_len;
                let count = tile_len.min(along.output - first);
                let across = part.first + output * part.step;
                let mut places = [std::ptr::null_mut(); MOST_OUTPUTS];
                for (row, place) in places.iter_mut().take(count).enumerate() {
                    let at = to(first + row, across);
                    *place = y[at..at + filters].as_mut_ptr();
                }
                // SAFETY: sum number p of this output is at `p * step`, and the last one ends within the sums; every place
                // was a slice of all filters just now, and the bias is as long.
                unsafe { tile_outputs(isa, sums[index * filters..].as_ptr(), step, &places[..count], &writing) }
                if !matches!(activation, Activation::Relu | Activation::Linear) {
                    for at in (0..count).map(|row| to(first + row, across)) {
                        apply_part(activation, &mut y[at..at + filters]);
                    }
                }
            }
        }
    }

    /// The points of a block, tile after tile for all positions across.
    fn transform(&self, image: &[f32], block: &Block, zeros: &[f32], points: &mut [f32]) {
        let Self { isa, along, channels, parts, steps, .. } = *self;
        let input = parts[0].across.input;
        let step = points.len() / POINTS;
        for index in 0..step / channels {
            let (tile, position) = (block.tiles.start + index / block.positions, index % block.positions);
            let begin = along.start + (tile * self.tile()) as isize;
            let across = block.first + position as isize;
            if across < 0 || across >= input as isize {
                for point in points.chunks_exact_mut(step) {
                    point[index * channels..][..channels].fill(0.0);
                }
                continue;
            }
            let pixels: [&[f32]; POINTS] = std::array::from_fn(|pixel| {
                let row = begin + pixel as isize;
                if row < 0 || row >= along.input as isize {
                    return zeros;
                }
                &image[row as usize * steps[0] + across as usize * steps[1]..][..channels]
            });
            // SAFETY: all pixels have as many floats as there are channels, whole vectors; point number p of this position is at
            // `p * step`, and the last one ends within the points.
            unsafe { pixel_points(isa, &pixels, points[index * channels..].as_mut_ptr(), step, isa.lanes()) }
        }
    }

    /// The products of all points of one part of a block: output number i of point p goes to `p * step + i * filters`.
    fn products(
        &self,
        part: &PhaseConvolution<'_>,
        outputs: &Range<usize>,
        block: &Block,
        points: &[f32],
        sums: &mut [f32],
        step: usize,
    ) {
        let Self { isa, channels, filters, .. } = *self;
        let Sweep { taps, start, stride, .. } = part.across;
        let inner = taps * channels;
        let begin = (start + (outputs.start * stride) as isize - block.first).max(0) as usize;
        let panel = isa.tile_columns().min(filters);
        let place = |index: usize| {
            let (tile, output) = (index / outputs.len(), index % outputs.len());
            (tile * block.positions + begin + output * stride) * channels
        };
        let count = block.tiles.len() * outputs.len();
        for filter in (0..filters).step_by(panel) {
            let width = panel.min(filters - filter);
            let product = Product::of_matrices(points, &part.weights[filter * POINTS * inner..], [inner, width]);
            let times = Times { count: POINTS, a: points.len() / POINTS, b: width * inner, c: step };
            let rows = (0..count).map(|index| (place(index), index * filters + filter));
            product.compute_times(isa, times, rows, sums);
        }
    }

    /// Computes images that begin so many floats apart, into outputs of this size.
    fn images(
        &self,
        n: usize,
        (x, image): (&[f32], usize),
        size: Size,
        y: Outputs<'_>,
        work: &mut AlignedBuffer,
        threads: bool,
    ) {
        let Self { direction, strides, .. } = *self;
        let (step, tile) = (self.parts[0].step, self.tile());
        let tiles = self.along.output.div_ceil(tile);
        let across = self.across();
        let bands = BANDS.div_ceil(n.max(1));
        let pieces = match direction {
            Along::Rows => across.div_ceil(ACROSS),
            Along::Columns => across.div_ceil(ACROSS).max(bands.min(across / FEWEST_ACROSS)),
        };
        // A line is cut into whole register tiles. Short lines are worked on together, if there are enough bands then.
        let piece = across.div_ceil(pieces.max(1)).max(1).next_multiple_of(ROWS).min(across.max(1));
        let together = match direction {
            Along::Rows => (ACROSS / piece).min(tiles.div_ceil(bands)).max(1),
            Along::Columns => (ACROSS / piece).clamp(1, tiles),
        };
        let band = match direction {
            Along::Rows => together * tile,
            Along::Columns => piece * step,
        };
        let memory = (work, self.scratch(&self.new_block(0..together, 0..piece)));
        for_each_band(threads, n, (size, strides), band, y, memory, &|sample, rows, y, scratch| {
            let image = &x[sample * image..];
            let to = |row: usize, column: usize| strides.at(0, row - rows.start, column);
            match direction {
                Along::Rows => {
                    for first in (0..across).step_by(piece) {
                        let tiles = rows.start / tile..rows.end.div_ceil(tile);
                        let block = self.new_block(tiles, first..across.min(first + piece));
                        self.compute(image, &block, y, to, scratch);
                    }
                }
                Along::Columns => {
                    for first in (0..tiles).step_by(together) {
                        let outputs = rows.start / step..rows.end.div_ceil(step);
                        let block = self.new_block(first..tiles.min(first + together), outputs);
                        self.compute(image, &block, y, |column, row| to(row, column), scratch);
                    }
                }
            }
        });
    }
}

/// Where the weights of a tap of (rows, columns) begin, of a kernel with so many weights for each tap.
fn tap_at(direction: Along, geometry: &Geometry, along: usize, across: usize) -> usize {
    let [row, column] = direction.order([along, across]);
    (row * geometry.columns.size + column) * geometry.inputs * geometry.outputs
}

/// `y = epilogue(x * kernel)`, written as `write` says, for a convolution that it [applies](applies()) to.
pub(crate) fn forward(
    direction: Along,
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    kernel: Portion<'_>,
    (y, write, epilogue): (Outputs<'_>, Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { inputs, outputs, image, result, .. } = *geometry;
    let window = geometry.window();
    let [along, across] = direction.order([window.rows, window.columns]);
    let Scratch { work, packs, .. } = scratch;
    let at = |tap_along, tap_across, channel| tap_at(direction, geometry, tap_along, tap_across) + channel * outputs;
    let len = weights_len(across.taps, inputs, outputs);
    let form = Form::WinogradLine { rows: direction == Along::Rows };
    let weights = packs.get(form, kernel, len, |weights| {
        transform_weights(isa, kernel.values(), [along.taps, across.taps, inputs, outputs], at, weights);
    });
    let lines = Lines {
        isa,
        direction,
        along,
        parts: &[PhaseConvolution { across, weights, first: 0, step: 1 }],
        channels: inputs,
        filters: outputs,
        write,
        epilogue,
        steps: direction.order([image.line, image.pixel]),
        strides: result,
    };
    let threads = geometry.pays(n);
    lines.images(n, (x, image.image), geometry.size(), y, work, threads);
}

/// `dx = epilogue(dy * kernel)`, transposed, written as `write` says, for a convolution that it [applies](applies()) to.
pub(crate) fn backward_input(
    direction: Along,
    geometry: &Geometry,
    n: usize,
    kernel: Portion<'_>,
    dy: &[f32],
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let isa = Isa::current();
    let Geometry { rows, columns, inputs, outputs, image, result } = *geometry;
    let [along, across] = direction.order([rows, columns]);
    let down = Phase::new(along, 0);
    let Scratch { work, packed, packs, .. } = scratch;
    let phases: [Phase; MOST_STRIDE] = std::array::from_fn(|first| Phase::new(across, first));
    let phases = &phases[..across.stride];
    let len = |phase: &Phase| weights_len(phase.sweep.taps, outputs, inputs);
    let form =
        Form::BackwardWinogradLine { rows: direction == Along::Rows, padding: across.padding, stride: across.stride };
    let mut weights = packs.get(form, kernel, phases.iter().map(len).sum(), |mut weights| {
        let transposed = packed.take(kernel.values().len());
        transpose_taps(kernel.values(), [inputs, outputs], transposed);
        for phase in phases {
            let (own, after) = weights.split_at_mut(len(phase));
            weights = after;
            let at = |tap_along: usize, tap_across: usize, output: usize| {
                tap_at(direction, geometry, down.tap(tap_along), phase.tap(tap_across)) + output * inputs
            };
            if !own.is_empty() {
                transform_weights(isa, transposed, [along.size, phase.sweep.taps, outputs, inputs], at, own);
            }
        }
    });
    let mut parts = [PhaseConvolution { across: phases[0].sweep, weights, first: 0, step: across.stride }; MOST_STRIDE];
    for (first, (part, phase)) in parts.iter_mut().zip(phases).enumerate() {
        let (own, after) = weights.split_at(len(phase));
        weights = after;
        *part = PhaseConvolution { across: phase.sweep, weights: own, first, ..*part };
    }
    let lines = Lines {
        isa,
        direction,
        along: down.sweep,
        parts: &parts[..across.stride],
        channels: outputs,
        filters: inputs,
        write,
        epilogue,
        steps: direction.order([result.line, result.pixel]),
        strides: image,
    };
    let threads = geometry.pays(n);
    lines.images(n, (dy, result.image), geometry.input_size(), dx.into(), work, threads);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::axis::Axis;

    #[test]
    fn what_it_applies_to() {
        let three = Axis { input: 20, output: 18, size: 3, stride: 1, dilation: 1, padding: 0 };
        let two_apart = Axis { output: 9, stride: 2, ..three };
        let of = |[rows, columns]: [Axis; 2], inputs: usize, outputs: usize| {
            let geometry = Geometry::dense([rows, columns], inputs, outputs);
            [Along::Rows, Along::Columns].map(|direction| applies(Isa::PORTABLE, &geometry, direction))
        };
        assert_eq!(of([three, two_apart], 16, 48), [true, false]);
        assert_eq!(of([two_apart, three], 16, 48), [false, true]);
        assert_eq!(of([three, three], 16, 48), [true, true]);
        let one = Axis { input: 1, output: 1, size: 1, stride: 1, dilation: 1, padding: 0 };
        for taps in 1..9 {
            let steps = Axis { input: 128 + taps - 1, output: 128, size: taps, stride: 1, dilation: 1, padding: 0 };
            assert_eq!(of([steps, one], 16, 16), [(3..8).contains(&taps), false], "{taps} taps");
            assert_eq!(of([steps, one], 8, 16), [false, false]);
            assert_eq!(of([Axis { stride: 2, ..steps }, one], 16, 16), [false, false]);
        }
        for (axes, inputs, outputs) in [
            ([three, two_apart], 3, 48),
            ([three, two_apart], 48, 17),
            ([two_apart, two_apart], 16, 16),
            ([three, Axis { output: 4, dilation: 2, ..two_apart }], 16, 16),
            ([Axis { output: 16, dilation: 2, ..three }, two_apart], 16, 16),
            ([three, Axis { output: 4, stride: 5, ..three }], 16, 16),
        ] {
            assert_eq!(of(axes, inputs, outputs), [false, false], "{axes:?}, {inputs} to {outputs}");
        }
    }
}
