//! The gradient of a pooling by maximum, written where its input lies: each window is read, its largest value found, and the
//! window replaced. So nobody needs the output, and the input needs no second place. For windows that do not overlap.

use super::windows::Geometry;
use crate::kernels::axis::Axis;
use crate::kernels::simd::{Isa, Simd, dispatch};
use crate::parallel;
use crate::tensor::param::Store;

/// Channels that are worked on together.
const CHANNELS: usize = 64;

/// Whether no position lies in two windows, and each window in one plane.
pub(crate) fn fits(geometry: &Geometry) -> bool {
    let apart = |axis: Axis| axis.stride >= axis.size && axis.dilation == 1;
    let Axis { input, output, size, stride, .. } = geometry.planes;
    let planes_apart = input == output && [size, stride] == [1, 1];
    apart(geometry.rows) && apart(geometry.columns) && planes_apart && !geometry.adaptive
}

/// Replaces `x` by its gradient: that of a window goes to the first of its largest values, with [`Store::Mask`] only if that
/// is positive.
pub(crate) fn max_backward_in_place(geometry: &Geometry, n: usize, dy: &[f32], x: &mut [f32], store: Store) {
    assert!(
        fits(geometry) && store != Store::Add,
        "windows that overlap or have several planes have no gradient in place"
    );
    let (isa, rows, images) = (Isa::current(), geometry.rows, n * geometry.planes.input);
    let line = geometry.columns.input * geometry.channels;
    let threads = parallel::elements_pay(x.len());
    // A task owns the rows of a row of windows, and those that lie between them and the next.
    let first = |row: usize| match row {
        0 => 0,
        row => (row * rows.stride).saturating_sub(rows.padding).min(rows.input),
    };
    let boundary = |part: usize| (part / rows.output * rows.input + first(part % rows.output)) * line;
    let dy_line = geometry.columns.output * geometry.channels;
    parallel::for_each_part(threads, images * rows.output, &boundary, x, (&mut [], 0), &|part, x, _| {
        let row = part % rows.output;
        let taps = rows.taps(row);
        let top = row * rows.stride + taps.start - rows.padding - first(row);
        let (above, rest) = x.split_at_mut(top * line);
        let (windows, below) = rest.split_at_mut(taps.len() * line);
        above.fill(0.0);
        below.fill(0.0);
        let dy = &dy[part * dy_line..][..dy_line];
        // SAFETY: the kernel is safe code; the instruction set comes from `Isa::current`.
        unsafe { windows_of_a_row(isa, geometry, windows, dy, store == Store::Mask) }
    });
}

dispatch! {
    /// Replaces one row of windows, whose rows are all of `x`.
    unsafe fn windows_of_a_row(geometry: &Geometry, x: &mut [f32], dy: &[f32], mask: bool) = windows_of_a_row_generic
}

#[inline(always)]
unsafe fn windows_of_a_row_generic<S: Simd>(geometry: &Geometry, x: &mut [f32], dy: &[f32], mask: bool) {
    let Geometry { columns, channels, .. } = *geometry;
    let line = columns.input * channels;
    let mut done = 0;
    for (column, dy) in dy.chunks_exact(channels).enumerate() {
        let taps = columns.taps(column);
        let left = column * columns.stride + taps.start - columns.padding;
        for x in x.chunks_exact_mut(line) {
            x[done * channels..left * channels].fill(0.0);
        }
        done = left + taps.len();
        for channel in (0..channels).step_by(CHANNELS) {
            let len = CHANNELS.min(channels - channel);
            let (mut largest, mut rest) = ([f32::NEG_INFINITY; CHANNELS], [0.0; CHANNELS]);
            let (largest, rest) = (&mut largest[..len], &mut rest[..len]);
            let starts =
                |line_start: usize| (left..done).map(move |position| line_start + position * channels + channel);
            for at in (0..x.len()).step_by(line).flat_map(starts) {
                let pairs = largest.iter_mut().zip(&x[at..][..len]);
                pairs.for_each(|(largest, &x)| *largest = if x > *largest || x.is_nan() { x } else { *largest });
            }
            let values = largest.iter().zip(&dy[channel..][..len]);
            rest.iter_mut().zip(values).for_each(|(rest, (&y, &dy))| *rest = if y > 0.0 || !mask { dy } else { 0.0 });
            for at in (0..x.len()).step_by(line).flat_map(starts) {
                for ((x, &y), rest) in x[at..][..len].iter_mut().zip(&*largest).zip(&mut *rest) {
                    let found = *x == y || (x.is_nan() && y.is_nan());
                    // The sum with 0, as where windows overlap.
                    *x = if found { 0.0 + *rest } else { 0.0 };
                    *rest = if found { 0.0 } else { *rest };
                }
            }
        }
    }
    for x in x.chunks_exact_mut(line) {
        x[done * channels..].fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::max;
    use super::super::windows::axis;
    use super::*;
    use crate::tensor::param::Write;

    #[test]
    fn it_is_the_gradient_that_has_a_place_of_its_own() {
        let axes = [
            // input, output, size, stride, padding
            [6, 3, 2, 2, 0],
            [7, 3, 2, 2, 0],
            [7, 4, 2, 2, 0],
            [9, 2, 2, 5, 0],
            [8, 3, 3, 3, 1],
            [1, 1, 2, 2, 0],
        ];
        for (rows, columns) in axes.into_iter().flat_map(|rows| axes.map(|columns| (axis(rows), axis(columns)))) {
            for channels in [1, 3, 64, 70] {
                let geometry = Geometry { planes: Axis::SINGLE, rows, columns, channels, adaptive: false };
                let n = 2;
                // Few different values, so that some are equal; one NaN.
                let mut x: Vec<f32> = (0..n * geometry.input()).map(|i| ((i * i + i / 3) % 5) as f32 - 2.0).collect();
                x[3 * channels / 4] = f32::NAN;
                let dy: Vec<f32> = (0..n * geometry.output()).map(|i| (i % 7) as f32 - 3.0).collect();
                let mut y = vec![f32::NAN; n * geometry.output()];
                max::forward(&geometry, &x, &mut y);
                let mut dx = vec![f32::NAN; x.len()];
                max::backward(&geometry, &x, &y, &dy, &mut dx, Write::Set);
                let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                let mut place = x.clone();
                max_backward_in_place(&geometry, n, &dy, &mut place, Store::Set);
                assert_eq!(bits(&place), bits(&dx), "{geometry:?}");
                dx.iter_mut().zip(&x).for_each(|(dx, &x)| *dx = if x > 0.0 { *dx } else { 0.0 });
                max_backward_in_place(&geometry, n, &dy, &mut x, Store::Mask);
                assert_eq!(bits(&x), bits(&dx), "{geometry:?}, masked");
            }
        }
    }
}
