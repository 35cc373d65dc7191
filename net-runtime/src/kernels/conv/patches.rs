//! Convolutions of few pixels and many weights, as dense layers: the patches that the window covers (im2col: Chellapilla, Puri and
//! Simard, High Performance Convolutional Neural Networks for Document Processing, 2006) are the rows of a matrix, which is small
//! beside the weights. These are most of what is read, once, where they lie: no form is made of them, which in training would be
//! written and read for one use. The gradient of the weights is a product of two small factors, which need not be written. Where pixels are
//! the rows of a matrix as they lie, nothing is copied, and there may be any number of them.

use super::geometry::Geometry;
use super::max_pooled::{self, Outputs, Upstream};
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::arithmetic::put_values;
use crate::kernels::gemm::dense;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::rows::RowsMut;
use crate::kernels::gemm::sizes::Sizes;
use crate::memory::packed::Portion;
use crate::memory::scratch::Scratch;
use crate::parallel;
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Pixels of all outputs together, at most.
const PIXELS: usize = 512;

/// Floats of all patches at most: they stay in a near cache.
const FLOATS: usize = 1 << 20;

/// Whether there are as few pixels as that.
pub(super) fn applies(geometry: &Geometry, n: usize) -> bool {
    let pixels = n.saturating_mul(geometry.rows.output).saturating_mul(geometry.columns.output);
    pixels <= PIXELS && pixels.saturating_mul(geometry.patch()) <= FLOATS
}

/// Sizes of the dense layer.
pub(super) fn sizes(geometry: &Geometry, n: usize) -> Sizes {
    let Geometry { rows, columns, outputs, .. } = *geometry;
    Sizes { rows: n * rows.output * columns.output, inputs: geometry.patch(), outputs }
}

/// Where a pixel of the outputs of all images begins.
fn place(geometry: &Geometry) -> impl Fn(usize) -> usize {
    let (Geometry { rows, columns, result, .. }, width) = (*geometry, geometry.columns.output);
    move |pixel| result.at(pixel / width / rows.output, pixel / width % rows.output, pixel % columns.output)
}

/// Floats of the copied patches of so many images.
fn copied(geometry: &Geometry, Sizes { rows, inputs, .. }: Sizes) -> usize {
    if geometry.pixels_are_patches() { 0 } else { rows * inputs }
}

/// The patches of all outputs, one after the other, with zeros where the window leaves the image.
fn gather<'a>(geometry: &Geometry, n: usize, x: &'a [f32], patches: &'a mut [f32]) -> &'a [f32] {
    let pixels = n * geometry.rows.output * geometry.columns.output;
    let patch = geometry.patch();
    if geometry.pixels_are_patches() {
        return &x[..pixels * patch];
    }
    let patches = &mut patches[..pixels * patch];
    parallel::for_each_rows(patches, patch, |first, patches| {
        for (index, patch) in patches.chunks_exact_mut(patch).enumerate() {
            copy_patch(geometry, x, first + index, patch);
        }
    });
    patches
}

/// The patch of one pixel of all outputs.
fn copy_patch(geometry: &Geometry, x: &[f32], pixel: usize, patch: &mut [f32]) {
    let Geometry { rows, columns, inputs, image, .. } = *geometry;
    let (line, column) = (pixel / columns.output, pixel % columns.output);
    let (sample, row, inside) = (line / rows.output, line % rows.output, columns.taps(column));
    for (tap, patch) in patch.chunks_exact_mut(columns.size * inputs).enumerate() {
        let place = rows.position(row, tap).zip(columns.position(column, inside.start));
        let Some((row, first)) = place else {
            patch.fill(0.0);
            continue;
        };
        let from = &x[image.at(sample, row, first)..];
        patch[..inside.start * inputs].fill(0.0);
        patch[inside.end * inputs..].fill(0.0);
        let patch = &mut patch[inside.start * inputs..inside.end * inputs];
        if columns.dilation == 1 && image.pixel == inputs {
            patch.copy_from_slice(&from[..patch.len()]);
        } else {
            let pixels = patch.chunks_exact_mut(inputs).zip(from.chunks(columns.dilation * image.pixel));
            pixels.for_each(|(pixel, from)| pixel.copy_from_slice(&from[..inputs]));
        }
    }
}

/// Floats of sums beside the gradient by the pixels of so many images.
fn sums_beside(geometry: &Geometry, n: usize, write: Store) -> usize {
    let Geometry { rows, columns, inputs, image, .. } = *geometry;
    if write == Store::Set && image.pixel == inputs { 0 } else { product(&[n, rows.input, columns.input, inputs]) }
}

/// Adds up the gradients by patches to those by the pixels that these are of.
fn scatter(
    geometry: &Geometry,
    n: usize,
    patches: &[f32],
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    sums: &mut [f32],
) {
    let Geometry { rows, columns, inputs, image, .. } = *geometry;
    let lines = n * rows.input;
    let start = |line: usize| image.at(line / rows.input, line % rows.input, 0);
    let threads = parallel::elements_pay(patches.len());
    let len = columns.input * inputs;
    let beside = if sums.is_empty() { 0 } else { len };
    // Short lines are no tasks by themselves.
    let group = (parallel::ELEMENTS / len.max(1)).max(1);
    let boundary = |part: usize| start(lines.min(part * group));
    parallel::for_each_part(threads, lines.div_ceil(group), &boundary, dx, (sums, beside), &|part, dx, sums| {
        let first = part * group;
        for line in first..lines.min(first + group) {
            let dx = &mut dx[start(line) - start(first)..];
            if beside == 0 {
                let dx = &mut dx[..len];
                add_up(geometry, patches, line, dx);
                epilogue.apply_rows(dx);
                continue;
            }
            add_up(geometry, patches, line, sums);
            for (column, sums) in sums.chunks_exact(inputs).enumerate() {
                let place = &mut dx[column * image.pixel..][..inputs];
                put_values(write, place, sums);
                epilogue.apply_rows(place);
            }
        }
    });
}

