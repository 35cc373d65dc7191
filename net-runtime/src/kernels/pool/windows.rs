//! Pooling over windows of up to three axes, channels last.

use crate::kernels::axis::Axis;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::exact::product;
use crate::tensor::param::Write;

/// How far ahead inputs are asked for: a page, beyond which the processor does not look by itself.
const AHEAD: usize = 1024;

/// Everything a pooling's loops depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// Planes of a volume; single in an image.
    pub planes: Axis,
    /// Rows; single where there are steps alone.
    pub rows: Axis,
    /// Columns, or steps.
    pub columns: Axis,
    pub channels: usize,
    /// Whether windows cover the input in as many parts as there are outputs, instead of sliding over it.
    pub adaptive: bool,
}

/// The inputs of one output in a sample, without the padding.
#[derive(Clone, Copy)]
struct Window {
    /// Where the first one begins.
    first: usize,
    /// Planes, rows and columns.
    size: [usize; 3],
    /// Distance of two of its planes, of two rows, and of two neighbours in a row.
    steps: [usize; 3],
}

impl Window {
    fn len(self) -> usize {
        self.size.iter().product()
    }

    /// Where the last input begins.
    fn last(self) -> usize {
        self.first + (0..3).map(|axis| (self.size[axis] - 1) * self.steps[axis]).sum::<usize>()
    }
}

impl Geometry {
    /// Windows over samples whose shapes have the channels last, and before them at most three axes.
    ///
    /// # Panics
    ///
    /// As [`Axis::check`].
    pub fn new(input: &[usize], output: &[usize], size: &[usize], stride: &[usize], padding: &[usize]) -> Self {
        let mut axes = [Axis::SINGLE; 3];
        let absent = axes.len() - size.len();
        for (axis, place) in axes[absent..].iter_mut().enumerate() {
            *place = Axis {
                input: input[axis],
                output: output[axis],
                size: size[axis],
                stride: stride[axis],
                dilation: 1,
                padding: padding[axis],
            };
        }
        let [planes, rows, columns] = axes;
        let geometry = Self { planes, rows, columns, channels: input[size.len()], adaptive: false };
        geometry.check();
        geometry
    }

    /// Windows of nearly equal extents that cover all samples of these shapes, with the channels last.
    pub fn adaptive(input: &[usize], output: &[usize]) -> Self {
        let axes = input.len() - 1;
        let ones = [1; 3];
        Self { adaptive: true, ..Self::new(input, output, &ones[..axes], &ones[..axes], &[0; 3][..axes]) }
    }

    /// The first input of an output along an axis, without the padding, and how many there are.
    #[inline(always)]
    fn inputs(&self, axis: Axis, output: usize) -> (usize, usize) {
        if self.adaptive {
            let first = output * axis.input / axis.output;
            return (first, ((output + 1) * axis.input).div_ceil(axis.output) - first);
        }
        let taps = axis.taps(output);
        assert!(!taps.is_empty(), "every window has an input that is not padding");
        (output * axis.stride + taps.start * axis.dilation - axis.padding, taps.len())
    }

    fn output_row(&self) -> usize {
        self.columns.output * self.channels
    }

    /// Length of a sample of the output.
    pub fn output(&self) -> usize {
        product(&[self.planes.output, self.rows.output, self.columns.output, self.channels])
    }

    /// Length of a sample of the input.
    pub fn input(&self) -> usize {
        product(&[self.planes.input, self.rows.input, self.columns.input, self.channels])
    }

    /// Checks what positions and places of inputs are computed from.
    ///
    /// # Panics
    ///
    /// If they might wrap.
    fn check(&self) {
        for axis in [self.planes, self.rows, self.columns] {
            axis.check();
            let _ = product(&[axis.input, axis.output + 1]);
        }
        let _ = (self.input(), self.output());
    }

    /// The inputs of an output in a row of windows, of which rows are counted through all planes.
    #[inline(always)]
    fn window(&self, row: usize, column: usize) -> Window {
        let Self { planes, rows, columns, channels, .. } = *self;
        let outputs = [row / rows.output, row % rows.output, column];
        let line = columns.input * channels;
        let (mut first, mut size, mut steps) = (0, [0; 3], [rows.input * line, line, channels]);
        for (place, axis) in [planes, rows, columns].into_iter().enumerate() {
            let (start, len) = self.inputs(axis, outputs[place]);
            first += start * steps[place];
            size[place] = len;
            steps[place] *= axis.dilation;
        }
        Window { first, size, steps }
    }

