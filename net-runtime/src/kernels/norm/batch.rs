//! Batch normalization: `y = (x − mean) / √(variance + ε) · γ + β`, and its gradients.

use super::columns::{self, repeat, wide};
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::arithmetic;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel::for_each_rows;
use crate::tensor::activation::Activation;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::{Store, Write};

/// What is known of each channel.
#[derive(Clone, Copy)]
pub(crate) struct Channels<'a> {
    pub mean: &'a [f32],
    pub variance: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
    /// The factors γ, if not 1.
    pub gamma: Option<&'a [f32]>,
}

impl Channels<'_> {
    /// 1 / √(variance + ε) of one channel.
    fn inverse(&self, channel: usize) -> f32 {
        1.0 / (self.variance[channel] + self.epsilon).sqrt()
    }

    /// What a channel's distance from the mean is multiplied by.
    fn scale(&self, channel: usize) -> f32 {
        self.inverse(channel) * self.gamma.map_or(1.0, |gamma| gamma[channel])
    }

    fn count(&self) -> usize {
        self.mean.len()
    }
}

/// Mean and biased variance of each channel of a batch.
pub(crate) fn statistics(x: &[f32], mean: &mut [f32], variance: &mut [f32], work: &mut AlignedBuffer) {
    let work = work.take(2 * wide(mean.len()));
    columns::mean_and_variance(x, mean, variance, work);
}

/// `y = activation((x − mean) · scale + β)`
pub(crate) fn forward(
    x: &[f32],
    channels: Channels<'_>,
    beta: Option<&[f32]>,
    activation: Activation,
    y: &mut [f32],
    work: &mut AlignedBuffer,
) {
    let wide = wide(channels.count());
    if wide == 0 {
        return;
    }
    assert_eq!(x.len(), y.len());
    let (mean, rest) = work.take(3 * wide).split_at_mut(wide);
    let (scale, shift) = rest.split_at_mut(wide);
    repeat(channels.mean, mean);
    fill(scale, channels.count(), |channel| channels.scale(channel));
    match beta {
        Some(beta) => repeat(beta, shift),
        None => shift.fill(0.0),
    }
    let factors = [&*mean, scale, shift];
    let isa = Isa::current();
    for_each_rows(y, wide, |first, y| {
        let x = &x[first * wide..][..y.len()];
        // SAFETY: `y` is as long as `x`, the other three are `wide` long; this machine has the instruction set.
        unsafe { normalize(isa, x, factors, y) };
        apply_part(activation, y);
    });
}

/// A kernel and a bias with which a linear layer makes what it and [`forward`] behind it make: `kernel · scale` and
/// `(bias − mean) · scale + β`. `run` neighbouring elements of the kernel belong to one channel.
pub(crate) fn fold(
    channels: Channels<'_>,
    beta: Option<&[f32]>,
    (kernel, bias): (&[f32], Option<&[f32]>),
    run: usize,
    (to_kernel, to_bias): (&mut [f32], &mut [f32]),
) {
    // The bias holds the factors meanwhile.
    let scale = &mut *to_bias;
    fill(scale, channels.count(), |channel| channels.scale(channel));
    let taps = run * channels.count();
    for (to, from) in to_kernel.chunks_exact_mut(taps).zip(kernel.chunks_exact(taps)) {
        if run == 1 {
            to.iter_mut().zip(from).zip(&*scale).for_each(|((to, from), scale)| *to = from * scale);
        } else {
            for ((to, from), scale) in to.chunks_exact_mut(run).zip(from.chunks_exact(run)).zip(&*scale) {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = from * scale);
            }
        }
    }
    for (channel, to) in to_bias.iter_mut().enumerate() {
        let bias = bias.map_or(0.0, |bias| bias[channel]);
        *to = (bias - channels.mean[channel]) * *to + beta.map_or(0.0, |beta| beta[channel]);
    }
}

