//! Batch normalization: `y = (x − mean) / √(variance + ε) · γ + β`, and its gradients.

use super::columns::{self, repeat, wide};
use super::normalize::{normalize, vector};
use super::upstream::{Behind, InRegisters, Upstream};
use crate::kernels::elementwise::arithmetic;
use crate::kernels::simd::{Isa, Simd, dispatch, store_at};
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
    /// The summands β, if not 0.
    pub beta: Option<&'a [f32]>,
}

/// A gradient behind the activation, and what went into the normalization before that.
#[derive(Clone, Copy)]
pub(crate) struct Gradient<'a> {
    pub x: &'a [f32],
    pub activation: Activation,
    pub dy: &'a [f32],
}

impl<'a> Gradient<'a> {
    /// The same for the loops; `factors` are three times [`wide`] long.
    fn upstream(self, channels: Channels<'_>, factors: &'a mut [f32]) -> Upstream<'a> {
        let Self { x, activation, dy } = self;
        let behind =
            (activation != Activation::Linear).then(|| Behind { activation, factors: channels.factors(factors) });
        Upstream { x, dy, behind }
    }
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

    /// Mean, scale and shift of each element of a [`wide`] row.
    fn factors<'w>(&self, work: &'w mut [f32]) -> [&'w [f32]; 3] {
        let (mean, rest) = work.split_at_mut(work.len() / 3);
        let (scale, shift) = rest.split_at_mut(mean.len());
        repeat(self.mean, mean);
        fill(scale, self.count(), |channel| self.scale(channel));
        match self.beta {
            Some(beta) => repeat(beta, shift),
            None => shift.fill(0.0),
        }
        [mean, scale, shift]
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
    activation: Activation,
    y: &mut [f32],
    work: &mut AlignedBuffer,
) {
    let wide = wide(channels.count());
    if wide == 0 {
        return;
    }
    assert_eq!(x.len(), y.len());
    let factors = channels.factors(work.take(3 * wide));
    let isa = Isa::current();
    for_each_rows(y, wide, |first, y| {
        let x = &x[first * wide..][..y.len()];
        // SAFETY: `y` is as long as `x`, the other three are `wide` long; this machine has the instruction set.
        unsafe { normalize(isa, x, factors, activation, y) };
    });
}

/// A kernel and a bias with which a linear layer makes what it and [`forward`] behind it make: `kernel · scale` and
/// `(bias − mean) · scale + β`. `run` neighbouring elements of the kernel belong to one channel.
pub(crate) fn fold(
    channels: Channels<'_>,
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
        *to = (bias - channels.mean[channel]) * *to + channels.beta.map_or(0.0, |beta| beta[channel]);
    }
}

/// Sums over all rows, for each channel: Σ dy, and Σ dy · (x − mean), where dy is before the activation.
pub(crate) fn gradient_sums(
    gradient: Gradient<'_>,
    channels: Channels<'_>,
    (sums, products): (&mut [f32], &mut [f32]),
    work: &mut AlignedBuffer,
) {
    let wide = wide(channels.count());
    let (factors, work) = work.take(7 * wide).split_at_mut(3 * wide);
    columns::gradient_sums(&gradient.upstream(channels, factors), channels.mean, (sums, products), work);
}

/// The gradient by γ: `Σ dy · (x − mean) / √(variance + ε)`, from the second one of [`gradient_sums`].
pub(crate) fn gamma_gradient(products: &[f32], channels: Channels<'_>, gradient: &mut [f32], write: Write) {
    let values = products.iter().enumerate().map(|(channel, product)| product * channels.inverse(channel));
    arithmetic::put(write, gradient, values);
}

/// The gradient by x where mean and variance were those of x, from both of [`gradient_sums`]: with N rows,
/// `scale · (dy − Σ dy / N − (x − mean) · (Σ dy · (x − mean) / N) / (variance + ε))` (Ioffe and Szegedy 2015).
pub(crate) fn backward_through_statistics(
    gradient: Gradient<'_>,
    channels: Channels<'_>,
    (sums, products): (&[f32], &[f32]),
    (dx, store): (&mut [f32], Store),
    work: &mut AlignedBuffer,
) {
    let (count, len) = (channels.count(), gradient.x.len());
    let wide = wide(count);
    if wide == 0 || len == 0 {
        return;
    }
    assert!(len == gradient.dy.len() && len == dx.len());
    let rows = (len / count) as f32;
    let (factors, work) = work.take(7 * wide).split_at_mut(3 * wide);
    let (mean, rest) = work.split_at_mut(wide);
    let (slope, rest) = rest.split_at_mut(wide);
    let (shift, scale) = rest.split_at_mut(wide);
    repeat(channels.mean, mean);
    fill(slope, count, |channel| products[channel] / rows / (channels.variance[channel] + channels.epsilon));
    fill(shift, count, |channel| sums[channel] / rows);
    fill(scale, count, |channel| channels.scale(channel));
    let own = [&*mean, slope, shift, scale];
    let (upstream, isa) = (gradient.upstream(channels, factors), Isa::current());
    for_each_rows(dx, wide, |first, dx| {
        upstream.for_each_part(isa, (first * wide, wide), dx, |dx, columns, pair, applied| {
            let own = own.map(|factors| &factors[columns.clone()]);
            // SAFETY: all three slices are as long, and so are the factors; this machine has the instruction set.
            unsafe { derivative(isa, pair, own, applied, dx, store) };
        });
    });
}

