//! The largest value of each window.

use super::windows::{AHEAD, Geometry, Window};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::tensor::param::Write;

/// The largest value of each window.
pub(crate) fn forward(geometry: &Geometry, x: &[f32], y: &mut [f32]) {
    let isa = Isa::current();
    geometry.for_each_row(x, y, |x, row, y| {
        // SAFETY: a whole sample and a whole row of the output, whose geometry was checked; this machine has the instruction set.
        unsafe { forward_row(isa, geometry, row, x, y) };
    });
}

dispatch! {
    /// The largest values of one row of windows of a sample.
    unsafe fn forward_row(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) = forward_row_generic
}

/// Inputs of a row whose largest values over a window's height are kept at once.
const WIDEST: usize = 64;

#[inline(always)]
unsafe fn forward_row_generic<S: Simd>(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) {
    if is_by_axes(geometry) {
        // SAFETY: the caller has the instruction set.
        return unsafe { forward_row_by_axes::<S>(geometry, row, x, y) };
    }
    for (column, y) in y.chunks_exact_mut(geometry.channels).enumerate() {
        let window = geometry.window(row, column);
        assert!(window.last() + y.len() <= x.len(), "a window reaches beyond its sample");
        // SAFETY: the last input was checked. The usual sizes are constants, so that their loops are unrolled.
        unsafe {
            match window.size {
                [1, 2, 2] => forward_pixel::<S>(Window { size: [1, 2, 2], ..window }, x.as_ptr(), y),
                [1, 3, 3] => forward_pixel::<S>(Window { size: [1, 3, 3], ..window }, x.as_ptr(), y),
                _ => forward_pixel::<S>(window, x.as_ptr(), y),
            }
        }
    }
}

/// Whether the largest values over the height of windows, which neighbours share, are found first: each input is read once for all windows
/// of a row. Where that halves what is read at least: those of three by three, whose loops are unrolled, gain nothing.
fn is_by_axes(geometry: &Geometry) -> bool {
    let Geometry { planes, rows, columns, adaptive, .. } = *geometry;
    let height = planes.size.saturating_mul(rows.size);
    let shared = height.saturating_mul(columns.stride).saturating_add(columns.size);
    !adaptive
        && (2..=WIDEST).contains(&columns.size)
        && columns.dilation == 1
        && 2 * shared < height.saturating_mul(columns.size)
}

/// The same for the height of windows first, and then for their width.
#[inline(always)]
unsafe fn forward_row_by_axes<S: Simd>(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) {
    let Geometry { columns, channels, .. } = *geometry;
    let Window { first, size: [planes, rows, _], steps } = geometry.window(row, 0);
    let begin = first - geometry.inputs(columns, 0).0 * channels;
    let last = (planes - 1) * steps[0] + (rows - 1) * steps[1] + (columns.input - 1) * channels;
    assert!(begin + last + channels <= x.len(), "a window reaches beyond its sample");
    // SAFETY: the caller has the instruction set.
    let mut tops = [unsafe { S::splat(0.0) }; WIDEST];
    let outputs = (WIDEST - columns.size) / columns.stride + 1;
    for (part, y) in y.chunks_mut(outputs * channels).enumerate() {
        let inputs = |output: usize| geometry.inputs(columns, part * outputs + output);
        let (start, (end, len)) = (inputs(0).0, inputs(y.len() / channels - 1));
        for at in (0..channels).step_by(S::LANES) {
            for (column, top) in (start..end + len).zip(&mut tops) {
                // SAFETY: the last input of the row of windows was checked.
                unsafe {
                    let x = x.as_ptr().add(begin + column * channels);
                    let mut largest = load_at::<S>(x, channels, at, S::splat(0.0));
                    for plane in 0..planes {
                        for row in 0..rows {
                            let from = x.add(plane * steps[0] + row * steps[1]);
                            largest = larger::<S>(largest, load_at::<S>(from, channels, at, S::splat(0.0)));
                        }
                    }
                    *top = largest;
                }
            }
            for (output, y) in y.chunks_exact_mut(channels).enumerate() {
                let (first, len) = inputs(output);
                let tops = &tops[first - start..][..len];
                // SAFETY: an output has all channels.
                unsafe {
                    let mut largest = tops[0];
                    for top in &tops[1..] {
                        largest = larger::<S>(largest, *top);
                    }
                    store_at::<S>(y.as_mut_ptr(), channels, at, largest);
                }
            }
        }
    }
}

