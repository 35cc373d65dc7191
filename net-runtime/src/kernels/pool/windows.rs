//! Pooling over windows and over whole images, channels last.

use crate::kernels::axis::Axis;
use crate::kernels::reduce::reductions::column_sums;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::exact::product;
use crate::tensor::param::{Store, Write};

/// Channels that are worked on together, where they are counted.
const CHANNELS: usize = 64;

/// How far ahead inputs are asked for: a page, beyond which the processor does not look by itself.
const AHEAD: usize = 1024;

/// Everything a pooling's loops depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub rows: Axis,
    pub columns: Axis,
    pub channels: usize,
}

/// The inputs of one output in a sample, without the padding.
#[derive(Clone, Copy)]
struct Window {
    /// Where the first one begins.
    first: usize,
    rows: usize,
    columns: usize,
    /// Distance of two of its rows, and of two neighbours in a row.
    steps: [usize; 2],
}

impl Window {
    /// Where the inputs begin, in row-major order.
    fn starts(self) -> impl Iterator<Item = usize> {
        let Self { first, rows, columns, steps } = self;
        (0..rows).flat_map(move |row| (0..columns).map(move |column| first + row * steps[0] + column * steps[1]))
    }

    fn len(self) -> usize {
        self.rows * self.columns
    }

    /// Where the last input begins.
    fn last(self) -> usize {
        self.first + (self.rows - 1) * self.steps[0] + (self.columns - 1) * self.steps[1]
    }
}

/// Whether `x` takes the place of the largest value so far: if it is larger, or a NaN, which stays.
fn beats(x: f32, largest: f32) -> bool {
    x > largest || x.is_nan()
}

/// Whether `x` is the largest value `y`, NaN being equal to NaN.
fn is_largest(x: f32, y: f32) -> bool {
    x == y || (x.is_nan() && y.is_nan())
}

impl Geometry {
    fn output_row(&self) -> usize {
        self.columns.output * self.channels
    }

    /// Length of a sample of the output.
    pub fn output(&self) -> usize {
        product(&[self.rows.output, self.columns.output, self.channels])
    }

    /// Length of a sample of the input.
    pub fn input(&self) -> usize {
        product(&[self.rows.input, self.columns.input, self.channels])
    }

    /// Checks what positions and places of inputs are computed from.
    ///
    /// # Panics
    ///
    /// If they might wrap.
    fn check(&self) {
        [self.rows, self.columns].into_iter().for_each(Axis::check);
        let _ = (self.input(), self.output());
    }

    /// The inputs of output (row, column).
    #[inline(always)]
    fn window(&self, row: usize, column: usize) -> Window {
        let (down, right) = (self.rows.taps(row), self.columns.taps(column));
        let at = |axis: Axis, output: usize, tap: usize| output * axis.stride + tap * axis.dilation - axis.padding;
        let line = self.columns.input * self.channels;
        assert!(!down.is_empty() && !right.is_empty(), "every window has an input that is not padding");
        Window {
            first: at(self.rows, row, down.start) * line + at(self.columns, column, right.start) * self.channels,
            rows: down.len(),
            columns: right.len(),
            steps: [self.rows.dilation * line, self.columns.dilation * self.channels],
        }
    }

    /// Calls `work(sample, row, y)` for every row of the output.
    fn for_each_row(&self, y: &mut [f32], work: impl Fn(usize, usize, &mut [f32]) + Sync) {
        for_each_rows(y, self.output_row(), |first, y| {
            for (index, y) in y.chunks_exact_mut(self.output_row()).enumerate() {
                work((first + index) / self.rows.output, (first + index) % self.rows.output, y);
            }
        });
    }

    /// Calls `work(sample, dx)` for every image.
    fn for_each_image(&self, dx: &mut [f32], work: impl Fn(usize, &mut [f32]) + Sync) {
        for_each_rows(dx, self.input(), |first, dx| {
            for (index, dx) in dx.chunks_exact_mut(self.input()).enumerate() {
                work(first + index, dx);
            }
        });
    }

    /// Where the inputs of a row of windows end in a sample.
    fn end(&self, row: usize) -> usize {
        let Axis { stride, dilation, padding, .. } = self.rows;
        let last = self.rows.taps(row).end - 1;
        (row * stride + last * dilation + 1 - padding) * self.columns.input * self.channels
    }
}

/// The largest value of each window.
pub(crate) fn max_forward(geometry: &Geometry, x: &[f32], y: &mut [f32]) {
    geometry.check();
    let isa = Isa::current();
    geometry.for_each_row(y, |sample, row, y| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        // SAFETY: a whole sample and a whole row of the output, whose geometry was checked; this machine has the instruction set.
        unsafe { max_row(isa, geometry, row, x, y) };
    });
}

dispatch! {
    /// The largest values of one row of windows of a sample.
    unsafe fn max_row(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) = max_row_generic
}

