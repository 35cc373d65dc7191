//! Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015): 4x4
//! outputs of a 3x3 convolution from 36 multiplications instead of 144, at the price of sums before and after.
//!
//! A tile of 6x6 pixels becomes 36 points, `Bᵀ d B`; each point is a matrix product over channels, tile by tile, with the
//! kernel's point `G g Gᵀ`; the 36 products of a tile become 4x4 pixels, `Aᵀ m A`. Channels are innermost everywhere, so
//! that the transforms work on vectors of channels. Groups of tiles are small enough that their points stay in the cache.

#![expect(clippy::needless_range_loop, reason = "indices are rows and columns of registers, not places in a list")]

use std::ops::Range;

use super::outputs::{Output, tile_pixels, tile_pools};
use super::sizes::{POINTS, TILE, end_of_points, panel_start, pitch, six_by_six, weights_len};
use crate::kernels::axis::Strides;
use crate::kernels::conv::max_pooled::{SIDE, pooled_strides};
use crate::kernels::conv::sweep::{Sweep, Window};
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::microkernel::Product;
use crate::kernels::gemm::product::Times;
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::parallel;
use crate::tensor::activation::Activation;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Tiles of a longer row that are worked on together at most: halves of it would read the weights twice.
const LARGEST_GROUP: usize = 48;

/// What one transformed weight costs, in multiply-adds.
const WEIGHT: usize = 8;

/// A convolution of images with transformed weights.
#[derive(Clone, Copy)]
pub(crate) struct Winograd<'a> {
    isa: Isa,
    /// The window, with outputs for whole tiles.
    window: Window,
    /// Pixels that exist.
    size: [usize; 2],
    weights: &'a [f32],
    filters: usize,
    write: Store,
    epilogue: Epilogue<'a>,
    /// How the pixels that are written lie.
    strides: Strides,
}

/// Transforms weights: that of tap (row, column), channel and filter is at `at(row, column, channel) + filter`. The points of
/// a panel of filters lie together, as the products ask for them one after another.
pub(crate) fn transform_weights(
    isa: Isa,
    weights: &[f32],
    [channels, filters]: [usize; 2],
    at: impl Fn(usize, usize, usize) -> usize + Sync,
    transformed: &mut [f32],
) {
    let (tile, transformed) = (isa.tile_columns(), &mut transformed[..weights_len(isa, channels, filters)]);
    let threads = parallel::pays(transformed.len() * WEIGHT);
    let boundary = |part: usize| panel_start(isa, part, channels, filters);
    parallel::for_each_part(
        threads,
        filters.div_ceil(tile),
        &boundary,
        transformed,
        (&mut [], 0),
        &|part, panel, _| {
            let first = part * tile;
            let width = tile.min(filters - first);
            let step = pitch(exact::product(&[channels, width]));
            assert!(panel.len() >= end_of_points(step, channels * width));
            for channel in 0..channels {
                let taps: [&[f32]; 9] =
                    std::array::from_fn(|tap| &weights[at(tap / 3, tap % 3, channel) + first..][..width]);
                let points = &mut panel[channel * width..];
                // SAFETY: every tap has `width` floats, a multiple of a vector; point number p of them is at `p * step`, and
                // the last one of the last channel ends within the panel, as checked above.
                unsafe { kernel_points(isa, &taps, width, points.as_mut_ptr(), step) }
            }
        },
    );
}

impl<'a> Winograd<'a> {
    pub fn new(
        isa: Isa,
        window: Window,
        weights: &'a [f32],
        filters: usize,
        write: Store,
        epilogue: Epilogue<'a>,
    ) -> Self {
        let size = [window.rows.output, window.columns.output];
        let whole = |sweep: Sweep| Sweep { output: sweep.output.next_multiple_of(TILE), ..sweep };
        let window = Window { rows: whole(window.rows), columns: whole(window.columns), ..window };
        let strides = Strides::contiguous([size[0], size[1], filters]);
        Self { isa, window, size, weights, filters, write, epilogue, strides }
    }