/// The larger one of two values; what is a NaN stays one.
#[inline(always)]
unsafe fn larger<S: Simd>(largest: S::Vector, next: S::Vector) -> S::Vector {
    // SAFETY: the caller has the instruction set.
    unsafe { S::if_equal(largest, largest, S::max(largest, next), largest) }
}

#[inline(always)]
unsafe fn forward_pixel<S: Simd>(window: Window, x: *const f32, y: &mut [f32]) {
    let Window { first, size: [planes, rows, columns], steps } = window;
    for at in (0..y.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `y`.
        unsafe {
            let x = x.add(first);
            let mut largest = load_at::<S>(x, y.len(), at, S::splat(0.0));
            for plane in 0..planes {
                for row in 0..rows {
                    for column in 0..columns {
                        let from = x.add(plane * steps[0] + row * steps[1] + column * steps[2]);
                        S::prefetch(from.wrapping_add(AHEAD + at));
                        let next = load_at::<S>(from, y.len(), at, S::splat(0.0));
                        largest = larger::<S>(largest, next);
                    }
                }
            }
            store_at::<S>(y.as_mut_ptr(), y.len(), at, largest);
        }
    }
}

/// The gradient of a window goes to the first of its inputs that equals the output.
pub(crate) fn backward(geometry: &Geometry, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    let isa = Isa::current();
    geometry.for_each_sample(dx, |sample, dx| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        let [y, dy] = [y, dy].map(|all| &all[sample * geometry.output()..][..geometry.output()]);
        // SAFETY: whole samples, whose geometry was checked; this machine has the instruction set.
        unsafe { backward_sample(isa, geometry, x, y, dy, dx, write) };
    });
}