#[inline(always)]
unsafe fn max_row_generic<S: Simd>(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) {
    for (column, y) in y.chunks_exact_mut(geometry.channels).enumerate() {
        let window = geometry.window(row, column);
        assert!(window.last() + y.len() <= x.len(), "a window reaches beyond its sample");
        // SAFETY: the last input was checked. The usual size is a constant, so that its loops are unrolled.
        unsafe {
            match (window.rows, window.columns) {
                (2, 2) => max_pixel::<S>(Window { rows: 2, columns: 2, ..window }, x.as_ptr(), y),
                _ => max_pixel::<S>(window, x.as_ptr(), y),
            }
        }
    }
}

#[inline(always)]
unsafe fn max_pixel<S: Simd>(window: Window, x: *const f32, y: &mut [f32]) {
    let Window { first, rows, columns, steps } = window;
    for at in (0..y.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `y`.
        unsafe {
            let x = x.add(first);
            let mut largest = load_at::<S>(x, y.len(), at, S::splat(0.0));
            for row in 0..rows {
                for column in 0..columns {
                    let from = x.add(row * steps[0] + column * steps[1]);
                    S::prefetch(from.wrapping_add(AHEAD + at));
                    let next = load_at::<S>(from, y.len(), at, S::splat(0.0));
                    // What is a NaN stays one.
                    largest = S::if_equal(largest, largest, S::max(largest, next), largest);
                }
            }
            store_at::<S>(y.as_mut_ptr(), y.len(), at, largest);
        }
    }
}

/// The gradient of a window goes to the first of its inputs that equals the output.
pub(crate) fn max_backward(geometry: &Geometry, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    geometry.check();
    let isa = Isa::current();
    geometry.for_each_image(dx, |sample, dx| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        let [y, dy] = [y, dy].map(|all| &all[sample * geometry.output()..][..geometry.output()]);
        // SAFETY: whole samples, whose geometry was checked; this machine has the instruction set.
        unsafe { max_backward_image(isa, geometry, x, y, dy, dx, write) };
    });
}

dispatch! {
    /// The gradient of one sample.
    unsafe fn max_backward_image(
        geometry: &Geometry,
        x: &[f32],
        y: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
    ) = max_backward_generic
}

#[inline(always)]
unsafe fn max_backward_generic<S: Simd>(
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
            let end = geometry.end(row).max(zeroed);
            dx[zeroed..end].fill(0.0);
            zeroed = end;
        }
        for (column, (y, dy)) in y.chunks_exact(channels).zip(dy.chunks_exact(channels)).enumerate() {
            let window = geometry.window(row, column);
            assert!(window.last() + channels <= x.len() && x.len() == dx.len(), "a window reaches beyond its sample");
            // SAFETY: the last input was checked. The usual size is a constant, so that its loops are unrolled.
            unsafe {
                match (window.rows, window.columns) {
                    (2, 2) => max_backward_pixel::<S>(Window { rows: 2, columns: 2, ..window }, x, y, dy, dx),
                    _ => max_backward_pixel::<S>(window, x, y, dy, dx),
                }
            }
        }
    }
    if write == Write::Set {
        dx[zeroed..].fill(0.0);
    }
}

#[inline(always)]
unsafe fn max_backward_pixel<S: Simd>(window: Window, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let Window { first, rows, columns, steps } = window;
    // SAFETY: the caller has the instruction set.
    let zero = unsafe { S::splat(0.0) };
    for at in (0..y.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `y`.
        unsafe {
            let (x, dx) = (x.as_ptr().add(first), dx.as_mut_ptr().add(first));
            let largest = load_at::<S>(y.as_ptr(), y.len(), at, zero);
            // What has not found its input yet.
            let mut rest = load_at::<S>(dy.as_ptr(), y.len(), at, zero);
            for row in 0..rows {
                for column in 0..columns {
                    let from = row * steps[0] + column * steps[1];
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

/// The mean of each window, without the padding.
pub(crate) fn avg_forward(geometry: &Geometry, x: &[f32], y: &mut [f32]) {
    geometry.for_each_row(y, |sample, row, y| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        for (column, y) in y.chunks_exact_mut(geometry.channels).enumerate() {
            let window = geometry.window(row, column);
            y.fill(0.0);
            for start in window.starts() {
                let x = &x[start..][..y.len()];
                y.iter_mut().zip(x).for_each(|(y, x)| *y += x);
            }
            let count = window.len() as f32;
            y.iter_mut().for_each(|y| *y /= count);
        }
    });
}

/// The gradient of a window, shared equally among its inputs.
pub(crate) fn avg_backward(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) {
    geometry.for_each_image(dx, |sample, dx| {
        if write == Write::Set {
            dx.fill(0.0);
        }
        let dy = &dy[sample * geometry.output()..][..geometry.output()];
        for (pixel, dy) in dy.chunks_exact(geometry.channels).enumerate() {
            let window = geometry.window(pixel / geometry.columns.output, pixel % geometry.columns.output);
            let count = window.len() as f32;
            for start in window.starts() {
                let dx = &mut dx[start..][..dy.len()];
                dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += dy / count);
            }
        }
    });
}

/// The mean of every channel of an image of `pixels` pixels.
pub(crate) fn global_avg_forward(pixels: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    let image = pixels * channels;
    for_each_rows(y, channels, |first, y| {
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            column_sums(&x[(first + index) * image..][..image], y, Write::Set);
            y.iter_mut().for_each(|y| *y /= pixels as f32);
        }
    });
}

/// Every pixel gets an equal share of its channel's gradient.
pub(crate) fn global_avg_backward(pixels: usize, channels: usize, dy: &[f32], dx: &mut [f32], store: Store) {
    for_each_rows(dx, pixels * channels, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(pixels * channels).enumerate() {
            let dy = &dy[(first + index) * channels..][..channels];
            for dx in dx.chunks_exact_mut(channels) {
                crate::kernels::elementwise::arithmetic::put(store, dx, dy.iter().map(|dy| dy / pixels as f32));
            }
        }
    });
}

/// The largest value of every channel of an image of `pixels` pixels.
pub(crate) fn global_max_forward(pixels: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    let image = pixels * channels;
    for_each_rows(y, channels, |first, y| {
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            let (first, others) = x[(first + index) * image..][..image].split_at(channels);
            y.copy_from_slice(first);
            for x in others.chunks_exact(channels) {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = if beats(x, *y) { x } else { *y });
            }
        }
    });
}