    /// The same with pixels that lie otherwise.
    pub fn into(self, strides: Strides) -> Self {
        Self { strides, ..self }
    }

    /// How the pixels that are written lie.
    pub fn strides(&self) -> Strides {
        self.strides
    }

    fn panel(&self) -> usize {
        self.isa.tile_columns().min(self.filters)
    }

    /// Tiles of so many rows of them that are worked on together.
    fn group(&self, rows: usize) -> usize {
        let tiles = rows * self.window.columns.output / TILE;
        tiles.div_ceil(tiles.div_ceil(LARGEST_GROUP).max(1))
    }

    /// Floats that [`band`](Self::band) needs for so many rows of tiles.
    pub fn scratch(&self, rows: usize) -> usize {
        let tiles = self.group(rows);
        POINTS * (pitch(tiles * self.window.channels) + pitch(tiles * self.panel()))
            + self.window.scratch_of_part(TILE, TILE)
    }

    /// Computes some rows of tiles of an image, whose pixels begin `y`, or all rows of several.
    pub fn band(&self, images: (&[f32], usize), tile_rows: Range<usize>, y: &mut [f32], scratch: &mut [f32]) {
        let Self { isa, size: [height, width], filters, strides, .. } = *self;
        let rows = TILE * tile_rows.start..height.min(TILE * tile_rows.end);
        self.tiles(images, tile_rows, scratch, &mut |[sample, row, column], (filter, panel), sums, step| {
            let exists = [TILE.min(rows.len() - row), TILE.min(width - column)];
            let output = Output { step, strides, exists, epilogue: self.epilogue_of(filter, panel), panel };
            let y = &mut y[strides.at(sample, row, column) + filter..];
            assert!(output.end() <= y.len() && end_of_points(step, panel) <= sums.len());
            // SAFETY: the sums of point p of this tile are at `p * step`, the last ones end within the group's; every pixel
            // that exists has `panel` floats, the last one ends within `y`; both as just checked.
            unsafe { tile_pixels(isa, sums.as_ptr(), y.as_mut_ptr(), &output, self.write) }
        });
        if !matches!(self.epilogue.activation, Activation::Relu | Activation::Linear) {
            // A line of pixels side by side at once.
            let (columns, len) = if strides.pixel == filters { (1, width * filters) } else { (width, filters) };
            let places = (0..images.1).flat_map(|sample| (0..rows.len()).map(move |row| (sample, row)));
            for (sample, row) in places {
                for column in 0..columns {
                    apply_part(self.epilogue.activation, &mut y[strides.at(sample, row, column)..][..len]);
                }
            }
        }
    }

    /// The same, of which the largest value of each 2x2 pixels goes to `y`, and which one that was to `choices`.
    pub fn pooled_band(
        &self,
        images: (&[f32], usize),
        tile_rows: Range<usize>,
        (y, mut choices): (&mut [f32], Option<&mut [u8]>),
        scratch: &mut [f32],
    ) {
        let Self { isa, size: [height, width], filters, .. } = *self;
        let strides = pooled_strides([height, width, filters]);
        let [pooled_height, pooled_width] =
            [height.min(TILE * tile_rows.end) - TILE * tile_rows.start, width].map(|len| len / SIDE);
        self.tiles(images, tile_rows, scratch, &mut |[sample, row, column], (filter, panel), sums, step| {
            let [row, column] = [row, column].map(|place| place / SIDE);
            let left = [pooled_height.saturating_sub(row), pooled_width.saturating_sub(column)];
            let exists = left.map(|left| left.min(TILE / SIDE));
            if exists.contains(&0) {
                return;
            }
            let output = Output { step, strides, exists, epilogue: self.epilogue_of(filter, panel), panel };
            let place = strides.at(sample, row, column) + filter;
            let (y, choices) = (&mut y[place..], choices.as_deref_mut().map(|choices| &mut choices[place..]));
            assert!(output.end() <= y.len() && end_of_points(step, panel) <= sums.len());
            assert!(choices.as_deref().is_none_or(|choices| output.end() <= choices.len()));
            let choices = choices.map(|choices| choices.as_mut_ptr());
            // SAFETY: as for pixels; there is a choice for each of them, if there are any.
            unsafe { tile_pools(isa, sums.as_ptr(), y.as_mut_ptr(), choices, &output) }
        });
    }

