//! The patch matrix of a convolution: a row for each output pixel, a column for each weight of a filter, in the order
//! of the kernel's axes `[height, width, in]`.
//!
//! Within a row of the kernel, the values that a pixel's window covers lie next to each other in a row of the image
//! (channels last), unless the window is dilated. So both directions work on runs of floats of such a line, and
//! padding is what lies before and after the line.

use std::ops::Range;

use super::conv2d::Geometry;

/// Consecutive columns of the patch matrix that lie next to each other in a line of the image.
struct Run {
    kernel_row: usize,
    /// First column, counted from the first that was asked for.
    column: usize,
    len: usize,
    /// Where it begins in the line, for an output at the left edge of the padded image.
    offset: usize,
}

/// The runs of a range of columns.
fn runs(geometry: &Geometry, columns: Range<usize>) -> impl Iterator<Item = Run> {
    let channels = geometry.inputs;
    let axis = geometry.columns;
    let kernel_row = axis.size * channels;
    let longest = if axis.dilation == 1 { kernel_row } else { channels };
    (columns.start / longest..columns.end.div_ceil(longest)).map(move |index| {
        let start = (index * longest).max(columns.start);
        let end = ((index + 1) * longest).min(columns.end);
        let within = start % kernel_row;
        Run {
            kernel_row: start / kernel_row,
            column: start - columns.start,
            len: end - start,
            offset: within / channels * axis.dilation * channels + within % channels,
        }
    })
}

impl Run {
    /// The part of the run of output column `output` that is inside the line, and where it begins in the line.
    fn inside(&self, geometry: &Geometry, output: usize) -> (Range<usize>, usize) {
        let axis = geometry.columns;
        let begin = output * axis.stride * geometry.inputs + self.offset;
        let padding = axis.padding * geometry.inputs;
        let line = axis.input * geometry.inputs;
        let start = padding.saturating_sub(begin).min(self.len);
        let end = (padding + line).saturating_sub(begin).clamp(start, self.len);
        if start == end { (start..start, 0) } else { (start..end, begin + start - padding) }
    }
}

/// Fills the patch matrix of some output rows, counted through all samples, restricted to some of its columns.
///
/// `patches` has the size `[rows * output width, columns]`.
pub(super) fn gather(geometry: &Geometry, x: &[f32], rows: Range<usize>, columns: Range<usize>, patches: &mut [f32]) {
    let width = columns.len();
    let line = geometry.columns.input * geometry.inputs;
    for run in runs(geometry, columns) {
        for (row, patches) in rows.clone().zip(patches.chunks_exact_mut(geometry.columns.output * width)) {
            let (sample, row) = (row / geometry.rows.output, row % geometry.rows.output);
            let source = geometry.rows.position(row, run.kernel_row);
            let source = source.map(|position| &x[(sample * geometry.rows.input + position) * line..][..line]);
            for (output, patch) in patches.chunks_exact_mut(width).enumerate() {
                let patch = &mut patch[run.column..run.column + run.len];
                let Some(source) = source else {
                    patch.fill(0.0);
                    continue;
                };
                let (inside, from) = run.inside(geometry, output);
                patch[..inside.start].fill(0.0);
                patch[inside.end..].fill(0.0);
                patch[inside.clone()].copy_from_slice(&source[from..from + inside.len()]);
            }
        }
    }
}

/// Adds a patch matrix's values to where they came from: the columns of one kernel row, for some output rows, counted
/// through all samples.
///
/// `dx` holds the rows `band` of the images of samples `first_sample` and following; the kernel row of every output row
/// lies within the band or outside the image.
pub(super) fn scatter_add(
    geometry: &Geometry,
    patches: &[f32],
    kernel_row: usize,
    rows: Range<usize>,
    (first_sample, band): (usize, Range<usize>),
    dx: &mut [f32],
) {
    let width = geometry.columns.size * geometry.inputs;
    let line = geometry.columns.input * geometry.inputs;
    for run in runs(geometry, kernel_row * width..(kernel_row + 1) * width) {
        for (row, patches) in rows.clone().zip(patches.chunks_exact(geometry.columns.output * width)) {
            let (sample, row) = (row / geometry.rows.output, row % geometry.rows.output);
            let Some(position) = geometry.rows.position(row, kernel_row) else { continue };
            let target = (sample - first_sample) * band.len() + position - band.start;
            let target = &mut dx[target * line..][..line];
            for (output, patch) in patches.chunks_exact(width).enumerate() {
                let (inside, to) = run.inside(geometry, output);
                let target = &mut target[to..to + inside.len()];
                let patch = &patch[run.column..run.column + run.len][inside];
                target.iter_mut().zip(patch).for_each(|(target, value)| *target += value);
            }
        }
    }
}
