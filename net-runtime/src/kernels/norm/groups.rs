//! Normalization of groups of channels, of each sample by itself, and its gradients: channels first get sums of their own, in one pass over
//! the positions, then each group puts those of its channels together.

use super::batch::fill;
use super::columns::{self, repeat, wide};
use super::normalize::{normalize, vector};
use super::upstream::Upstream;
use crate::kernels::elementwise::arithmetic::{put, put_values};
use crate::kernels::simd::{Isa, Simd, dispatch, store_at};
use crate::parallel::{self, for_each_group, for_each_rows};
use crate::tensor::activation::Activation;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::Write;

/// Samples of so many positions and channels, in groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups<'a> {
    pub positions: usize,
    pub channels: usize,
    pub groups: usize,
    /// Added to variances.
    pub epsilon: f32,
    /// The factors γ, if not 1.
    pub gamma: Option<&'a [f32]>,
}

/// What is known of a sample.
struct Known<'a> {
    /// Of each group.
    mean: &'a mut [f32],
    /// Of each group: 1 / √(variance + ε).
    inverse: &'a mut [f32],
    /// Of each channel: Σ dy.
    sums: &'a mut [f32],
    /// Of each channel: Σ dy · (x − mean).
    products: &'a mut [f32],
}

impl Groups<'_> {
    fn sample(&self) -> usize {
        self.positions * self.channels
    }

    /// Numbers that are known of a sample.
    pub(crate) const fn known(groups: usize, channels: usize) -> usize {
        2 * groups + 2 * channels
    }

    fn split<'k>(&self, known: &'k mut [f32]) -> Known<'k> {
        let (mean, rest) = known.split_at_mut(self.groups);
        let (inverse, rest) = rest.split_at_mut(self.groups);
        let (sums, products) = rest.split_at_mut(self.channels);
        Known { mean, inverse, sums, products: &mut products[..self.channels] }
    }

    /// Numbers that the work on a sample needs.
    fn work(&self) -> usize {
        4 * wide(self.channels) + Self::known(self.groups, self.channels)
    }

    fn group(&self, channel: usize) -> usize {
        channel / (self.channels / self.groups)
    }

    fn gamma(&self, channel: usize) -> f32 {
        self.gamma.map_or(1.0, |gamma| gamma[channel])
    }

    /// Mean and inverse of each group.
    fn statistics(&self, x: &[f32], known: &mut Known<'_>, work: &mut [f32]) {
        let (mean, rest) = work.split_at_mut(self.channels);
        let (variance, rest) = rest.split_at_mut(self.channels);
        columns::mean_and_variance(x, mean, variance, rest);
        let size = self.channels / self.groups;
        let channels = mean.chunks_exact(size).zip(variance.chunks_exact(size));
        for ((mean, variance), place) in channels.zip(known.mean.iter_mut().zip(&mut *known.inverse)) {
            let whole = mean.iter().map(|&mean| f64::from(mean)).sum::<f64>() / size as f64;
            let spread = mean
                .iter()
                .zip(variance)
                .map(|(&mean, &variance)| f64::from(variance) + (f64::from(mean) - whole).powi(2));
            let variance = spread.sum::<f64>() / size as f64;
            *place.0 = whole as f32;
            *place.1 = (1.0 / (variance + f64::from(self.epsilon)).sqrt()) as f32;
        }
    }

    /// `y = activation((x − mean) · inverse · γ + β)`; `known` is empty, or gets what is known of each sample.
    pub(crate) fn forward(
        &self,
        x: &[f32],
        beta: Option<&[f32]>,
        activation: Activation,
        y: &mut [f32],
        known: &mut [f32],
        memory: &mut AlignedBuffer,
    ) {
        let samples = self.check([x, y]);
        let each = if known.is_empty() { 0 } else { Self::known(self.groups, self.channels) };
        let work = (memory.take(samples * self.work()), self.work());
        let slices = [(y, self.sample()), (known, each), work];
        for_each_group(parallel::elements_pay(x.len()), 1, 0..samples, slices, &|sample, [y, known, work]| {
            let x = &x[sample * self.sample()..][..self.sample()];
            let (own, work) = work.split_at_mut(Self::known(self.groups, self.channels));
            let mut known = self.split(if known.is_empty() { own } else { known });
            self.statistics(x, &mut known, work);
            let [mean, scale, shift, _] = self.factors(work);
            self.fill_groups(mean, |group| known.mean[group]);
            fill(scale, self.channels, |channel| known.inverse[self.group(channel)] * self.gamma(channel));
            match beta {
                Some(beta) => repeat(beta, shift),
                None => shift.fill(0.0),
            }
            let factors = [&*mean, scale, shift];
            let isa = Isa::current();
            for_each_rows(y, factors[0].len(), |first, y| {
                let x = &x[first * factors[0].len()..][..y.len()];
                // SAFETY: `y` is as long as `x`, the other three are as long as each other; this machine has the instruction set.
                unsafe { normalize(isa, x, factors, activation, y) };
            });
        });
    }

    /// What is known of each sample once more, where it was not kept.
    pub(crate) fn again(&self, x: &[f32], known: &mut [f32], memory: &mut AlignedBuffer) {
        let samples = self.check([x, x]);
        let work = (memory.take(samples * self.work()), self.work());
        let slices = [(known, Self::known(self.groups, self.channels)), work];
        for_each_group(parallel::elements_pay(x.len()), 1, 0..samples, slices, &|sample, [known, work]| {
            self.statistics(&x[sample * self.sample()..][..self.sample()], &mut self.split(known), work);
        });
    }

    /// The sums of the gradient, of every sample and channel.
    pub(crate) fn gradient_sums(&self, (x, dy): (&[f32], &[f32]), known: &mut [f32], memory: &mut AlignedBuffer) {
        let samples = self.check([x, dy]);
        let work = (memory.take(samples * self.work()), self.work());
        let slices = [(known, Self::known(self.groups, self.channels)), work];
        for_each_group(parallel::elements_pay(x.len()), 1, 0..samples, slices, &|sample, [known, work]| {
            let range = sample * self.sample()..(sample + 1) * self.sample();
            let Known { mean, sums, products, .. } = self.split(known);
            let (of_channels, work) = work.split_at_mut(self.channels);
            self.fill_groups(of_channels, |group| mean[group]);
            let upstream = Upstream { x: &x[range.clone()], dy: &dy[range], behind: None };
            columns::gradient_sums(&upstream, of_channels, (sums, products), work);
        });
    }

    /// The gradient by x: `inverse · (γ · dy − mean(γ · dy) − x̂ · mean(γ · dy · x̂))`, with the means over a group.
    pub(crate) fn backward(
        &self,
        (x, dy): (&[f32], &[f32]),
        known: &mut [f32],
        (dx, write): (&mut [f32], Write),
        memory: &mut AlignedBuffer,
    ) {
        let samples = self.check([x, dy]);
        let work = (memory.take(samples * self.work()), self.work());
        let each = Self::known(self.groups, self.channels);
        let slices = [(dx, self.sample()), (known, each), work];
        for_each_group(parallel::elements_pay(x.len()), 1, 0..samples, slices, &|sample, [dx, known, work]| {
            let range = sample * self.sample()..(sample + 1) * self.sample();
            let (x, dy) = (&x[range.clone()], &dy[range]);
            let Known { mean, inverse, sums, products } = self.split(known);
            let size = self.channels / self.groups;
            let count = (self.positions * size) as f32;
            // The mean of γ · numbers of channels, over a group.
            let mean_of = |values: &[f32], group: usize| {
                let channels = group * size..(group + 1) * size;
                channels.map(|channel| self.gamma(channel) * values[channel]).sum::<f32>() / count
            };
            let [center, factor, shift, slope] = self.factors(work);
            self.fill_groups(center, |group| mean[group]);
            fill(factor, self.channels, |channel| inverse[self.group(channel)] * self.gamma(channel));
            self.fill_groups(shift, |group| inverse[group] * mean_of(sums, group));
            self.fill_groups(slope, |group| inverse[group].powi(3) * mean_of(products, group));
            let factors = [&*center, factor, shift, slope];
            let isa = Isa::current();
            for_each_rows(dx, factors[0].len(), |first, dx| {
                let first = first * factors[0].len();
                let pair = (&x[first..][..dx.len()], &dy[first..][..dx.len()]);
                // SAFETY: all three slices are as long, and so are the factors; this machine has the instruction set.
                unsafe { derivative(isa, pair, factors, dx, write) };
            });
        });
    }

    /// The gradients by γ, `Σ dy · x̂`, and β, `Σ dy`, over all samples.
    pub(crate) fn backward_factors(
        &self,
        known: &mut [f32],
        gamma: Option<(&mut [f32], Write)>,
        beta: Option<(&mut [f32], Write)>,
    ) {
        let each = Self::known(self.groups, self.channels);
        let (mut of_gamma, mut of_beta) = (gamma.map(begun), beta.map(begun));
        for known in known.chunks_exact_mut(each) {
            let Known { inverse, sums, products, .. } = self.split(known);
            if let Some(of_gamma) = &mut of_gamma {
                let values = products.iter().enumerate().map(|(channel, value)| value * inverse[self.group(channel)]);
                put(Write::Add, of_gamma, values);
            }
            if let Some(of_beta) = &mut of_beta {
                put_values(Write::Add, of_beta, sums);
            }
        }
    }

    /// Values of groups, for each of their channels, repeated.
    fn fill_groups(&self, place: &mut [f32], of: impl Fn(usize) -> f32) {
        let (first, others) = place.split_at_mut(self.channels);
        let groups = first.chunks_exact_mut(self.channels / self.groups);
        groups.enumerate().for_each(|(group, channels)| channels.fill(of(group)));
        if !others.is_empty() {
            repeat(first, others);
        }
    }

    /// Four factors of each channel, repeated.
    fn factors<'w>(&self, work: &'w mut [f32]) -> [&'w mut [f32]; 4] {
        let mut parts = work.chunks_exact_mut(wide(self.channels));
        std::array::from_fn(|_| parts.next().expect("there is room for four"))
    }

    fn check(&self, [x, y]: [&[f32]; 2]) -> usize {
        assert!(self.channels.is_multiple_of(self.groups) && self.sample() > 0, "channels are whole groups");
        assert!(x.len() == y.len() && x.len().is_multiple_of(self.sample()), "there are whole samples");
        x.len() / self.sample()
    }
}

