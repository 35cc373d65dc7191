//! Each channel with mean 0 and variance 1.

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::norm::batch::{self, Channels, Gradient as Behind};
use crate::layers::{check, check_parameter};
use crate::memory::folded::Folded;
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::{Kernel, NormalizationParts, NormalizationWeights};
use crate::tensor::activation::Activation;
use crate::tensor::exact::product;
use crate::tensor::param::{Param, Store};

/// y = activation((x − mean) / √(variance + epsilon) · gamma + beta) for each channel, as Keras's `BatchNormalization` on the last
/// axis: `[.., channels]` to the same (Ioffe and Szegedy, "Batch Normalization", 2015).
///
/// In training, mean and variance are those of the batch, over its samples and all positions; the variance is the mean squared
/// distance from the mean ("biased"), for the moving average, too, as in Keras. With each step of training the moving averages go
/// on: `moving · momentum + batch · (1 − momentum)`. In inference they take the place of the batch's.
///
/// # In `network!`
///
/// `BatchNorm(momentum = 0.99, epsilon = 0.001, center = true, scale = true)` on any shape, which stays; a channel is a place on
/// the last axis. The weights are [`Normalization`](crate::weights::Normalization): gamma, ones at first, unless `scale = false`;
/// beta, zeros at first, unless `center = false`; and the moving mean and variance, 0 and 1 at first, which are saved but not
/// trained. In inference it is folded into the `Dense` or the convolution before it.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Normal(image: [32, 32, 3]) -> (class: [10]) {
///         let seen = image -> Conv2d(16, 3, bias = false) -> BatchNorm -> relu;
///         let class = seen -> GlobalAvgPool2d -> BatchNorm(momentum = 0.9, scale = false) -> Dense(10) -> softmax;
///     }
/// }
/// assert_eq!(Normal::PARAMETERS, 27 * 16 + 4 * 16 + 3 * 16 + (16 * 10 + 10));
/// ```
///
/// # In generated code
///
/// What is kept of a training pass, four numbers a channel, is in the first places of `kept`. An empty `kept` means inference:
/// forward computes with the moving averages, and gradients are those of that. So it is, with any `kept`, where the moving averages
/// are frozen, as in Keras. `dy` is behind the activation, whose derivative the backward pass computes from `x`.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm {
    /// Product of the axes before the last.
    pub positions: usize,
    /// Length of the last axis.
    pub channels: usize,
    /// The part of the moving averages that a step keeps, from 0 to 1.
    pub momentum: f32,
    /// Added to variances, above 0.
    pub epsilon: f32,
}

/// What is kept of a batch, a number a channel each.
struct Kept<'a> {
    mean: &'a mut [f32],
    variance: &'a mut [f32],
    /// Σ dy, and Σ dy · (x − mean).
    sums: [&'a mut [f32]; 2],
}

impl BatchNorm {
    /// Floats of `kept` that are used.
    pub const fn kept(&self) -> usize {
        product(&[4, self.channels])
    }

    fn check(&self, name: &str, n: usize, tensor: &[f32]) {
        check(name, tensor, n, &[self.positions, self.channels]);
    }

