//! One value for each channel of all places of a sample, channels last.

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::reduce::reductions::column_sums;
use crate::parallel::for_each_rows;
use crate::tensor::param::{Store, Write};

/// Channels that are worked on together, where they are counted.
const CHANNELS: usize = 64;

/// Whether `x` takes the place of the largest value so far: if it is larger, or a NaN, which stays.
fn beats(x: f32, largest: f32) -> bool {
    x > largest || x.is_nan()
}

/// Whether `x` is the largest value `y`, NaN being equal to NaN.
fn is_largest(x: f32, y: f32) -> bool {
    x == y || (x.is_nan() && y.is_nan())
}

/// The mean of every channel of `places` places.
pub(crate) fn avg_forward(places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    let sample = places * channels;
    for_each_rows(y, channels, |first, y| {
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            column_sums(&x[(first + index) * sample..][..sample], y, Write::Set);
            y.iter_mut().for_each(|y| *y /= places as f32);
        }
    });
}

/// Every place gets an equal share of its channel's gradient.
pub(crate) fn avg_backward(places: usize, channels: usize, dy: &[f32], dx: &mut [f32], store: Store) {
    for_each_rows(dx, places * channels, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(places * channels).enumerate() {
            let dy = &dy[(first + index) * channels..][..channels];
            for dx in dx.chunks_exact_mut(channels) {
                put(store, dx, dy.iter().map(|dy| dy / places as f32));
            }
        }
    });
}

/// The largest value of every channel of `places` places.
pub(crate) fn max_forward(places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    let sample = places * channels;
    for_each_rows(y, channels, |first, y| {
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            let (first, others) = x[(first + index) * sample..][..sample].split_at(channels);
            y.copy_from_slice(first);
            for x in others.chunks_exact(channels) {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = if beats(x, *y) { x } else { *y });
            }
        }
    });
}

/// The places that hold their channel's largest value share its gradient equally.
pub(crate) fn max_backward(
    (places, channels): (usize, usize),
    x: &[f32],
    y: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    write: Write,
) {
    let sample = places * channels;
    for_each_rows(dx, sample, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(sample).enumerate() {
            let x = &x[(first + index) * sample..][..sample];
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
                    put(write, &mut dx[channel..], values);
                }
            }
        }
    });
}
