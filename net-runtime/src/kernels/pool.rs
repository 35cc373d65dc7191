//! Pooling over windows and over whole images, channels last.

use super::axis::Axis;
use super::parallel::for_each_rows;
use super::reductions::column_sums;
use crate::{Store, Write};

/// Channels that are worked on together.
const CHANNELS: usize = 64;

/// Everything a pooling's loops depend on but the number of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub rows: Axis,
    pub columns: Axis,
    pub channels: usize,
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
        self.rows.output * self.output_row()
    }

    /// Length of a sample of the input.
    pub fn input(&self) -> usize {
        self.rows.input * self.columns.input * self.channels
    }

    /// Where the inputs of the window of output (row, column) begin in a sample, in row-major order.
    fn window(&self, row: usize, column: usize) -> impl Iterator<Item = usize> {
        let Self { rows, columns, channels } = *self;
        rows.taps(row).flat_map(move |down| {
            let line = (row * rows.stride + down * rows.dilation - rows.padding) * columns.input;
            columns.taps(column).map(move |right| {
                (line + column * columns.stride + right * columns.dilation - columns.padding) * channels
            })
        })
    }

    /// How many inputs a window has, without the padding.
    fn window_len(&self, row: usize, column: usize) -> usize {
        self.rows.taps(row).len() * self.columns.taps(column).len()
    }

    /// Calls `work(sample, row, column, y)` for every pixel of the output.
    fn for_each_pixel(&self, y: &mut [f32], work: impl Fn(usize, usize, usize, &mut [f32]) + Sync) {
        for_each_rows(y, self.output_row(), |first, y| {
            for (index, y) in y.chunks_exact_mut(self.output_row()).enumerate() {
                let (sample, row) = ((first + index) / self.rows.output, (first + index) % self.rows.output);
                for (column, y) in y.chunks_exact_mut(self.channels).enumerate() {
                    work(sample, row, column, y);
                }
            }
        });
    }

    /// Calls `work(sample, dx)` for every image, after zeroing it for [`Write::Set`].
    fn for_each_image(&self, dx: &mut [f32], write: Write, work: impl Fn(usize, &mut [f32]) + Sync) {
        for_each_rows(dx, self.input(), |first, dx| {
            for (index, dx) in dx.chunks_exact_mut(self.input()).enumerate() {
                if write == Write::Set {
                    dx.fill(0.0);
                }
                work(first + index, dx);
            }
        });
    }
}

/// The largest value of each window.
pub(crate) fn max_forward(geometry: &Geometry, x: &[f32], y: &mut [f32]) {
    geometry.for_each_pixel(y, |sample, row, column, y| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        let mut window = geometry.window(row, column);
        let first = window.next().expect("every window has an input that is not padding");
        y.copy_from_slice(&x[first..][..y.len()]);
        for start in window {
            let x = &x[start..][..y.len()];
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = if beats(x, *y) { x } else { *y });
        }
    });
}

/// The gradient of a window goes to the first of its inputs that equals the output.
pub(crate) fn max_backward(geometry: &Geometry, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    geometry.for_each_image(dx, write, |sample, dx| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        let pixels = geometry.rows.output * geometry.columns.output;
        for pixel in 0..pixels {
            let (row, column) = (pixel / geometry.columns.output, pixel % geometry.columns.output);
            let at = sample * geometry.output() + pixel * geometry.channels;
            for channel in (0..geometry.channels).step_by(CHANNELS) {
                let len = CHANNELS.min(geometry.channels - channel);
                let y = &y[at + channel..][..len];
                // What has not found its input yet.
                let mut rest = [0.0; CHANNELS];
                let rest = &mut rest[..len];
                rest.copy_from_slice(&dy[at + channel..][..len]);
                for start in geometry.window(row, column) {
                    let x = &x[start + channel..][..len];
                    let dx = &mut dx[start + channel..][..len];
                    for (((dx, rest), &x), &y) in dx.iter_mut().zip(&mut *rest).zip(x).zip(y) {
                        let found = is_largest(x, y);
                        *dx += if found { *rest } else { 0.0 };
                        *rest = if found { 0.0 } else { *rest };
                    }
                }
            }
        }
    });
}

/// The mean of each window, without the padding.
pub(crate) fn avg_forward(geometry: &Geometry, x: &[f32], y: &mut [f32]) {
    geometry.for_each_pixel(y, |sample, row, column, y| {
        let x = &x[sample * geometry.input()..][..geometry.input()];
        y.fill(0.0);
        for start in geometry.window(row, column) {
            let x = &x[start..][..y.len()];
            y.iter_mut().zip(x).for_each(|(y, x)| *y += x);
        }
        let count = geometry.window_len(row, column) as f32;
        y.iter_mut().for_each(|y| *y /= count);
    });
}

/// The gradient of a window, shared equally among its inputs.
pub(crate) fn avg_backward(geometry: &Geometry, dy: &[f32], dx: &mut [f32], write: Write) {
    geometry.for_each_image(dx, write, |sample, dx| {
        let dy = &dy[sample * geometry.output()..][..geometry.output()];
        for (pixel, dy) in dy.chunks_exact(geometry.channels).enumerate() {
            let (row, column) = (pixel / geometry.columns.output, pixel % geometry.columns.output);
            let count = geometry.window_len(row, column) as f32;
            for start in geometry.window(row, column) {
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
                super::elementwise::put(store, dx, dy.iter().map(|dy| dy / pixels as f32));
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
                    super::elementwise::put(write, &mut dx[channel..], values);
                }
            }
        }
    });
}