    /// What is kept, or nothing in inference and where the moving averages are frozen.
    fn split<'a>(&self, kept: &'a mut [f32], weights: &impl NormalizationWeights<Param>) -> Option<Kept<'a>> {
        let NormalizationParts { moving_mean, moving_variance, .. } = weights.parts();
        if kept.is_empty() || moving_mean.is_frozen() || moving_variance.is_frozen() {
            return None;
        }
        assert!(kept.len() >= self.kept(), "`kept` does not hold {} numbers", self.kept());
        let mut parts = kept.chunks_exact_mut(self.channels);
        let mut next = || parts.next().expect("four parts");
        Some(Kept { mean: next(), variance: next(), sums: [next(), next()] })
    }

    fn check_weights<T>(&self, weights: &impl NormalizationWeights<T>, len: impl Fn(&T) -> usize) {
        let NormalizationParts { gamma, beta, moving_mean, moving_variance } = weights.parts();
        for part in [gamma, beta, Some(moving_mean), Some(moving_variance)].into_iter().flatten() {
            check_parameter("weight of each channel", len(part), &[self.channels]);
        }
    }

    /// The statistics that a pass computes with: those of the batch, or in inference the moving ones.
    fn channels<'a>(&self, kept: Option<&'a Kept<'_>>, weights: &'a impl NormalizationWeights<Param>) -> Channels<'a> {
        let NormalizationParts { moving_mean, moving_variance, .. } = weights.parts();
        let moving = || [moving_mean.values(), moving_variance.values()];
        self.channels_of(kept.map_or_else(moving, |kept| [&*kept.mean, &*kept.variance]), weights)
    }

    /// The same with this mean and variance.
    fn channels_of<'a>(
        &self,
        [mean, variance]: [&'a [f32]; 2],
        weights: &'a impl NormalizationWeights<Param>,
    ) -> Channels<'a> {
        let NormalizationParts { gamma, beta, .. } = weights.parts();
        let [gamma, beta] = [gamma, beta].map(|param| param.map(Param::values));
        Channels { mean, variance, epsilon: self.epsilon, gamma, beta }
    }

    /// Computes `y` from `x`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl NormalizationWeights<Param>,
        activation: Activation,
        y: &mut [f32],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.check("x", n, x);
        self.check("y", n, y);
        self.check_weights(weights, |param| param.values().len());
        let mut kept = self.split(kept, weights);
        if let Some(Kept { mean, variance, .. }) = &mut kept {
            batch::statistics(x, mean, variance, &mut scratch.work);
        }
        let channels = self.channels(kept.as_ref(), weights);
        batch::forward(x, channels, activation, y, &mut scratch.work);
    }

    /// The weights with which a layer that is linear in its kernel makes in inference what it and this one behind it make:
    /// `kernel · scale` and `(bias − mean) · scale + beta`, with the scale gamma / √(variance + epsilon) of each channel (Jacob et al.
    /// 2018). `run` neighbouring elements of the kernel belong to one channel, the next ones to the next channel. They stay in
    /// `scratch` until a weight of either layer changes.
    pub fn fold(
        &self,
        weights: &impl NormalizationWeights<Param>,
        before: &impl Kernel,
        run: usize,
        scratch: &mut Scratch,
    ) -> Folded {
        self.check_weights(weights, |param| param.values().len());
        let (kernel, bias) = (before.kernel(), before.bias());
        let taps = product(&[run, self.channels]);
        let len = kernel.values().len();
        assert!(
            taps > 0 && len.is_multiple_of(taps),
            "a kernel of {len} weights has no runs of {run} for each channel"
        );
        if let Some(bias) = bias {
            check_parameter("bias", bias.values().len(), &[self.channels]);
        }
        let parts = weights.parts();
        let from = [Some(kernel), bias, parts.gamma, parts.beta, Some(parts.moving_mean), Some(parts.moving_variance)];
        let number = scratch.packs.current();
        scratch.folds.get(
            number,
            from.map(|param| param.map(Param::version)),
            (kernel.dims(), self.channels),
            |to_kernel, to_bias| {
                let channels = self.channels(None, weights);
                let affine = (kernel.values(), bias.map(Param::values));
                batch::fold(channels, affine, run, (to_kernel, to_bias));
            },
        )
    }

    /// Contributes to the "gradients" of the moving averages, which are the steps that these take: towards the statistics of the
    /// batch, one call after the other; in inference none.
    pub fn statistics(
        &self,
        _n: usize,
        weights: &impl NormalizationWeights<Param>,
        kept: &mut [f32],
        gradients: &mut impl NormalizationWeights<Gradient>,
    ) {
        self.check_weights(weights, |param| param.values().len());
        self.check_weights(gradients, Gradient::len);
        let (moving, steps) = (weights.parts(), gradients.parts_mut());
        if let Some(Kept { mean, variance, .. }) = self.split(kept, weights) {
            for (moving, batch, step) in [
                (moving.moving_mean, mean, steps.moving_mean),
                (moving.moving_variance, variance, steps.moving_variance),
            ] {
                batch::moving_step(moving.values(), batch, self.momentum, step.contribute());
            }
        }
    }

    /// Sums up the gradient before the activation in `kept`: what both other functions need in training.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_begin(
        &self,
        n: usize,
        weights: &impl NormalizationWeights<Param>,
        x: &[f32],
        activation: Activation,
        dy: &[f32],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.check("x", n, x);
        self.check("dy", n, dy);
        self.check_weights(weights, |param| param.values().len());
        if let Some(Kept { mean, variance, sums: [sums, products] }) = self.split(kept, weights) {
            let (channels, gradient) = (self.channels_of([mean, variance], weights), Behind { x, activation, dy });
            batch::gradient_sums(gradient, channels, (sums, products), &mut scratch.work);
        }
    }

    /// Contributes to the gradients of gamma, Σ dy · (x − mean) / √(variance + epsilon), and beta, Σ dy, behind
    /// [`backward_begin`](Self::backward_begin).
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_weights(
        &self,
        n: usize,
        weights: &impl NormalizationWeights<Param>,
        x: &[f32],
        activation: Activation,
        dy: &[f32],
        kept: &mut [f32],
        gradients: &mut impl NormalizationWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        self.check("x", n, x);
        self.check("dy", n, dy);
        self.check_weights(weights, |param| param.values().len());
        self.check_weights(gradients, Gradient::len);
        let kept = self.split(kept, weights);
        let channels = self.channels(kept.as_ref(), weights);
        // In inference nobody has summed them up before.
        let (own_sums, own_products) = scratch.packed.take(2 * self.channels).split_at_mut(self.channels);
        let [sums, products] = match &kept {
            Some(kept) => [&*kept.sums[0], &*kept.sums[1]],
            None => {
                let gradient = Behind { x, activation, dy };
                batch::gradient_sums(gradient, channels, (own_sums, own_products), &mut scratch.work);
                [&*own_sums, &*own_products]
            }
        };
        let gradients = gradients.parts_mut();
        if let Some(gamma) = gradients.gamma {
            let (values, write) = gamma.contribute();
            batch::gamma_gradient(products, channels, values, write);
        }
        if let Some(beta) = gradients.beta {
            let (values, write) = beta.contribute();
            put(write, values, sums.iter().copied());
        }
    }

    /// Computes the gradient by the input, in training through the statistics, behind [`backward_begin`](Self::backward_begin).
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl NormalizationWeights<Param>,
        x: &[f32],
        activation: Activation,
        dy: &[f32],
        kept: &mut [f32],
        dx: &mut [f32],
        store: impl Into<Store>,
        scratch: &mut Scratch,
    ) {
        self.check("x", n, x);
        self.check("dy", n, dy);
        self.check("dx", n, dx);
        self.check_weights(weights, |param| param.values().len());
        let kept = self.split(kept, weights);
        let channels = self.channels(kept.as_ref(), weights);
        let (gradient, place) = (Behind { x, activation, dy }, (dx, store.into()));
        match &kept {
            Some(Kept { sums: [sums, products], .. }) => {
                let sums = (&**sums, &**products);
                batch::backward_through_statistics(gradient, channels, sums, place, &mut scratch.work);
            }
            None => batch::backward_given_statistics(gradient, channels, place, &mut scratch.work),
        }
    }
}