dispatch! {
    /// The gradient of one sample.
    unsafe fn backward_sample(
        geometry: &Geometry,
        x: &[f32],
        y: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
    ) = backward_generic
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>(
    geometry: &Geometry,
    x: &[f32],
    y: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    write: Write,
) {
    let channels = geometry.channels;
    let mut zeroed = 0;
    let rows = y.chunks_exact(geometry.output_row()).zip(dy.chunks_exact(geometry.output_row()));
    for (row, (y, dy)) in rows.enumerate() {
        if write == Write::Set {
            // Just before something is added there, so that it is still in the cache.
            zeroed = geometry.zero(row, zeroed, dx);
        }
        for (column, (y, dy)) in y.chunks_exact(channels).zip(dy.chunks_exact(channels)).enumerate() {
            let window = geometry.window(row, column);
            assert!(window.last() + channels <= x.len() && x.len() == dx.len(), "a window reaches beyond its sample");
            // SAFETY: the last input was checked. The usual sizes are constants, so that their loops are unrolled.
            unsafe {
                match window.size {
                    [1, 2, 2] => backward_pixel::<S>(Window { size: [1, 2, 2], ..window }, x, y, dy, dx),
                    [1, 3, 3] => backward_pixel::<S>(Window { size: [1, 3, 3], ..window }, x, y, dy, dx),
                    _ => backward_pixel::<S>(window, x, y, dy, dx),
                }
            }
        }
    }
    if write == Write::Set {
        dx[zeroed..].fill(0.0);
    }
}

#[inline(always)]
unsafe fn backward_pixel<S: Simd>(window: Window, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let Window { first, size: [planes, rows, columns], steps } = window;
    // SAFETY: the caller has the instruction set.
    let zero = unsafe { S::splat(0.0) };
    for at in (0..y.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `y`.
        unsafe {
            let (x, dx) = (x.as_ptr().add(first), dx.as_mut_ptr().add(first));
            let largest = load_at::<S>(y.as_ptr(), y.len(), at, zero);
            // What has not found its input yet.
            let mut rest = load_at::<S>(dy.as_ptr(), y.len(), at, zero);
            for plane in 0..planes {
                for row in 0..rows {
                    for column in 0..columns {
                        let from = plane * steps[0] + row * steps[1] + column * steps[2];
                        S::prefetch(x.wrapping_add(from + AHEAD + at));
                        let value = load_at::<S>(x.add(from), y.len(), at, zero);
                        // Equal, or both a NaN.
                        let (if_nan, left_if_nan) =
                            (S::if_equal(value, value, zero, rest), S::if_equal(value, value, rest, zero));
                        let found = S::if_equal(largest, largest, zero, if_nan);
                        let left = S::if_equal(largest, largest, rest, left_if_nan);
                        let found = S::if_equal(value, largest, rest, found);
                        rest = S::if_equal(value, largest, zero, left);
                        let sum = S::add(load_at::<S>(dx.add(from), y.len(), at, zero), found);
                        store_at::<S>(dx.add(from), y.len(), at, sum);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::windows::axis;
    use super::*;
    use crate::kernels::axis::Axis;

    #[test]
    fn pooling_is_right_on_every_instruction_set() {
        // input, output, size, stride, padding
        let axes = [
            [6, 3, 2, 2, 0],
            [7, 4, 2, 2, 0],
            [7, 5, 3, 1, 0],
            [5, 5, 3, 1, 1],
            [9, 2, 2, 5, 0],
            [1, 1, 2, 2, 0],
            [70, 70, 5, 1, 2],
            [67, 34, 7, 2, 3],
        ];
        for (rows, columns) in axes.into_iter().flat_map(|rows| axes.map(|columns| (axis(rows), axis(columns)))) {
            for channels in [1, 3, 16, 21, 70] {
                let geometry = Geometry { planes: Axis::SINGLE, rows, columns, channels, adaptive: false };
                // Few different values, so that some are equal, and some NaNs; infinite gradients stay where they belong.
                let mut x: Vec<f32> = (0..geometry.input()).map(|i| ((i * i + i / 3) % 5) as f32 - 2.0).collect();
                x.iter_mut().step_by(37).for_each(|x| *x = f32::NAN);
                let mut dy: Vec<f32> = (0..geometry.output()).map(|i| (i % 7) as f32 - 3.0).collect();
                dy[0] = f32::INFINITY;
                let (mut y, mut dx) = (vec![0.0; geometry.output()], vec![0.0_f32; geometry.input()]);
                for output in 0..geometry.output() {
                    let (pixel, channel) = (output / channels, output % channels);
                    let (row, column) = (pixel / columns.output, pixel % columns.output);
                    let taps = (0..rows.size).flat_map(|down| (0..columns.size).map(move |right| (down, right)));
                    let inputs = taps.filter_map(|(down, right)| {
                        let (row, column) = (rows.position(row, down)?, columns.position(column, right)?);
                        Some((row * columns.input + column) * channels + channel)
                    });
                    let best = inputs.reduce(|best, input| {
                        let better = x[input] > x[best] || (x[input].is_nan() && !x[best].is_nan());
                        if better { input } else { best }
                    });
                    let best = best.unwrap();
                    y[output] = x[best];
                    dx[best] += dy[output];
                }
                let same = |found: &[f32], wanted: &[f32]| {
                    let is_same = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
                    let other = found.iter().zip(wanted).position(|pair| !is_same(pair));
                    assert!(other.is_none(), "{geometry:?}: place {other:?} is wrong");
                };
                for isa in Isa::available() {
                    let mut found = vec![-1.0; y.len()];
                    for (row, found) in found.chunks_exact_mut(geometry.output_row()).enumerate() {
                        // SAFETY: a whole sample; the instruction set comes from `Isa::available`.
                        unsafe { forward_row(isa, &geometry, row, &x, found) };
                    }
                    same(&found, &y);
                    let mut found = vec![f32::NAN; x.len()];
                    // SAFETY: as above.
                    unsafe { backward_sample(isa, &geometry, &x, &y, &dy, &mut found, Write::Set) };
                    same(&found, &dx);
                    found.fill(2.0);
                    let added: Vec<_> = dx.iter().map(|dx| 2.0 + dx).collect();
                    // SAFETY: as above.
                    unsafe { backward_sample(isa, &geometry, &x, &y, &dy, &mut found, Write::Add) };
                    same(&found, &added);
                }
            }
        }
    }
}
