//! Two-dimensional convolution, channels last, as a product with the patch matrix ("im2col").
//!
//! This is where faster algorithms come in: layers know nothing but the three functions here.

use super::axis::Axis;
use super::epilogue::Epilogue;
use super::gemm::{beta, gemm, matrix, matrix_mut, parallel as parallel_gemm};
use super::parallel::{self, Tiles};
use super::patches;
use crate::{Scratch, Write};

/// Everything a convolution's loops depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub rows: Axis,
    pub columns: Axis,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
}

/// Floats of a block of the patch matrix, so that it stays in a core's share of the cache.
const BLOCK: usize = 384 << 10;

/// The same for the weights' gradient, where a block is read once and the product stays.
const WEIGHTS_BLOCK: usize = 64 << 10;

/// Pixels of a block of the patch matrix below which a product spends its time on packing the weights.
const FEWEST_PIXELS: usize = 96;

/// Blocks that a batch is cut into at least, if they do not become too small.
const BLOCKS: usize = 16;

/// Tasks at most: each has a block of its own in the scratch memory.
const TASKS: usize = 32;

/// Rows of the weights' gradient that one task owns.
const WEIGHTS_ROWS: usize = 96;

/// Tasks that the weights' gradient is cut into at least, and the fewest columns of one.
const WEIGHTS_TASKS: usize = 8;
const WEIGHTS_COLUMNS: usize = 32;

impl Geometry {
    /// Weights of one filter: the length of a row of the patch matrix.
    fn patch(&self) -> usize {
        self.rows.size * self.columns.size * self.inputs
    }

    /// Whether the patch matrix is the image itself: a 1x1 kernel that visits every pixel.
    fn is_pointwise(&self) -> bool {
        let plain = |axis: Axis| axis.size == 1 && axis.stride == 1 && axis.padding == 0 && axis.output == axis.input;
        plain(self.rows) && plain(self.columns)
    }

    /// Pixels of the output.
    fn pixels(&self) -> usize {
        self.rows.output * self.columns.output
    }

    fn multiply_adds(&self, n: usize) -> usize {
        n * self.pixels() * self.patch() * self.outputs
    }

    /// Output rows, counted through `n` samples, whose patches of `width` columns are made at once.
    fn block_rows(&self, n: usize, width: usize) -> usize {
        let most = BLOCK / (self.columns.output * width);
        let wanted = (n * self.rows.output).div_ceil(BLOCKS).max(FEWEST_PIXELS.div_ceil(self.columns.output));
        wanted.min(most).max(1)
    }
}

/// `y = epilogue(x * kernel)`.
pub(crate) fn forward(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    kernel: &[f32],
    epilogue: Epilogue,
    y: &mut [f32],
    scratch: &mut Scratch,
) {
    let (width, outputs) = (geometry.patch(), geometry.outputs);
    let weights = matrix(kernel, width, outputs);
    if geometry.is_pointwise() {
        let pixels = n * geometry.pixels();
        let x = matrix(x, pixels, width);
        return parallel_gemm(x, weights, Write::Set, matrix_mut(y, pixels, outputs), epilogue, scratch);
    }
    let rows = n * geometry.rows.output;
    let block = geometry.block_rows(n, width);
    let task = block * rows.div_ceil(block).div_ceil(TASKS);
    let tasks = rows.div_ceil(task.max(1));
    let pixels_of = |rows: usize| rows * geometry.columns.output;
    let chunk = pixels_of(block) * width;
    let boundary = |part: usize| pixels_of(rows.min(part * task)) * outputs;
    let threads = parallel::pays(geometry.multiply_adds(n));
    let scratch = (scratch.take(tasks * chunk), chunk);
    parallel::for_each_part(threads, tasks, &boundary, y, scratch, &|part, y, scratch| {
        for (index, y) in y.chunks_mut(pixels_of(block) * outputs).enumerate() {
            let first = part * task + index * block;
            let pixels = y.len() / outputs;
            let patches = &mut scratch[..pixels * width];
            patches::gather(geometry, x, first..first + pixels / geometry.columns.output, 0..width, patches);
            gemm(1.0, matrix(patches, pixels, width), weights, 0.0, matrix_mut(y, pixels, outputs));
            epilogue.apply_rows(y);
        }
    });
}

/// The part of the images that one task computes the gradient of: whole images, or a band of rows of one.
struct Bands {
    samples: usize,
    bands: usize,
    rows: usize,
}

impl Bands {
    fn new(geometry: &Geometry, n: usize) -> Self {
        let block = geometry.block_rows(n, geometry.columns.size * geometry.inputs);
        let height = geometry.rows.input;
        match block / geometry.rows.output {
            0 => {
                let rows = height.div_ceil(geometry.rows.output.div_ceil(block));
                Self { samples: 1, bands: height.div_ceil(rows), rows }
            }
            samples => Self { samples, bands: 1, rows: height },
        }
    }
}