    /// Calls `work(sample, row, y)` for every row of the output, counted through all planes.
    fn for_each_row(&self, y: &mut [f32], work: impl Fn(usize, usize, &mut [f32]) + Sync) {
        let rows = self.planes.output * self.rows.output;
        for_each_rows(y, self.output_row(), |first, y| {
            for (index, y) in y.chunks_exact_mut(self.output_row()).enumerate() {
                work((first + index) / rows, (first + index) % rows, y);
            }
        });
    }

    /// Calls `work(sample, dx)` for every sample.
    fn for_each_sample(&self, dx: &mut [f32], work: impl Fn(usize, &mut [f32]) + Sync) {
        for_each_rows(dx, self.input(), |first, dx| {
            for (index, dx) in dx.chunks_exact_mut(self.input()).enumerate() {
                work(first + index, dx);
            }
        });
    }

    /// Where the inputs of a row of windows and of those before it end in a sample.
    fn end(&self, row: usize) -> usize {
        let end = |axis: Axis, output: usize| {
            let (first, len) = self.inputs(axis, output);
            first + (len - 1) * axis.dilation + 1
        };
        let (plane, row) = (row / self.rows.output, row % self.rows.output);
        let rows = (end(self.planes, plane) - 1) * self.rows.input + end(self.rows, row);
        rows * self.columns.input * self.channels
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
        // SAFETY: the last input was checked. The usual sizes are constants, so that their loops are unrolled.
        unsafe {
            match window.size {
                [1, 2, 2] => max_pixel::<S>(Window { size: [1, 2, 2], ..window }, x.as_ptr(), y),
                [1, 3, 3] => max_pixel::<S>(Window { size: [1, 3, 3], ..window }, x.as_ptr(), y),
                _ => max_pixel::<S>(window, x.as_ptr(), y),
            }
        }
    }
}

#[inline(always)]
unsafe fn max_pixel<S: Simd>(window: Window, x: *const f32, y: &mut [f32]) {
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
                        // What is a NaN stays one.
                        largest = S::if_equal(largest, largest, S::max(largest, next), largest);
                    }
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
    geometry.for_each_sample(dx, |sample, dx| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        let [y, dy] = [y, dy].map(|all| &all[sample * geometry.output()..][..geometry.output()]);
        // SAFETY: whole samples, whose geometry was checked; this machine has the instruction set.
        unsafe { max_backward_sample(isa, geometry, x, y, dy, dx, write) };
    });
}