    /// The epilogue of a panel of filters.
    fn epilogue_of(&self, filter: usize, panel: usize) -> Epilogue<'a> {
        Epilogue { bias: self.epilogue.bias.map(|bias| &bias[filter..filter + panel]), ..self.epilogue }
    }

    /// Calls `write([image, row, column] in these rows, (first filter, number of filters), sums, their step)` for every tile of some
    /// rows of an image, or of all rows of several, and every panel of filters.
    fn tiles(
        &self,
        (images, n): (&[f32], usize),
        tile_rows: Range<usize>,
        scratch: &mut [f32],
        write: &mut impl FnMut([usize; 3], (usize, usize), &[f32], usize),
    ) {
        let Self { isa, window, filters, .. } = *self;
        let channels = window.channels;
        let across = window.columns.output / TILE;
        let tiles_of_image = tile_rows.len() * across;
        let tiles = n * tiles_of_image;
        let group = self.group(n * tile_rows.len());
        let place = |tile: usize| (tile / tiles_of_image, tile % tiles_of_image / across, tile % across);
        let [point, sum] = [channels, self.panel()].map(|len| pitch(exact::product(&[group, len])));
        let (points, scratch) = scratch.split_at_mut(POINTS * point);
        let (sums, scratch) = scratch.split_at_mut(POINTS * sum);
        for first in (0..tiles).step_by(group) {
            let count = group.min(tiles - first);
            for index in 0..count {
                let (sample, row, column) = place(first + index);
                let (image, row) = (&images[sample * window.strides.image..], tile_rows.start + row);
                let (rows, columns) = (row * TILE..(row + 1) * TILE, column * TILE..(column + 1) * TILE);
                // Only tiles at the border are copied, with zeros around.
                let (corner, line) = window.part(image, rows, columns, scratch);
                assert!(corner.len() >= six_by_six(line, channels));
                let points = &mut points[index * channels..];
                assert!(points.len() >= end_of_points(point, channels));
                // SAFETY: six lines of six pixels begin at the corner; point number p of this tile is at `p * point`, and the
                // last one ends within the points of the group; both as just checked.
                unsafe {
                    tile_points(isa, corner.as_ptr(), line, channels, points.as_mut_ptr(), [point, isa.lanes()]);
                }
            }
            for filter in (0..filters).step_by(self.panel()) {
                let panel = self.panel().min(filters - filter);
                self.products((points, point), count, filter, panel, (sums, sum));
                for index in 0..count {
                    let (sample, row, column) = place(first + index);
                    write([sample, row * TILE, column * TILE], (filter, panel), &sums[index * panel..], sum);
                }
            }
        }
    }

    /// The products of all points for one panel of filters.
    fn products(
        &self,
        (points, point_pitch): (&[f32], usize),
        count: usize,
        filter: usize,
        panel: usize,
        (sums, sum_pitch): (&mut [f32], usize),
    ) {
        let channels = self.window.channels;
        let weights = &self.weights[panel_start(self.isa, filter / self.isa.tile_columns(), channels, self.filters)..];
        let product = Product::of_matrices(points, weights, [channels, panel]);
        let times = Times { count: POINTS, a: point_pitch, b: pitch(channels * panel), c: sum_pitch };
        product.compute_times(self.isa, times, (0..count).map(|tile| (tile * channels, tile * panel)), sums);
    }
}

dispatch! {
    /// `Bᵀ d B` of 6x6 pixels, for all channels: the points are so far apart, and so are the vectors of a point.
    pub(crate) unsafe fn tile_points(
        corner: *const f32,
        line: usize,
        channels: usize,
        points: *mut f32,
        distances: [usize; 2],
    ) = tile_points_generic
}