/// A gradient to which something can be added.
fn begun((gradient, write): (&mut [f32], Write)) -> &mut [f32] {
    if write == Write::Set {
        gradient.fill(0.0);
    }
    gradient
}

dispatch! {
    /// `dx = factor · dy − shift − (x − mean) · slope`, in rows as long as the factors; the last one may be shorter.
    unsafe fn derivative(pair: (&[f32], &[f32]), factors: [&[f32]; 4], dx: &mut [f32], write: Write) = derivative_generic
}

#[inline(always)]
unsafe fn derivative_generic<S: Simd>(
    (x, dy): (&[f32], &[f32]),
    [mean, factor, shift, slope]: [&[f32]; 4],
    dx: &mut [f32],
    write: Write,
) {
    let wide = mean.len();
    for ((x, dy), dx) in x.chunks(wide).zip(dy.chunks(wide)).zip(dx.chunks_mut(wide)) {
        let len = dx.len();
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: the caller has the instruction set, rows of one length, and factors at least as long.
            unsafe {
                let distance = S::sub(vector::<S>(x, len, at), vector::<S>(mean, len, at));
                let upstream = S::mul(vector::<S>(dy, len, at), vector::<S>(factor, len, at));
                let centered = S::sub(upstream, vector::<S>(shift, len, at));
                let mut value = S::sub(centered, S::mul(distance, vector::<S>(slope, len, at)));
                if write == Write::Add {
                    value = S::add(value, vector::<S>(dx, len, at));
                }
                store_at::<S>(dx.as_mut_ptr(), len, at, value);
            }
        }
    }
}
