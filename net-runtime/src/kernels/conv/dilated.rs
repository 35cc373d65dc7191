//! Convolutions with a dilation as several without: outputs that are so far apart as the taps read pixels that are, too. Both are images, whose
//! pixels lie farther apart, so that Winograd's algorithms serve them.

use super::choice::Task;
use super::geometry::Geometry;
use crate::kernels::axis::{Axis, Strides};
use crate::memory::scratch::Scratch;
use crate::tensor::exact::product;

/// One of those convolutions.
#[derive(Clone, Copy)]
pub(super) struct Phase {
    pub geometry: Geometry,
    /// Where its pixels begin in the input, and in the result.
    pub input: usize,
    pub result: usize,
}

/// The outputs of an axis from one on that are a dilation apart, and the positions that their taps are at: the first ones, and how they follow
/// from each other.
fn of_axis(axis: Axis, first: usize) -> (Axis, [usize; 2]) {
    let Axis { input, output, size, dilation, padding, .. } = axis;
    // Output q * dilation + first has tap k at (q + k) * dilation + first - padding.
    let begin = first as isize - padding as isize;
    let (position, padding) = (begin.rem_euclid(dilation as isize) as usize, -begin.div_euclid(dilation as isize));
    let count = |len: usize, first: usize| (len - first).div_ceil(dilation);
    let phase = Axis {
        input: count(input, position),
        output: count(output, first),
        size,
        stride: 1,
        dilation: 1,
        padding: padding as usize,
    };
    (phase, [position, first])
}

fn apart(strides: Strides, [down, across]: [usize; 2]) -> Strides {
    Strides { pixel: product(&[strides.pixel, across]), line: product(&[strides.line, down]), ..strides }
}

/// All of them.
fn phases(geometry: &Geometry) -> impl Iterator<Item = Phase> {
    let Geometry { rows, columns, image, result, .. } = *geometry;
    let distances = [rows.dilation, columns.dilation];
    let (image_apart, result_apart) = (apart(image, distances), apart(result, distances));
    (0..rows.dilation).flat_map(move |row| {
        (0..columns.dilation).map(move |column| {
            let (rows, [input_row, _]) = of_axis(rows, row);
            let (columns, [input_column, _]) = of_axis(columns, column);
            Phase {
                geometry: Geometry { rows, columns, image: image_apart, result: result_apart, ..*geometry },
                input: image.at(0, input_row, input_column),
                result: result.at(0, row, column),
            }
        })
    })
}

/// The convolutions that take less time than the one of this task, by what is estimated of both.
pub(super) fn cheaper<'a>(task: Task<'a>, scratch: &Scratch) -> Option<impl Iterator<Item = Phase> + use<'a>> {
    let Geometry { rows, columns, .. } = *task.geometry;
    let is_wide = |axis: Axis| axis.stride == 1 && axis.dilation <= axis.input.min(axis.output);
    if (rows.dilation, columns.dilation) == (1, 1) || !is_wide(rows) || !is_wide(columns) || task.n == 0 {
        return None;
    }
    let count = product(&[rows.dilation, columns.dilation]);
    // The first has as many pixels as any.
    let first = phases(task.geometry).next()?;
    let (algorithm, cost) = Task { geometry: &first.geometry, ..task }.best(scratch);
    let pays = !algorithm.is_by_definition() && count as f64 * cost < task.best(scratch).1;
    pays.then(|| phases(task.geometry))
}
