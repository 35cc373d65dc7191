//! Steps that need no schedule.

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

/// Schedule-free AdamW (Defazio et al., "The Road Less Scheduled", 2024), as Keras's `ScheduleFreeAdamW`: gradients are those at a
/// place between where the steps lead and the average of all such places, which replaces a learning rate that falls.
///
/// In step t, from 1: `v += (g² - v)·(1 - beta2)`, `z -= rate·g / (sqrt(v / (1 - beta2ᵗ)) + epsilon)`, `x += (z - x) / t`, and
/// `w = (1 - beta1)·z + beta1·x`, where `x` is found from the last `w` and `z`, and `z` begins as the parameter. That is Keras's own
/// formula; on TensorFlow, Keras 3.15 finds `x` from the last `w` and the new `z`, since it reads a variable later than it seems to.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // No rate to plan, but a short rise at the beginning.
/// let optimizer = ScheduleFreeAdamW::new(2.5e-3).warmup_steps(500);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "AdamWScheduleFree")]
pub struct ScheduleFreeAdamW {
    settings: Settings,
    beta1: f64,
    beta2: f64,
    epsilon: f32,
    warmup_steps: u64,
}

impl ScheduleFreeAdamW {
    /// With Keras's defaults: beta1 0.9, beta2 0.999, epsilon 1e-8, no warm-up and no weight decay.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), beta1: 0.9, beta2: 0.999, epsilon: 1e-8, warmup_steps: 0 }
    }

    setters! {
        /// The share of the average place in where gradients are taken, above 0 and below 1.
        beta1: f64,
        /// The share of the average squared gradient that a step keeps, from 0 to below 1.
        beta2: f64,
        /// What is added to the root of the average squared gradient, above 0.
        epsilon: f32,
        /// Over how many steps the learning rate rises to what it is.
        warmup_steps: u64,
    }
}

/// With Keras's learning rate: 0.0025.
impl Default for ScheduleFreeAdamW {
    fn default() -> Self {
        Self::new(2.5e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for ScheduleFreeAdamW {
    type Moments = [Moment; 2];
    const NAME: &'static str = "ScheduleFreeAdamW";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [Moment::of("place", parameter.values), Moment::zeros("velocity", parameter.len())]
    }

    fn update(
        &self,
        step: &Step,
        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [place, velocity]: &mut Self::Moments,
    ) {
        let warmed = (step.number as f32 / self.warmup_steps.max(1) as f32).min(1.0);
        let beta1 = self.beta1 as f32;
        let rule = rules::ScheduleFree {
            rate: step.learning_rate * warmed,
            beta1: [beta1, 1.0 - beta1],
            rest: 1.0 - self.beta2 as f32,
            correction: 1.0 - step.power(self.beta2),
            epsilon: self.epsilon,
            share: (1.0 / step.number as f64) as f32,
        };
        rules::apply(rule, step, gradient, [param, place, velocity]);
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        let beta1 = self.beta1 as f32;
        require("`beta1`", beta1, beta1 > 0.0 && beta1 < 1.0, "above 0 and below 1")?;
        require_share("`beta2`", self.beta2)?;
        require("`epsilon`", self.epsilon, self.epsilon > 0.0, "above 0")?;
        self.settings.validate()
    }
}
