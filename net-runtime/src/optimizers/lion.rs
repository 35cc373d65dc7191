//! Steps of one size.

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

/// Lion (Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023), as Keras's `Lion`: a step of one size in the
/// direction of the sign of an average, with half of Adam's memory. Its learning rate should be some three to ten times smaller
/// than Adam's, its weight decay as much larger.
///
/// `w -= rate·sign(beta1·m + (1 - beta1)·g)`, then `m = beta2·m + (1 - beta2)·g`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // A tenth of Adam's rate, ten times its decay.
/// let optimizer = Lion::new(1e-4).weight_decay(0.1);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lion {
    settings: Settings,
    beta1: f64,
    beta2: f64,
}

impl Lion {
    /// With Keras's defaults: beta1 0.9, beta2 0.99.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), beta1: 0.9, beta2: 0.99 }
    }

    setters! {
        /// The share of the average in the direction of a step, above 0 and below 1.
        beta1: f64,
        /// The share of the average gradient that a step keeps, from 0 to below 1.
        beta2: f64,
    }
}

/// With Keras's learning rate: 0.001.
impl Default for Lion {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Lion {
    type Moments = [Moment; 1];
    const NAME: &'static str = "Lion";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [Moment::zeros("momentum", parameter.len())]
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, [momentum]: &mut Self::Moments) {
        let both = |beta: f64| [beta as f32, 1.0 - beta as f32];
        let rule = rules::Lion { rate: step.learning_rate, beta1: both(self.beta1), beta2: both(self.beta2) };
        rules::apply(rule, step, gradient, [param, momentum]);
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        f32::MAX / 4.0
    }

    fn validate(&self) -> Result<(), Error> {
        let beta1 = self.beta1 as f32;
        require("`beta1`", beta1, beta1 > 0.0 && beta1 < 1.0, "above 0 and below 1")?;
        require_share("`beta2`", self.beta2)?;
        self.settings.validate()
    }
}