#[inline(always)]
unsafe fn tile_points_generic<S: Simd>(
    corner: *const f32,
    line: usize,
    channels: usize,
    mut points: *mut f32,
    [step, vector]: [usize; 2],
) {
    let mut channel = 0;
    while channel < channels {
        // SAFETY: the caller has six lines of six pixels, and places for 36 points.
        unsafe {
            let mut half = [[S::splat(0.0); 6]; 6];
            for column in 0..6 {
                let pixel = corner.add(column * channels + channel);
                let mut d = [S::splat(0.0); 6];
                for (row, d) in d.iter_mut().enumerate() {
                    // What the next tile does not share with this one.
                    if column >= 2 {
                        S::prefetch(pixel.wrapping_add(row * line + 4 * channels));
                    }
                    *d = S::load(pixel.add(row * line));
                }
                half[column] = input_points::<S>(d);
            }
            for row in 0..6 {
                let mut d = [S::splat(0.0); 6];
                for column in 0..6 {
                    d[column] = half[column][row];
                }
                let v = input_points::<S>(d);
                for (column, v) in v.into_iter().enumerate() {
                    S::store(points.add((row * 6 + column) * step), v);
                }
            }
        }
        points = points.wrapping_add(vector);
        channel += S::LANES;
    }
}

/// `Bᵀ d` of six values.
#[inline(always)]
unsafe fn input_points<S: Simd>(d: [S::Vector; 6]) -> [S::Vector; 6] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (two, four, minus_four, minus_five) = (S::splat(2.0), S::splat(4.0), S::splat(-4.0), S::splat(-5.0));
        let even = S::mul_add(minus_four, d[2], d[4]);
        let odd = S::mul_add(minus_four, d[1], d[3]);
        let near = S::sub(d[4], d[2]);
        let far = S::mul(two, S::sub(d[3], d[1]));
        [
            S::mul_add(four, d[0], S::mul_add(minus_five, d[2], d[4])),
            S::add(even, odd),
            S::sub(even, odd),
            S::add(near, far),
            S::sub(near, far),
            S::mul_add(four, d[1], S::mul_add(minus_five, d[3], d[5])),
        ]
    }
}

dispatch! {
    /// `G g Gᵀ` of 3x3 taps, for all filters of a panel.
    unsafe fn kernel_points(taps: &[&[f32]; 9], width: usize, points: *mut f32, step: usize) = kernel_points_generic
}

#[inline(always)]
unsafe fn kernel_points_generic<S: Simd>(taps: &[&[f32]; 9], width: usize, points: *mut f32, step: usize) {
    let mut filter = 0;
    while filter < width {
        // SAFETY: the caller has nine taps of `width` floats, and places for 36 points.
        unsafe {
            let mut half = [[S::splat(0.0); 6]; 3];
            for column in 0..3 {
                let tap = |row: usize| S::load(taps[row * 3 + column].as_ptr().add(filter));
                half[column] = filter_points::<S>([tap(0), tap(1), tap(2)]);
            }
            for row in 0..6 {
                let u = filter_points::<S>([half[0][row], half[1][row], half[2][row]]);
                for (column, u) in u.into_iter().enumerate() {
                    S::store(points.add((row * 6 + column) * step + filter), u);
                }
            }
        }
        filter += S::LANES;
    }
}

/// `G g` of three values.
#[inline(always)]
unsafe fn filter_points<S: Simd>(g: [S::Vector; 3]) -> [S::Vector; 6] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let (sixth, twelfth) = (S::splat(1.0 / 6.0), S::splat(1.0 / 12.0));
        let outer = S::mul(S::splat(-1.0 / 6.0), S::add(g[0], g[2]));
        let middle = S::mul(sixth, g[1]);
        let wide = S::mul_add(S::splat(1.0 / 24.0), g[0], S::mul(sixth, g[2]));
        let half = S::mul(twelfth, g[1]);
        [
            S::mul(S::splat(0.25), g[0]),
            S::sub(outer, middle),
            S::add(outer, middle),
            S::add(wide, half),
            S::sub(wide, half),
            g[2],
        ]
    }
}
