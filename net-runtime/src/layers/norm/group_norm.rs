//! Each group of channels of a sample with mean 0 and variance 1.

use crate::kernels::norm::groups::Groups;
use crate::layers::{check, check_parameter};
use crate::memory::scratch::Scratch;
use crate::parameters::gradient::Gradient;
use crate::parameters::weights::FactorWeights;
use crate::tensor::activation::Activation;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::{Param, Write};

/// y = activation((x − mean) / √(variance + epsilon) · gamma + beta), with mean and variance of each sample over all positions and the
/// channels of a group, as Keras's `GroupNormalization`: `[.., channels]` to the same (Wu and He, "Group Normalization", 2018).
/// With as many groups as channels it is an instance normalization, with one group a layer normalization but for gamma and beta,
/// which are numbers of a channel.
///
/// # In `network!`
///
/// `GroupNorm(groups = 32, epsilon = 0.001, center = true, scale = true)` on `[.., channels]`, which stays; the number of channels
/// is a multiple of that of groups. The weights are gamma `[channels]`, ones at first, unless `scale = false`, and beta, zeros at
/// first, unless `center = false`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Groups(image: [16, 16, 3]) -> (seen: [16, 16, 32]) {
///         let seen = image -> Conv2d(32, 3, padding = same) -> GroupNorm(8) -> relu;
///     }
/// }
/// assert_eq!(Groups::PARAMETERS, (27 * 32 + 32) + 2 * 32);
/// ```
///
/// # In generated code
///
/// What is kept of a training pass is in `kept`, for each sample [`kept`](Self::kept) numbers; an empty one is computed again where it is
/// needed.
#[derive(Clone, Copy, Debug)]
pub struct GroupNorm {
    /// Product of the axes before the last.
    pub positions: usize,
    /// Length of the last axis.
    pub channels: usize,
    /// How many groups of neighbouring channels there are, of equal lengths.
    pub groups: usize,
    /// Added to variances, above 0.
    pub epsilon: f32,
}

/// [`GroupNorm`] without gamma and beta: `center = false, scale = false`.
#[derive(Clone, Copy, Debug)]
pub struct GroupNormPlain {
    /// Product of the axes before the last.
    pub positions: usize,
    /// Length of the last axis.
    pub channels: usize,
    /// How many groups of neighbouring channels there are, of equal lengths.
    pub groups: usize,
    /// Added to variances, above 0.
    pub epsilon: f32,
}

impl GroupNorm {
    /// Numbers that are kept of a sample.
    pub const fn kept(&self) -> usize {
        Groups::known(self.groups, self.channels)
    }

    fn check(&self, n: usize, tensors: &[(&str, &[f32])], kept: &[f32]) {
        for (name, tensor) in tensors {
            check(name, tensor, n, &[self.positions, self.channels]);
        }
        if !kept.is_empty() {
            check("kept", kept, n, &[self.kept()]);
        }
    }

    fn groups<'a>(&self, weights: &'a impl FactorWeights<Param>) -> Groups<'a> {
        let (gamma, beta) = weights.parts();
        for part in [gamma, beta].into_iter().flatten() {
            check_parameter("weight of each channel", part.values().len(), &[self.channels]);
        }
        let Self { positions, channels, groups, epsilon } = *self;
        Groups { positions, channels, groups, epsilon, gamma: gamma.map(Param::values) }
    }

    /// Computes `y` from `x`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        weights: &impl FactorWeights<Param>,
        activation: Activation,
        y: &mut [f32],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.check(n, &[("x", x), ("y", y)], kept);
        let beta = weights.parts().1.map(Param::values);
        self.groups(weights).forward(x, beta, activation, y, kept, &mut scratch.work);
    }

    /// Sums up `dy`, which is before the activation, in `kept`: what both other functions need.
    pub fn backward_begin(&self, n: usize, x: &[f32], dy: &[f32], kept: &mut [f32], scratch: &mut Scratch) {
        self.check(n, &[("x", x), ("dy", dy)], kept);
        if !kept.is_empty() {
            self.groups(&()).gradient_sums((x, dy), kept, &mut scratch.work);
        }
    }

    /// Contributes to the gradients of gamma, Σ dy · x̂, and beta, Σ dy, behind [`backward_begin`](Self::backward_begin); x̂ is
    /// what gamma is multiplied with.
    pub fn backward_weights(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        kept: &mut [f32],
        gradients: &mut impl FactorWeights<Gradient>,
        scratch: &mut Scratch,
    ) {
        self.check(n, &[("x", x), ("dy", dy)], kept);
        let Scratch { packed, work, .. } = scratch;
        let groups = self.groups(&());
        let known = known(groups, (x, dy), kept, n * self.kept(), packed, work);
        let (gamma, beta) = gradients.parts_mut();
        for part in [&gamma, &beta].into_iter().flatten() {
            check_parameter("weight of each channel", part.len(), &[self.channels]);
        }
        let [gamma, beta] = [gamma, beta].map(|gradient| gradient.map(Gradient::contribute));
        groups.backward_factors(known, gamma, beta);
    }

    /// Computes the gradient by the input, behind [`backward_begin`](Self::backward_begin); `dy` is before the activation.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_input(
        &self,
        n: usize,
        weights: &impl FactorWeights<Param>,
        x: &[f32],
        dy: &[f32],
        kept: &mut [f32],
        dx: &mut [f32],
        write: Write,
        scratch: &mut Scratch,
    ) {
        self.check(n, &[("x", x), ("dy", dy), ("dx", dx)], kept);
        let Scratch { packed, work, .. } = scratch;
        let groups = self.groups(weights);
        let known = known(groups, (x, dy), kept, n * self.kept(), packed, work);
        groups.backward((x, dy), known, (dx, write), work);
    }
}

/// What was kept; computed again if that is nothing.
fn known<'k>(
    groups: Groups<'_>,
    (x, dy): (&[f32], &[f32]),
    kept: &'k mut [f32],
    len: usize,
    own: &'k mut AlignedBuffer,
    work: &mut AlignedBuffer,
) -> &'k mut [f32] {
    if !kept.is_empty() {
        return kept;
    }
    let own = own.take(len);
    groups.again(x, own, work);
    groups.gradient_sums((x, dy), own, work);
    own
}

impl GroupNormPlain {
    fn with_factors(&self) -> GroupNorm {
        let Self { positions, channels, groups, epsilon } = *self;
        GroupNorm { positions, channels, groups, epsilon }
    }

    /// Computes `y` from `x`.
    pub fn forward(
        &self,
        n: usize,
        x: &[f32],
        activation: Activation,
        y: &mut [f32],
        kept: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.with_factors().forward(n, x, &(), activation, y, kept, scratch);
    }

    /// Sums up `dy`, which is before the activation, in `kept`: what the other function needs.
    pub fn backward_begin(&self, n: usize, x: &[f32], dy: &[f32], kept: &mut [f32], scratch: &mut Scratch) {
        self.with_factors().backward_begin(n, x, dy, kept, scratch);
    }

    /// Computes the gradient by the input, behind [`backward_begin`](Self::backward_begin); `dy` is before the activation.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every layer that keeps something")]
    pub fn backward_input(
        &self,
        n: usize,
        x: &[f32],
        dy: &[f32],
        kept: &mut [f32],
        dx: &mut [f32],
        write: Write,
        scratch: &mut Scratch,
    ) {
        self.with_factors().backward_input(n, &(), x, dy, kept, dx, write, scratch);
    }
}