/// Sums over all rows, for each channel: Σ dy, and Σ dy · (x − mean).
pub(crate) fn gradient_sums(
    x: &[f32],
    dy: &[f32],
    mean: &[f32],
    sums: &mut [f32],
    products: &mut [f32],
    work: &mut AlignedBuffer,
) {
    columns::gradient_sums((x, dy), mean, (sums, products), work.take(3 * wide(mean.len())));
}

/// The gradient by γ: `Σ dy · (x − mean) / √(variance + ε)`, from the second one of [`gradient_sums`].
pub(crate) fn gamma_gradient(products: &[f32], channels: Channels<'_>, gradient: &mut [f32], write: Write) {
    let values = products.iter().enumerate().map(|(channel, product)| product * channels.inverse(channel));
    arithmetic::put(write, gradient, values);
}

/// The gradient by x where mean and variance were those of x, from both of [`gradient_sums`]: with N rows,
/// `scale · (dy − Σ dy / N − (x − mean) · (Σ dy · (x − mean) / N) / (variance + ε))` (Ioffe and Szegedy 2015).
pub(crate) fn backward_through_statistics(
    (x, dy): (&[f32], &[f32]),
    channels: Channels<'_>,
    (sums, products): (&[f32], &[f32]),
    (dx, store): (&mut [f32], Store),
    work: &mut AlignedBuffer,
) {
    let count = channels.count();
    let wide = wide(count);
    if wide == 0 || x.is_empty() {
        return;
    }
    assert!(x.len() == dy.len() && x.len() == dx.len());
    let rows = (x.len() / count) as f32;
    let (mean, rest) = work.take(4 * wide).split_at_mut(wide);
    let (slope, rest) = rest.split_at_mut(wide);
    let (shift, scale) = rest.split_at_mut(wide);
    repeat(channels.mean, mean);
    fill(slope, count, |channel| products[channel] / rows / (channels.variance[channel] + channels.epsilon));
    fill(shift, count, |channel| sums[channel] / rows);
    fill(scale, count, |channel| channels.scale(channel));
    let factors = [&*mean, slope, shift, scale];
    let isa = Isa::current();
    for_each_rows(dx, wide, |first, dx| {
        let (x, dy) = (&x[first * wide..][..dx.len()], &dy[first * wide..][..dx.len()]);
        // SAFETY: all three slices are as long, the factors are `wide` long; this machine has the instruction set.
        unsafe { derivative(isa, (x, dy), factors, dx, store) };
    });
}

/// The gradient by x where mean and variance were given: `scale · dy`.
pub(crate) fn backward_given_statistics(
    dy: &[f32],
    channels: Channels<'_>,
    (dx, store): (&mut [f32], Store),
    work: &mut AlignedBuffer,
) {
    let wide = wide(channels.count());
    if wide == 0 {
        return;
    }
    assert_eq!(dy.len(), dx.len());
    let scale = work.take(wide);
    fill(scale, channels.count(), |channel| channels.scale(channel));
    let scale = &*scale;
    let isa = Isa::current();
    for_each_rows(dx, wide, |first, dx| {
        let dy = &dy[first * wide..][..dx.len()];
        // SAFETY: both slices are as long, the factors are `wide` long; this machine has the instruction set.
        unsafe { scaled(isa, dy, scale, dx, store) };
    });
}

/// The step of a moving average towards the value of a batch: added to it, it gives `momentum · moving + (1 − momentum) · batch`. One
/// that is there already is that of a batch before this one.
pub(crate) fn moving_step(moving: &[f32], batch: &[f32], momentum: f32, (step, write): (&mut [f32], Write)) {
    for ((step, moving), batch) in step.iter_mut().zip(moving).zip(batch) {
        let before = match write {
            Write::Set => 0.0,
            Write::Add => *step * momentum,
        };
        *step = before + (1.0 - momentum) * (batch - moving);
    }
}

/// Values of channels, repeated.
pub(super) fn fill(place: &mut [f32], channels: usize, of: impl Fn(usize) -> f32) {
    let (first, others) = place.split_at_mut(channels);
    first.iter_mut().enumerate().for_each(|(channel, place)| *place = of(channel));
    if !others.is_empty() {
        repeat(first, others);
    }
}

