//! Steps that become smaller with what a weight has moved.

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

/// Adagrad (Duchi, Hazan, Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011), as Keras's
/// `Adagrad`.
///
/// `a += g²`, then `w -= rate·g / sqrt(a + epsilon)`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // Rare features keep large steps.
/// let optimizer = Adagrad::new(0.01).initial_accumulator(0.0);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adagrad {
    settings: Settings,
    initial_accumulator: f32,
    epsilon: f32,
}

impl Adagrad {
    /// With Keras's defaults: an initial accumulator of 0.1, epsilon 1e-7. PyTorch's are 0 and 1e-10, the epsilon added to the root.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), initial_accumulator: 0.1, epsilon: 1e-7 }
    }

    setters! {
        /// What the sum of squared gradients begins with, at least 0.
        initial_accumulator: f32,
        /// What is added so that nothing is divided by 0, above 0.
        epsilon: f32,
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Adagrad {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Adagrad {
    type Moments = [Moment; 1];
    const NAME: &'static str = "Adagrad";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [Moment::filled("accumulator", parameter.len(), self.initial_accumulator)]
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, [accumulator]: &mut Self::Moments) {
        let rule = rules::Adagrad { rate: step.learning_rate, epsilon: self.epsilon };
        rules::apply(rule, step, gradient, [param, accumulator]);
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        let initial = self.initial_accumulator;
        require("`initial_accumulator`", initial, initial >= 0.0, "at least 0")?;
        require("`epsilon`", self.epsilon, self.epsilon > 0.0, "above 0")?;
        self.settings.validate()
    }
}
