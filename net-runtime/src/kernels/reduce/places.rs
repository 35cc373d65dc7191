//! One value for each channel of all places of a sample, channels last.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::reduce::reductions::column_sums;
use crate::kernels::simd::{Isa, dispatch};
use crate::parallel::for_each_rows;
use crate::tensor::param::{Store, Write};

/// Channels that are worked on together, where they are counted.
const CHANNELS: usize = 64;

/// Whether `x` is the value `y`, NaN being equal to NaN.
#[inline(always)]
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
    extreme_forward(places, channels, true, x, y);
}

/// The smallest value of every channel of `places` places.
pub(crate) fn min_forward(places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    extreme_forward(places, channels, false, x, y);
}

/// The value of every channel that is the largest, or the smallest; a NaN is, and stays.
fn extreme_forward(places: usize, channels: usize, largest: bool, x: &[f32], y: &mut [f32]) {
    let (isa, sample) = (Isa::current(), places * channels);
    for_each_rows(y, channels, |first, y| {
        for (index, y) in y.chunks_exact_mut(channels).enumerate() {
            let x = &x[(first + index) * sample..][..sample];
            // SAFETY: the loops are safe; this machine has the instruction set.
            unsafe {
                match y {
                    // Columns of one channel, and then the extreme one of these.
                    [y] if x.len() >= LANES => {
                        let (lanes, rest) = x.split_at(x.len() / LANES * LANES);
                        let mut found = [0.0; LANES + 1];
                        extreme_of_columns(isa, largest, lanes, &mut found[..LANES]);
                        found[LANES] = found[0];
                        if !rest.is_empty() {
                            extreme_of_columns(isa, largest, rest, &mut found[LANES..]);
                        }
                        extreme_of_columns(isa, largest, &found, std::slice::from_mut(y));
                    }
                    y => extreme_of_columns(isa, largest, x, y),
                }
            }
        }
    });
}

dispatch! {
    /// The extreme values of columns.
    unsafe fn extreme_of_columns(largest: bool, x: &[f32], y: &mut [f32]) = extreme_of_columns_generic
}

#[inline(always)]
unsafe fn extreme_of_columns_generic<S>(largest: bool, x: &[f32], y: &mut [f32]) {
    let (first, others) = x.split_at(y.len());
    y.copy_from_slice(first);
    for x in others.chunks_exact(y.len()) {
        let pairs = y.iter_mut().zip(x);
        match largest {
            true => pairs.for_each(|(y, &x)| *y = if x > *y || x.is_nan() { x } else { *y }),
            false => pairs.for_each(|(y, &x)| *y = if x < *y || x.is_nan() { x } else { *y }),
        }
    }
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
    let (isa, sample) = (Isa::current(), places * channels);
    for_each_rows(dx, sample, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(sample).enumerate() {
            let x = &x[(first + index) * sample..][..sample];
            let [y, dy] = [y, dy].map(|values| &values[(first + index) * channels..][..channels]);
            // SAFETY: the loops are safe; this machine has the instruction set.
            unsafe { extreme_backward_sample(isa, x, y, dy, dx, write) };
        }
    });
}

dispatch! {
    /// The gradient of one sample.
    unsafe fn extreme_backward_sample(
        x: &[f32],
        y: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        write: Write,
    ) = extreme_backward_generic
}

#[inline(always)]
unsafe fn extreme_backward_generic<S>(x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    let channels = y.len();
    for channel in (0..channels).step_by(CHANNELS) {
        let len = CHANNELS.min(channels - channel);
        let (y, dy) = (&y[channel..][..len], &dy[channel..][..len]);
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
