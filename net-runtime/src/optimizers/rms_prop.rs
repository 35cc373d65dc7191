//! Gradient descent in units of each gradient's usual size.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::{require, require_share};
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::{LARGEST_SQUARED, Settings};
use crate::error::Error;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::loops as kernels;
use crate::kernels::optimizers::step::Step;

/// RMSprop (Hinton, lecture 6 of "Neural Networks for Machine Learning", 2012), as Keras's `RMSprop`.
///
/// `v = rho·v + (1 - rho)·g²`, then `w -= rate·g / sqrt(v + epsilon)`. Centered, `a = rho·a + (1 - rho)·g` and the root
/// is of `v - a² + epsilon`, where a difference below 0, which only rounding can make, counts as 0 (in Keras the weight
/// becomes a NaN when it is below `-epsilon`). With momentum, `m = momentum·m + rate·g / root` and `w -= m`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // With momentum, and squares counted from the mean.
/// let optimizer = RmsProp::new(1e-3).momentum(0.9).centered();
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "RMSprop")]
pub struct RmsProp {
    settings: Settings,
    rho: f64,
    momentum: f32,
    epsilon: f32,
    centered: bool,
}

impl RmsProp {
    /// With Keras's defaults: rho 0.9, no momentum, epsilon 1e-7, not centered. PyTorch calls rho `alpha` and takes 0.99; its
    /// epsilon is 1e-8, added to the root and not under it.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false }
    }

    setters! {
        /// The share of the averages that a step keeps, from 0 to below 1. (An `f64` for the sake of `1 - rho`.)
        rho: f64,
        /// The share of the last change that the next one keeps, from 0 (none) to 1.
        momentum: f32,
        /// What is added under the root, above 0.
        epsilon: f32,
    }

    /// Divides by the deviation of the gradient instead of its size.
    pub fn centered(mut self) -> Self {
        self.centered = true;
        self
    }
}

/// With Keras's learning rate: 0.001.
impl Default for RmsProp {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for RmsProp {
    type Moments = [Moment; 3];
    const NAME: &'static str = "RmsProp";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        let if_used = |used: bool| if used { parameter.len() } else { 0 };
        [
            Moment::zeros("velocity", parameter.len()),
            Moment::zeros("average_gradient", if_used(self.centered)),
            Moment::zeros("momentum", if_used(self.momentum != 0.0)),
        ]
    }

    fn update(
        &self,
        step: &Step,

        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [velocity, average, momentum]: &mut Self::Moments,
    ) {
        let rho = [self.rho as f32, (1.0 - self.rho) as f32];
        let rms_prop = kernels::RmsProp { step, rho, momentum: self.momentum, epsilon: self.epsilon };
        kernels::rms_prop(rms_prop, param, gradient, velocity, average, momentum);
    }

    fn largest_gradient(&self, _: f32) -> f32 {
        LARGEST_SQUARED
    }

    fn validate(&self) -> Result<(), Error> {
        require_share("`rho`", self.rho)?;
        require("`momentum`", self.momentum, (0.0..=1.0).contains(&self.momentum), "from 0 to 1")?;
        require("`epsilon`", self.epsilon, self.epsilon > 0.0, "above 0")?;
        self.settings.validate()
    }
}
