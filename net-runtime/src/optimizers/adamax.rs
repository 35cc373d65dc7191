//! Adaptive moment estimation with the largest gradient.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::{require, require_share};
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::Settings;
use crate::error::Error;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::rules;
use crate::kernels::optimizers::step::Step;

/// Adamax (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, section 7), as Keras's `Adamax`.
///
/// In step t, from 1: `m += (g - m)·(1 - beta1)`, `u = max(beta2·u, |g|)`, `w -= rate·m / ((1 - beta1ᵗ)·(u + epsilon))`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // The rate of the paper.
/// let optimizer = Adamax::new(2e-3);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adamax {
    settings: Settings,
    beta1: f64,
    beta2: f64,
    epsilon: f32,
}

impl Adamax {
    /// With Keras's defaults: beta1 0.9, beta2 0.999, epsilon 1e-7.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }
    }

    setters! {
        /// The share of the average gradient that a step keeps, from 0 to below 1.
        beta1: f64,
        /// The share of the largest gradient that a step keeps, from 0 to below 1.
        beta2: f64,
        /// What is added so that nothing is divided by 0, above 0.
        epsilon: f32,
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Adamax {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Adamax {
    type Moments = [Moment; 2];
    const NAME: &'static str = "Adamax";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [Moment::zeros("momentum", parameter.len()), Moment::zeros("norm", parameter.len())]
    }

    fn update(
        &self,
        step: &Step,

        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [momentum, norm]: &mut Self::Moments,
    ) {
        let rule = rules::Adamax {
            rate: step.learning_rate,
            rest: (1.0 - self.beta1) as f32,
            beta2: self.beta2 as f32,
            correction: 1.0 - step.power(self.beta1),
            epsilon: self.epsilon,
        };
        rules::apply(rule, step, gradient, [param, momentum, norm]);
    }

    /// A difference of two such numbers is finite.
    fn largest_gradient(&self, learning_rate: f32) -> f32 {
        f32::MAX / 4.0 / learning_rate.max(1.0)
    }

    fn validate(&self) -> Result<(), Error> {
        require_share("`beta1`", self.beta1)?;
        require_share("`beta2`", self.beta2)?;
        require("`epsilon`", self.epsilon, self.epsilon > 0.0, "above 0")?;
        self.settings.validate()
    }
}
