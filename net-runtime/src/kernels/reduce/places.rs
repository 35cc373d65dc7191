//! One value for each channel of all places of a sample, channels last.

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::reduce::reductions::column_sums;
use crate::parallel::for_each_rows;
use crate::tensor::param::{Store, Write};

/// Channels that are worked on together, where they are counted.
const CHANNELS: usize = 64;

/// Whether `x` is the value `y`, NaN being equal to NaN.
fn is_it(x: f32, y: f32) -> bool {
    x == y || (x.is_nan() && y.is_nan())
}

/// Columns that a row of one channel is summed in, so that no addition waits for the one before.
const LANES: usize = 64;

/// The sum of every channel of `places` places.
pub(crate) fn sum_forward(places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    let sample = places * channels;
    for_each_rows(y, channels, |first, y| {
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            let x = &x[(first + index) * sample..][..sample];
            match y {
                [y] => *y = sum(x),
                y => column_sums(x, y, Write::Set),
            }
        }
    });
}

/// The sum of all of these.
fn sum(x: &[f32]) -> f32 {
    let (lanes, rest) = x.split_at(x.len() / LANES * LANES);
    let mut sums = [0.0; LANES];
    column_sums(lanes, &mut sums, Write::Set);
    let pairs = |sums: &[f32]| sums.iter().sum::<f32>();
    sums.chunks_exact(LANES / 8).map(pairs).sum::<f32>() + rest.iter().sum::<f32>()
}

/// Every place gets its channel's gradient.
pub(crate) fn sum_backward(places: usize, channels: usize, dy: &[f32], dx: &mut [f32], store: Store) {
    spread(places, channels, |dy| dy, dy, dx, store);
}

/// The mean of every channel of `places` places.
pub(crate) fn avg_forward(places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    sum_forward(places, channels, x, y);
    y.iter_mut().for_each(|y| *y /= places as f32);
}

/// Every place gets an equal share of its channel's gradient.
pub(crate) fn avg_backward(places: usize, channels: usize, dy: &[f32], dx: &mut [f32], store: Store) {
    spread(places, channels, |dy| dy / places as f32, dy, dx, store);
}

/// Every place gets a function of its channel's gradient.
fn spread(places: usize, channels: usize, share: impl Fn(f32) -> f32 + Sync, dy: &[f32], dx: &mut [f32], store: Store) {
    let sample = places * channels;
    for_each_rows(dx, sample, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(sample).enumerate() {
            match &dy[(first + index) * channels..][..channels] {
                &[dy] => put(store, dx, std::iter::repeat(share(dy))),
                dy => {
                    for dx in dx.chunks_exact_mut(channels) {
                        put(store, dx, dy.iter().map(|dy| share(*dy)));
                    }
                }
            }
        }
    });
}

/// The largest value of every channel of `places` places.
pub(crate) fn max_forward(places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    extreme_forward(places, channels, |x, largest| x > largest, x, y);
}

/// The smallest value of every channel of `places` places.
pub(crate) fn min_forward(places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    extreme_forward(places, channels, |x, smallest| x < smallest, x, y);
}

/// The value of every channel that beats all others; a NaN does, and stays.
fn extreme_forward(places: usize, channels: usize, beats: impl Fn(f32, f32) -> bool + Sync, x: &[f32], y: &mut [f32]) {
    let sample = places * channels;
    for_each_rows(y, channels, |first, y| {
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            let (first, others) = x[(first + index) * sample..][..sample].split_at(channels);
            y.copy_from_slice(first);
            for x in others.chunks_exact(channels) {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = if beats(x, *y) || x.is_nan() { x } else { *y });
            }
        }
    });
}

/// The places that hold their channel's largest, or smallest, value share its gradient equally.
pub(crate) fn extreme_backward(
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
                    share.iter_mut().zip(pairs).for_each(|(count, (&x, &y))| *count += f32::from(is_it(x, y)));
                }
                share.iter_mut().zip(dy).for_each(|(share, dy)| *share = dy / *share);
                for (dx, x) in dx.chunks_exact_mut(channels).zip(x.chunks_exact(channels)) {
                    let values = x[channel..].iter().zip(y).zip(&*share);
                    let values = values.map(|((&x, &y), &share)| if is_it(x, y) { share } else { 0.0 });
                    put(write, &mut dx[channel..], values);
                }
            }
        }
    });
}
