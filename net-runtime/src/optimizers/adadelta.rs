//! Steps in units of a weight's earlier steps.

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

/// Adadelta (Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012), as Keras's `Adadelta`.
///
/// `a = rho·a + (1 - rho)·g²`, `d = -g·sqrt(b + epsilon) / sqrt(a + epsilon)`, `b = rho·b + (1 - rho)·d²`, then `w += rate·d`.
/// The paper's learning rate is 1.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // As in the paper and in PyTorch.
/// let optimizer = Adadelta::new(1.0).rho(0.9).epsilon(1e-6);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adadelta {
    settings: Settings,
    rho: f64,
    epsilon: f32,
}

impl Adadelta {
    /// With Keras's defaults: rho 0.95, epsilon 1e-7. PyTorch's are 0.9 and 1e-6.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), rho: 0.95, epsilon: 1e-7 }
    }

    setters! {
        /// The share of the averages that a step keeps, from 0 to below 1.
        rho: f64,
        /// What is added so that nothing is divided by 0, above 0.
        epsilon: f32,
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Adadelta {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Adadelta {
    type Moments = [Moment; 2];
    const NAME: &'static str = "Adadelta";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [Moment::zeros("accumulated_gradient", parameter.len()), Moment::zeros("accumulated_change", parameter.len())]
    }

    fn update(
        &self,
        step: &Step,

        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [of_gradient, of_change]: &mut Self::Moments,
    ) {
        let rho = [self.rho as f32, (1.0 - self.rho) as f32];
        let rule = rules::Adadelta { rate: step.learning_rate, rho, epsilon: self.epsilon };
        rules::apply(rule, step, gradient, [param, of_gradient, of_change]);
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        require_share("`rho`", self.rho)?;
        require("`epsilon`", self.epsilon, self.epsilon > 0.0, "above 0")?;
        self.settings.validate()
    }
}