/// The sums of the gradients by patches for one line of all images.
fn add_up(geometry: &Geometry, patches: &[f32], line: usize, sums: &mut [f32]) {
    let Geometry { rows, columns, inputs, .. } = *geometry;
    sums.fill(0.0);
    let (sample, row) = (line / rows.input, line % rows.input);
    let output_rows = (0..rows.size).flat_map(|tap| rows.outputs(tap, row..row + 1).map(move |row| (tap, row)));
    for (tap, output_row) in output_rows {
        for column in 0..columns.output {
            let inside = columns.taps(column);
            let Some(first) = columns.position(column, inside.start) else { continue };
            let pixel = (sample * rows.output + output_row) * columns.output + column;
            let patch = &patches[((pixel * rows.size + tap) * columns.size + inside.start) * inputs..];
            let patch = &patch[..inside.len() * inputs];
            // Neighbours of a patch are neighbours of the image, unless the taps lie apart.
            let run = if columns.dilation == 1 { patch.len() } else { inputs };
            for (index, values) in patch.chunks_exact(run.max(1)).enumerate() {
                let place = (first + index * columns.dilation) * inputs;
                put_values(Store::Add, &mut sums[place..place + run], values);
            }
        }
    }
}

/// `y = epilogue(x * kernel)`, or with what is there.
pub(super) fn forward(
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    kernel: Portion<'_>,
    (y, write, epilogue): (Outputs<'_>, Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let (sizes, size) = (sizes(geometry, n), geometry.size());
    let (patches, results) = (copied(geometry, sizes), sizes.rows * sizes.outputs);
    let mut memory = std::mem::take(&mut scratch.patches);
    let (patches, whole) = memory.take(patches + results).split_at_mut(patches);
    let x = gather(geometry, n, x, patches);
    match y {
        Outputs::Whole(y) if write == Store::Set && geometry.results_follow() => {
            dense::forward(sizes, x.into(), kernel, epilogue, &mut y[..results], scratch);
        }
        Outputs::Whole(y) => {
            let sum = Epilogue { activation: Activation::Linear, ..epilogue };
            dense::forward(sizes, x.into(), kernel, sum, whole, scratch);
            for (pixel, values) in whole.chunks_exact(sizes.outputs).enumerate() {
                let y = &mut y[place(geometry)(pixel)..][..sizes.outputs];
                put_values(write, y, values);
                apply_part(epilogue.activation, y);
            }
        }
        Outputs::Pooled { y, choices } => {
            dense::forward(sizes, x.into(), kernel, epilogue, whole, scratch);
            max_pooled::pool_images(size, whole, y, choices);
        }
    }
    scratch.patches = memory;
}

/// `dx = epilogue(dy * kernel)`, transposed, or with what is there.
pub(super) fn backward_input(
    geometry: &Geometry,
    (n, dy): (usize, &[f32]),
    kernel: &[f32],
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let sizes = sizes(geometry, n);
    let upstream = if geometry.results_follow() { 0 } else { sizes.rows * sizes.outputs };
    let patches = copied(geometry, sizes);
    let mut memory = std::mem::take(&mut scratch.patches);
    let sums = if geometry.pixels_are_patches() { 0 } else { sums_beside(geometry, n, write) };
    let (upstream, rest) = memory.take(upstream + patches + sums).split_at_mut(upstream);
    let (patches, sums) = rest.split_at_mut(patches);
    let dy = rows_of(geometry, sizes, dy, upstream);
    if geometry.pixels_are_patches() {
        let dx = &mut dx[..sizes.rows * sizes.inputs];
        dense::backward_input(sizes, kernel, dy, RowsMut::from(&mut *dx), write, scratch);
        epilogue.apply_rows(dx);
    } else {
        dense::backward_input(sizes, kernel, dy, RowsMut::from(&mut *patches), Store::Set, scratch);
        scatter(geometry, n, patches, (dx, write, epilogue), sums);
    }
    scratch.patches = memory;
}

/// The gradients by all outputs, one row for each pixel.
fn rows_of<'a>(geometry: &Geometry, sizes: Sizes, dy: &'a [f32], memory: &'a mut [f32]) -> &'a [f32] {
    let Sizes { rows, outputs, .. } = sizes;
    if geometry.results_follow() {
        return &dy[..rows * outputs];
    }
    for (pixel, row) in memory.chunks_exact_mut(outputs).enumerate() {
        row.copy_from_slice(&dy[place(geometry)(pixel)..][..outputs]);
    }
    memory
}

/// Calls `work(sizes, patches, gradients by the outputs)` with the factors of the gradient of the weights, `patchesᵀ · dy`.
pub(super) fn factors(
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    dy: Upstream<'_>,
    scratch: &mut Scratch,
    work: impl FnOnce(Sizes, &[f32], &[f32], &mut Scratch),
) {
    let sizes = sizes(geometry, n);
    let patches = copied(geometry, sizes);
    let mut memory = std::mem::take(&mut scratch.patches);
    let (patches, upstream) = memory.take(patches + sizes.rows * sizes.outputs).split_at_mut(patches);
    let x = gather(geometry, n, x, patches);
    let dy = match dy {
        Upstream::Whole(dy) => rows_of(geometry, sizes, dy, upstream),
        Upstream::Pooled { .. } => dy.images((geometry.size(), geometry.result), 0..n, upstream),
    };
    work(sizes, x, dy, scratch);
    scratch.patches = memory;
}