/// The pixels that hold their channel's largest value share its gradient equally.
pub(crate) fn global_max_backward(
    (pixels, channels): (usize, usize),
    x: &[f32],
    y: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    write: Write,
) {
    let image = pixels * channels;
    for_each_rows(dx, image, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(image).enumerate() {
            let x = &x[(first + index) * image..][..image];
            let at = (first + index) * channels;
            for channel in (0..channels).step_by(CHANNELS) {
                let len = CHANNELS.min(channels - channel);
                let (y, dy) = (&y[at + channel..][..len], &dy[at + channel..][..len]);
                let mut share = [0.0; CHANNELS];
                let share = &mut share[..len];
                for x in x.chunks_exact(channels) {
                    let pairs = x[channel..].iter().zip(y);
                    share.iter_mut().zip(pairs).for_each(|(count, (&x, &y))| *count += f32::from(is_largest(x, y)));
                }
                share.iter_mut().zip(dy).for_each(|(share, dy)| *share = dy / *share);
                for (dx, x) in dx.chunks_exact_mut(channels).zip(x.chunks_exact(channels)) {
                    let values = x[channel..].iter().zip(y).zip(&*share);
                    let values = values.map(|((&x, &y), &share)| if is_largest(x, y) { share } else { 0.0 });
                    crate::kernels::elementwise::arithmetic::put(write, &mut dx[channel..], values);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooling_is_right_on_every_instruction_set() {
        // input, output, size, stride, padding
        let axes =
            [[6, 3, 2, 2, 0], [7, 4, 2, 2, 0], [7, 5, 3, 1, 0], [5, 5, 3, 1, 1], [9, 2, 2, 5, 0], [1, 1, 2, 2, 0]];
        let axis = |[input, output, size, stride, padding]: [usize; 5]| Axis {
            input,
            output,
            size,
            stride,
            dilation: 1,
            padding,
        };
        for (rows, columns) in axes.into_iter().flat_map(|rows| axes.map(|columns| (axis(rows), axis(columns)))) {
            for channels in [1, 3, 16, 21, 70] {
                let geometry = Geometry { rows, columns, channels };
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
                let same = |a: &[f32], b: &[f32]| {
                    assert!(
                        a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan())),
                        "{geometry:?}: {a:?} for {b:?}"
                    );
                };
                for isa in Isa::available() {
                    let mut found = vec![-1.0; y.len()];
                    for (row, found) in found.chunks_exact_mut(geometry.output_row()).enumerate() {
                        // SAFETY: a whole sample; the instruction set comes from `Isa::available`.
                        unsafe { max_row(isa, &geometry, row, &x, found) };
                    }
                    same(&found, &y);
                    let mut found = vec![f32::NAN; x.len()];
                    // SAFETY: as above.
                    unsafe { max_backward_image(isa, &geometry, &x, &y, &dy, &mut found, Write::Set) };
                    same(&found, &dx);
                    found.fill(2.0);
                    let added: Vec<_> = dx.iter().map(|dx| 2.0 + dx).collect();
                    // SAFETY: as above.
                    unsafe { max_backward_image(isa, &geometry, &x, &y, &dy, &mut found, Write::Add) };
                    same(&found, &added);
                }
            }
        }
    }
}