dispatch! {
    /// `y = (x − mean) · scale + shift`, in rows as long as the factors; the last one may be shorter.
    pub(super) unsafe fn normalize(x: &[f32], factors: [&[f32]; 3], y: &mut [f32]) = normalize_generic
}

#[inline(always)]
unsafe fn normalize_generic<S: Simd>(x: &[f32], [mean, scale, shift]: [&[f32]; 3], y: &mut [f32]) {
    let wide = mean.len();
    for (x, y) in x.chunks(wide).zip(y.chunks_mut(wide)) {
        let len = y.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: the caller has the instruction set, rows of one length, and factors at least as long.
            unsafe {
                let distance = S::sub(vector::<S>(x, len, at), vector::<S>(mean, len, at));
                let value = S::mul_add(distance, vector::<S>(scale, len, at), vector::<S>(shift, len, at));
                store_at::<S>(y.as_mut_ptr(), len, at, value);
            }
        }
    }
}

dispatch! {
    /// `dx = scale · (dy − shift − (x − mean) · slope)`, in rows as long as the factors; the last one may be shorter.
    unsafe fn derivative(pair: (&[f32], &[f32]), factors: [&[f32]; 4], dx: &mut [f32], store: Store) = derivative_generic
}

#[inline(always)]
unsafe fn derivative_generic<S: Simd>(
    (x, dy): (&[f32], &[f32]),
    [mean, slope, shift, scale]: [&[f32]; 4],
    dx: &mut [f32],
    store: Store,
) {
    let wide = mean.len();
    for ((x, dy), dx) in x.chunks(wide).zip(dy.chunks(wide)).zip(dx.chunks_mut(wide)) {
        let len = dx.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: the caller has the instruction set, rows of one length, and factors at least as long.
            unsafe {
                let distance = S::sub(vector::<S>(x, len, at), vector::<S>(mean, len, at));
                let centered = S::sub(vector::<S>(dy, len, at), vector::<S>(shift, len, at));
                let inner = S::sub(centered, S::mul(distance, vector::<S>(slope, len, at)));
                put::<S>(dx, (len, at), S::mul(inner, vector::<S>(scale, len, at)), store);
            }
        }
    }
}

dispatch! {
    /// `dx = scale · dy`, in rows as long as the factors; the last one may be shorter.
    unsafe fn scaled(dy: &[f32], scale: &[f32], dx: &mut [f32], store: Store) = scaled_generic
}

#[inline(always)]
unsafe fn scaled_generic<S: Simd>(dy: &[f32], scale: &[f32], dx: &mut [f32], store: Store) {
    let wide = scale.len();
    for (dy, dx) in dy.chunks(wide).zip(dx.chunks_mut(wide)) {
        let len = dx.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: as above.
            unsafe {
                let value = S::mul(vector::<S>(dy, len, at), vector::<S>(scale, len, at));
                put::<S>(dx, (len, at), value, store);
            }
        }
    }
}

/// The vector from element `at` on of the first `len` elements.
#[inline(always)]
pub(super) unsafe fn vector<S: Simd>(values: &[f32], len: usize, at: usize) -> S::Vector {
    // SAFETY: the caller has the instruction set, and `len` elements, of which `at` is one.
    unsafe { load_at::<S>(values.as_ptr(), len, at, S::splat(0.0)) }
}

/// Writes a vector as `store` says.
#[inline(always)]
unsafe fn put<S: Simd>(dx: &mut [f32], (len, at): (usize, usize), value: S::Vector, store: Store) {
    // SAFETY: as above.
    unsafe {
        let value = match store {
            Store::Set => value,
            Store::Add => S::add(vector::<S>(dx, len, at), value),
            Store::Mask => S::where_positive(vector::<S>(dx, len, at), value),
        };
        store_at::<S>(dx.as_mut_ptr(), len, at, value);
    }
}
