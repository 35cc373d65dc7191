//! Adaptive moment estimation in units of a parameter's size.

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

/// LAMB (You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", 2020), as Keras's `Lamb`: Adam's
/// step, made as long as the parameter itself times the learning rate; for very large batches.
///
/// In step t, from 1: `m += (g - m)·(1 - beta1)`, `v += (g² - v)·(1 - beta2)`,
/// `u = (m / (1 - beta1ᵗ)) / (sqrt(v / (1 - beta2ᵗ)) + epsilon)`, `w -= rate·u·|w| / |u|` with the norms of the whole parameter; their
/// quotient is 1 where one of them is 0. It takes a pass for the moments, one for the norms and one for the weights.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // For batches of thousands.
/// let optimizer = Lamb::new(Schedule::polynomial(1e-3, 5_000)).weight_decay(0.01);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "LAMB")]
pub struct Lamb {
    settings: Settings,
    beta1: f64,
    beta2: f64,
    epsilon: f32,
}

impl Lamb {
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
}

/// With Keras's learning rate: 0.001.
impl Default for Lamb {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Lamb {
    type Moments = [Moment; 2];
    const NAME: &'static str = "Lamb";

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
        let moments = rules::LambMoments { rest: [(1.0 - self.beta1) as f32, (1.0 - self.beta2) as f32] };
        rules::apply(moments, step, gradient, [&mut *param, &mut *momentum, &mut *velocity]);
        let corrections = [self.beta1, self.beta2].map(|beta| 1.0 - step.power(beta));
        let update = rules::LambUpdate { corrections, epsilon: self.epsilon };
        rules::lamb(update, step.learning_rate, param, momentum, velocity);
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
