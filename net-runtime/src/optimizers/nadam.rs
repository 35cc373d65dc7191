//! Adaptive moment estimation that looks ahead.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::{require, require_share};
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::{LARGEST_SQUARED, Settings};
use crate::error::Error;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::rules;
use crate::kernels::optimizers::step::Step;

/// Adam with Nesterov's momentum (Dozat, "Incorporating Nesterov Momentum into Adam", 2016), as Keras's `Nadam`.
///
/// In step t, from 1, with `uₜ = beta1·(1 - 0.96ᵗ / 2)` and `Uₜ` the product of `u₁` to `uₜ`: `m += (g - m)·(1 - beta1)`,
/// `v += (g² - v)·(1 - beta2)`, `w -= rate·(uₜ₊₁·m / (1 - Uₜ₊₁) + (1 - uₜ)·g / (1 - Uₜ)) / (sqrt(v / (1 - beta2ᵗ)) + epsilon)`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // As Adam, a little ahead.
/// let optimizer = Nadam::new(1e-3).beta2(0.99);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "NAdam")]
pub struct Nadam {
    settings: Settings,
    beta1: f64,
    beta2: f64,
    epsilon: f32,
}

impl Nadam {
    /// With Keras's defaults: beta1 0.9, beta2 0.999, epsilon 1e-7.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }
    }

    setters! {
        /// The share of the average gradient that a step keeps, from 0 to below 1.
        beta1: f64,
        /// The share of the average squared gradient that a step keeps, from 0 to below 1.
        beta2: f64,
        /// What is added so that nothing is divided by 0, above 0.
        epsilon: f32,
    }

    /// What the momentum and the gradient are multiplied by in a step, from 1. It follows from the number of the step alone, so that a
    /// saved state needs no product of earlier ones.
    fn shares(&self, step: u64) -> [f32; 2] {
        /// From here on `0.96ᵗ` is below the precision of an `f64`.
        const SETTLED: u64 = 1000;
        let warm = |step: u64| 1.0 - 0.5 * 0.96_f64.powf(step as f64);
        let factors: f64 = (1..=step.min(SETTLED)).map(warm).product();
        let product = factors * self.beta1.powf(step as f64);
        let [now, next] = [step, step + 1].map(|step| self.beta1 * warm(step));
        [next / (1.0 - product * next), (1.0 - now) / (1.0 - product)].map(|share| share as f32)
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Nadam {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Nadam {
    type Moments = [Moment; 2];
    const NAME: &'static str = "Nadam";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [Moment::zeros("momentum", parameter.len()), Moment::zeros("velocity", parameter.len())]
    }

    fn update(
        &self,
        step: &Step,

        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [momentum, velocity]: &mut Self::Moments,
    ) {
        let rule = rules::Nadam {
            rate: step.learning_rate,
            rest: [(1.0 - self.beta1) as f32, (1.0 - self.beta2) as f32],
            shares: self.shares(step.number),
            correction: 1.0 - step.power(self.beta2),
            epsilon: self.epsilon,
        };
        rules::apply(rule, step, gradient, [param, momentum, velocity]);
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