dispatch! {
    /// The gradient of one sample.
    unsafe fn max_backward_sample(
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
            // SAFETY: the last input was checked. The usual sizes are constants, so that their loops are unrolled.
            unsafe {
                match window.size {
                    [1, 2, 2] => max_backward_pixel::<S>(Window { size: [1, 2, 2], ..window }, x, y, dy, dx),
                    [1, 3, 3] => max_backward_pixel::<S>(Window { size: [1, 3, 3], ..window }, x, y, dy, dx),
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

/// The mean of each window, without the padding.
pub(crate) fn avg_forward(geometry: &Geometry, x: &[f32], y: &mut [f32]) {
    geometry.check();
    let isa = Isa::current();
    geometry.for_each_row(y, |sample, row, y| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        // SAFETY: a whole sample and a whole row of the output, whose geometry was checked; this machine has the instruction set.
        unsafe { avg_row(isa, geometry, row, x, y) };
    });
}

dispatch! {
    /// The means of one row of windows of a sample.
    unsafe fn avg_row(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) = avg_row_generic
}

#[inline(always)]
unsafe fn avg_row_generic<S: Simd>(geometry: &Geometry, row: usize, x: &[f32], y: &mut [f32]) {
    for (column, y) in y.chunks_exact_mut(geometry.channels).enumerate() {
        let window = geometry.window(row, column);
        assert!(window.last() + y.len() <= x.len(), "a window reaches beyond its sample");
        // SAFETY: the last input was checked. The usual size is a constant, so that its loops are unrolled.
        unsafe {
            match window.size {
                [1, 2, 2] => avg_pixel::<S>(Window { size: [1, 2, 2], ..window }, x.as_ptr(), y),
                _ => avg_pixel::<S>(window, x.as_ptr(), y),
            }
        }
    }
}

#[inline(always)]
unsafe fn avg_pixel<S: Simd>(window: Window, x: *const f32, y: &mut [f32]) {
    let Window { first, size: [planes, rows, columns], steps } = window;
    for at in (0..y.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `y`.
        unsafe {
            let x = x.add(first);
            let mut sum = S::splat(0.0);
            for plane in 0..planes {
                for row in 0..rows {
                    for column in 0..columns {
                        let from = x.add(plane * steps[0] + row * steps[1] + column * steps[2]);
                        S::prefetch(from.wrapping_add(AHEAD + at));
                        sum = S::add(sum, load_at::<S>(from, y.len(), at, S::splat(0.0)));
                    }
                }
            }
            store_at::<S>(y.as_mut_ptr(), y.len(), at, S::div(sum, S::splat(window.len() as f32)));
        }
    }
}

/// The gradient of a window, shared equally among its inputs.
pub(crate) fn avg_backward(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) {
    geometry.check();
    let isa = Isa::current();
    geometry.for_each_sample(dx, |sample, dx| {
        let dy = &dy[sample * geometry.output()..][..geometry.output()];
        // SAFETY: whole samples, whose geometry was checked; this machine has the instruction set.
        unsafe { avg_backward_sample(isa, geometry, dy, dx, write) };
    });
}

dispatch! {
    /// The gradient of one sample.
    unsafe fn avg_backward_sample(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) = avg_backward_generic
}

#[inline(always)]
unsafe fn avg_backward_generic<S: Simd>(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) {
    let channels = geometry.channels;
    let mut zeroed = 0;
    for (row, dy) in dy.chunks_exact(geometry.output_row()).enumerate() {
        if write == Write::Set {
            // Just before something is added there, so that it is still in the cache.
            let end = geometry.end(row).max(zeroed);
            dx[zeroed..end].fill(0.0);
            zeroed = end;
        }
        for (column, dy) in dy.chunks_exact(channels).enumerate() {
            let window = geometry.window(row, column);
            assert!(window.last() + channels <= dx.len(), "a window reaches beyond its sample");
            // SAFETY: the last input was checked. The usual size is a constant, so that its loops are unrolled.
            unsafe {
                match window.size {
                    [1, 2, 2] => avg_backward_pixel::<S>(Window { size: [1, 2, 2], ..window }, dy, dx),
                    _ => avg_backward_pixel::<S>(window, dy, dx),
                }
            }
        }
    }
    if write == Write::Set {
        dx[zeroed..].fill(0.0);
    }
}

#[inline(always)]
unsafe fn avg_backward_pixel<S: Simd>(window: Window, dy: &[f32], dx: &mut [f32]) {
    let Window { first, size: [planes, rows, columns], steps } = window;
    for at in (0..dy.len()).step_by(S::LANES) {
        // SAFETY: the caller has checked that the window's last input has as many channels as `dy`.
        unsafe {
            let (zero, dx) = (S::splat(0.0), dx.as_mut_ptr().add(first));
            let share = S::div(load_at::<S>(dy.as_ptr(), dy.len(), at, zero), S::splat(window.len() as f32));
            for plane in 0..planes {
                for row in 0..rows {
                    for column in 0..columns {
                        let to = dx.add(plane * steps[0] + row * steps[1] + column * steps[2]);
                        let sum = S::add(load_at::<S>(to, dy.len(), at, zero), share);
                        store_at::<S>(to, dy.len(), at, sum);
                    }
                }
            }
        }
    }
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
                    unsafe { max_backward_sample(isa, &geometry, &x, &y, &dy, &mut found, Write::Set) };
                    same(&found, &dx);
                    found.fill(2.0);
                    let added: Vec<_> = dx.iter().map(|dx| 2.0 + dx).collect();
                    // SAFETY: as above.
                    unsafe { max_backward_sample(isa, &geometry, &x, &y, &dy, &mut found, Write::Add) };
                    same(&found, &added);
                }
            }
        }
    }
}