/// The gradient by x where mean and variance were given: `scale · dy`, with dy before the activation.
pub(crate) fn backward_given_statistics(
    gradient: Gradient<'_>,
    channels: Channels<'_>,
    (dx, store): (&mut [f32], Store),
    work: &mut AlignedBuffer,
) {
    let wide = wide(channels.count());
    if wide == 0 {
        return;
    }
    assert!(gradient.dy.len() == dx.len() && gradient.x.len() == dx.len());
    let (factors, work) = work.take(5 * wide).split_at_mut(3 * wide);
    let (mean, scale) = work.split_at_mut(wide);
    repeat(channels.mean, mean);
    fill(scale, channels.count(), |channel| channels.scale(channel));
    let own = [&*mean, scale];
    let (upstream, isa) = (gradient.upstream(channels, factors), Isa::current());
    for_each_rows(dx, wide, |first, dx| {
        upstream.for_each_part(isa, (first * wide, wide), dx, |dx, columns, pair, applied| {
            let own = own.map(|factors| &factors[columns.clone()]);
            // SAFETY: all three slices are as long, and so are the factors; this machine has the instruction set.
            unsafe { scaled(isa, pair, own, applied, dx, store) };
        });
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
    /// `dx = scale · (dy − shift − (x − mean) · slope)`, in rows as long as the factors; the last one may be shorter.
    unsafe fn derivative(
        pair: (&[f32], &[f32]),
        factors: [&[f32]; 4],
        applied: InRegisters<'_>,
        dx: &mut [f32],
        store: Store,
    ) = derivative_generic
}

#[inline(always)]
unsafe fn derivative_generic<S: Simd>(
    (x, dy): (&[f32], &[f32]),
    [mean, slope, shift, scale]: [&[f32]; 4],
    applied: InRegisters<'_>,
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
                let dy = gradient::<S>(distance, vector::<S>(dy, len, at), applied, (len, at));
                let centered = S::sub(dy, vector::<S>(shift, len, at));
                let inner = S::sub(centered, S::mul(distance, vector::<S>(slope, len, at)));
                put::<S>(dx, (len, at), S::mul(inner, vector::<S>(scale, len, at)), store);
            }
        }
    }
}

dispatch! {
    /// `dx = scale · dy`, in rows as long as the factors, of which the other one is the mean; the last one may be shorter.
    unsafe fn scaled(
        pair: (&[f32], &[f32]),
        factors: [&[f32]; 2],
        applied: InRegisters<'_>,
        dx: &mut [f32],
        store: Store,
    ) = scaled_generic
}

#[inline(always)]
unsafe fn scaled_generic<S: Simd>(
    (x, dy): (&[f32], &[f32]),
    [mean, scale]: [&[f32]; 2],
    applied: InRegisters<'_>,
    dx: &mut [f32],
    store: Store,
) {
    let wide = scale.len();
    for ((x, dy), dx) in x.chunks(wide).zip(dy.chunks(wide)).zip(dx.chunks_mut(wide)) {
        let len = dx.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: as above.
            unsafe {
                let mut value = vector::<S>(dy, len, at);
                if applied.is_some() {
                    let distance = S::sub(vector::<S>(x, len, at), vector::<S>(mean, len, at));
                    value = gradient::<S>(distance, value, applied, (len, at));
                }
                put::<S>(dx, (len, at), S::mul(value, vector::<S>(scale, len, at)), store);
            }
        }
    }
}

/// The gradient before what stands behind the normalization, of the vector from element `at` on.
#[inline(always)]
unsafe fn gradient<S: Simd>(
    distance: S::Vector,
    dy: S::Vector,
    applied: InRegisters<'_>,
    (len, at): (usize, usize),
) -> S::Vector {
    let Some((pieces, [scale, shift])) = applied else { return dy };
    // SAFETY: the caller has the instruction set, and factors of `len` elements, of which `at` is one.
    unsafe {
        let z = S::mul_add(distance, vector::<S>(scale, len, at), vector::<S>(shift, len, at));
        pieces.gradient::<S>(z, dy)
    }
}

/// Writes a vector as `store` says.
#[inline(always)]
unsafe fn put<S: Simd>(dx: &mut [f32], (len, at): (usize, usize), value: S::Vector, store: Store) {
    // SAFETY: as above.
    unsafe {
        let value = arithmetic::combined_at::<S>(store, dx.as_ptr(), len, at, value);
        store_at::<S>(dx.as_mut_ptr(), len, at, value);
    }
}
