//! Steps that keep weights without use at zero.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::require;
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::{LARGEST_SQUARED, Settings};
use crate::error::Error;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::rules;
use crate::kernels::optimizers::step::Step;

/// "Follow the regularized leader" (McMahan et al., "Ad Click Prediction: a View from the Trenches", 2013), as Keras's `Ftrl` with
/// its usual `learning_rate_power` of -0.5: for wide models of rare features, most of whose weights an `l1` makes zero.
///
/// `a' = a + g²`, `z += g + 2·shrinkage·w - (sqrt(a') - sqrt(a)) / rate·w`, then
/// `w = (clip(z, -l1, l1) - z) / (sqrt(a') / rate + 2·l2 + beta / rate)`. In a step of a learning rate of 0, nothing changes.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // Weights of features that do not help become 0.
/// let optimizer = Ftrl::new(0.05).l1(1e-3);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Ftrl {
    settings: Settings,
    initial_accumulator: f32,
    l1: f32,
    l2: f32,
    shrinkage: f32,
    beta: f32,
}

impl Ftrl {
    /// With Keras's defaults: an initial accumulator of 0.1, and 0 for all others.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self {
            settings: Settings::new(learning_rate),
            initial_accumulator: 0.1,
            l1: 0.0,
            l2: 0.0,
            shrinkage: 0.0,
            beta: 0.0,
        }
    }

    setters! {
        /// What the sum of squared gradients begins with, at least 0.
        initial_accumulator: f32,
        /// Keras's `l1_regularization_strength`: how large a weight's sum of gradients has to be for the weight not to be 0. At least 0.
        l1: f32,
        /// Keras's `l2_regularization_strength`, at least 0.
        l2: f32,
        /// Keras's `l2_shrinkage_regularization_strength`: a penalty of the size of weights alone, at least 0.
        shrinkage: f32,
        /// What is added to the root of the sum of squared gradients, at least 0.
        beta: f32,
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Ftrl {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Ftrl {
    type Moments = [Moment; 2];
    const NAME: &'static str = "Ftrl";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [
            Moment::filled("accumulator", parameter.len(), self.initial_accumulator),
            Moment::zeros("linear", parameter.len()),
        ]
    }

    fn update(
        &self,
        step: &Step,

        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [accumulator, linear]: &mut Self::Moments,
    ) {
        let rate = step.learning_rate;
        if rate == 0.0 {
            return;
        }
        let rule = rules::Ftrl { rate, l1: self.l1, l2: self.l2 + self.beta / (2.0 * rate), shrinkage: self.shrinkage };
        rules::apply(rule, step, gradient, [param, accumulator, linear]);
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        for (setting, value) in [
            ("`initial_accumulator`", self.initial_accumulator),
            ("`l1`", self.l1),
            ("`l2`", self.l2),
            ("`shrinkage`", self.shrinkage),
            ("`beta`", self.beta),
        ] {
            require(setting, value, value >= 0.0, "at least 0")?;
        }
        self.settings.validate()
    }
}