/// `dx = dy * kernel`, transposed: for one row of the kernel after the other, the gradients of the patches are a
/// product, and are added to where the patches came from.
pub(crate) fn backward_input(
    geometry: &Geometry,
    n: usize,
    kernel: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    write: Write,
    scratch: &mut Scratch,
) {
    let outputs = geometry.outputs;
    if geometry.is_pointwise() {
        let pixels = n * geometry.pixels();
        let weights = matrix(kernel, geometry.inputs, outputs).reversed_axes();
        let (dy, dx) = (matrix(dy, pixels, outputs), matrix_mut(dx, pixels, geometry.inputs));
        return parallel_gemm(dy, weights, write, dx, Epilogue::NONE, scratch);
    }
    let width = geometry.columns.size * geometry.inputs;
    let line = geometry.columns.input * geometry.inputs;
    let height = geometry.rows.input;
    let Bands { samples, bands, rows } = Bands::new(geometry, n);
    let units = n.div_ceil(samples) * bands;
    let task = units.div_ceil(TASKS);
    let tasks = units.div_ceil(task.max(1));
    let place = |unit: usize| ((unit / bands * samples).min(n), unit % bands * rows);
    let start = |unit: usize| {
        let (sample, row) = place(unit);
        (sample * height + row) * line
    };
    let most_rows = (samples * geometry.rows.output).min(if bands == 1 { usize::MAX } else { rows });
    let chunk = most_rows * geometry.columns.output * width;
    let threads = parallel::pays(geometry.multiply_adds(n));
    let boundary = |part: usize| start(units.min(part * task));
    let scratch = (scratch.take(tasks * chunk), chunk);
    parallel::for_each_part(threads, tasks, &boundary, dx, scratch, &|part, dx, scratch| {
        let first = part * task;
        for unit in first..units.min(first + task) {
            let dx = &mut dx[start(unit) - start(first)..start(unit + 1) - start(first)];
            if write == Write::Set {
                dx.fill(0.0);
            }
            let (sample, row) = place(unit);
            let band = row..height.min(row + rows);
            for kernel_row in 0..geometry.rows.size {
                let inside = if bands == 1 {
                    let end = n.min(sample + samples);
                    sample * geometry.rows.output..end * geometry.rows.output
                } else {
                    let inside = geometry.rows.outputs(kernel_row, band.clone());
                    sample * geometry.rows.output + inside.start..sample * geometry.rows.output + inside.end
                };
                let pixels = inside.len() * geometry.columns.output;
                let patches = &mut scratch[..pixels * width];
                let weights = matrix(&kernel[kernel_row * width * outputs..], width, outputs).reversed_axes();
                let dy = matrix(&dy[inside.start * geometry.columns.output * outputs..], pixels, outputs);
                gemm(1.0, dy, weights, 0.0, matrix_mut(patches, pixels, width));
                patches::scatter_add(geometry, patches, kernel_row, inside, (sample, band.clone()), dx);
            }
        }
    });
}

/// The gradient of the kernel, `patches(x)ᵀ · dy`: a task owns a tile of it and goes through all samples in order.
pub(crate) fn backward_weights(
    geometry: &Geometry,
    n: usize,
    x: &[f32],
    dy: &[f32],
    gradient: &mut [f32],
    write: Write,
    scratch: &mut Scratch,
) {
    let (width, outputs) = (geometry.patch(), geometry.outputs);
    let gradient = matrix_mut(gradient, width, outputs);
    if geometry.is_pointwise() {
        let pixels = n * geometry.pixels();
        let x = matrix(x, pixels, width).reversed_axes();
        return parallel_gemm(x, matrix(dy, pixels, outputs), write, gradient, Epilogue::NONE, scratch);
    }
    let across = width.div_ceil(WEIGHTS_ROWS);
    let along = WEIGHTS_TASKS.div_ceil(across).min(outputs.div_ceil(WEIGHTS_COLUMNS));
    let tile = [width.div_ceil(across).next_multiple_of(8), outputs.div_ceil(along).next_multiple_of(8)];
    let tiles = Tiles { matrix: gradient, at: [0, 0], block: tile };
    let rows = n * geometry.rows.output;
    let block = (WEIGHTS_BLOCK / (geometry.columns.output * tile[0])).clamp(1, rows.max(1));
    let chunk = block * geometry.columns.output * tile[0];
    let scratch = (scratch.take(tiles.count() * chunk), chunk);
    let threads = parallel::pays(geometry.multiply_adds(n));
    tiles.for_each(threads, scratch, &|[row, column], mut tile, scratch| {
        if rows == 0 && write == Write::Set {
            tile.fill(0.0);
        }
        let patch = row..row + tile.nrows();
        for first in (0..rows).step_by(block) {
            let last = rows.min(first + block);
            let pixels = (last - first) * geometry.columns.output;
            let patches = &mut scratch[..pixels * patch.len()];
            patches::gather(geometry, x, first..last, patch.clone(), patches);
            let dy = matrix(&dy[first * geometry.columns.output * outputs..], pixels, outputs);
            let dy = dy.slice_move(ndarray::s![.., column..column + tile.ncols()]);
            let beta = if first == 0 { beta(write) } else { 1.0 };
            gemm(1.0, matrix(patches, pixels, patch.len()).reversed_axes(), dy, beta, tile.view_mut());
        }
    });
}
