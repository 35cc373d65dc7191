//! Adaptive moment estimation.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::{require, require_share};
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::{LARGEST_SQUARED, Settings};
use crate::error::Error;
use crate::kernels::optimizers::adam as kernels;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::rules;
use crate::kernels::optimizers::step::Step;

/// Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015), as Keras's `Adam`.
///
/// In step t, from 1: `m += (g - m)·(1 - beta1)`, `v += (g² - v)·(1 - beta2)`,
/// `w -= m·alpha / (sqrt(v) + epsilon)` with `alpha = rate·sqrt(1 - beta2ᵗ) / (1 - beta1ᵗ)`. With [AMSGrad](Self::amsgrad), the root
/// is of the largest `v` so far.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // A rate that rises in 500 steps and falls in 10,000, and no gradient longer than 1.
/// let optimizer = Adam::new(Schedule::cosine(0.0, 10_000).warmup(1e-3, 500)).clip_global_norm(1.0);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    settings: Settings,
    beta1: f64,
    beta2: f64,
    epsilon: f32,
    amsgrad: bool,
}

impl Adam {
    /// With Keras's defaults: beta1 0.9, beta2 0.999, epsilon 1e-7. PyTorch's epsilon is 1e-8, and not within the correction of
    /// the first steps: its step t is that of an epsilon of `1e-8 · sqrt(1 - beta2ᵗ)` here.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false }
    }

    setters! {
        /// The share of the average gradient that a step keeps, from 0 to below 1.
        beta1: f64,
        /// The share of the average squared gradient that a step keeps, from 0 to below 1.
        ///
        /// It is an `f64` because Keras computes `1 - beta2` in that precision; in `f32`, five digits would be left of it.
        beta2: f64,
        /// What is added to the root of the average squared gradient, above 0.
        epsilon: f32,
    }

    /// Divides by the largest average of squared gradients so far (Reddi et al., "On the Convergence of Adam and Beyond", 2018):
    /// steps never grow again.
    pub fn amsgrad(mut self) -> Self {
        self.amsgrad = true;
        self
    }

    /// `rate·sqrt(1 - beta2ᵗ) / (1 - beta1ᵗ)`.
    fn alpha(&self, step: &Step) -> f32 {
        step.learning_rate * (1.0 - step.power(self.beta2)).sqrt() / (1.0 - step.power(self.beta1))
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Adam {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Adam {
    type Moments = [Moment; 3];
    const NAME: &'static str = "Adam";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        let largest = Moment::zeros("largest_velocity", if self.amsgrad { parameter.len() } else { 0 });
        [Moment::zeros("momentum", parameter.len()), Moment::zeros("velocity", parameter.len()), largest]
    }

    fn update(
        &self,
        step: &Step,

        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [momentum, velocity, largest]: &mut Self::Moments,
    ) {
        let alpha = self.alpha(step);
        let rest = [(1.0 - self.beta1) as f32, (1.0 - self.beta2) as f32];
        if self.amsgrad {
            let rule = rules::AmsGrad { alpha, rest, epsilon: self.epsilon };
            return rules::apply(rule, step, gradient, [param, momentum, velocity, largest]);
        }
        let adam = kernels::Adam { step, alpha, rest, epsilon: self.epsilon };
        kernels::adam(adam, param, gradient, momentum, velocity);
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        require_share("`beta1`", self.beta1)?;
        require_share("`beta2`", self.beta2)?;
        require("`epsilon`", self.epsilon, self.epsilon > 0.0, "above 0")?;
        self.settings.validate()
    }
}
