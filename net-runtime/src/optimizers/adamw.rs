//! Adam with weight decay.

use super::Optimizer;
use super::adam::Adam;
use super::moment::{Moment, Parameter};
use super::schedule::Schedule;
use super::settings::Settings;
use crate::error::Error;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::step::Step;

/// [`Adam`] with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019), as Keras's `AdamW`:
/// 0.004 where nothing else is said, of every parameter.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // PyTorch's decay, of kernels alone.
/// let optimizer = AdamW::new(1e-3).weight_decay(0.01).exclude_from_weight_decay(["bias", "gamma", "beta"]);
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AdamW(Adam);

impl AdamW {
    /// With Keras's defaults: weight decay 0.004, beta1 0.9, beta2 0.999, epsilon 1e-7. PyTorch's weight decay is 0.01, its epsilon
    /// 1e-8.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self(Adam::new(learning_rate).weight_decay(0.004))
    }

    /// As [`Adam::beta1`].
    pub fn beta1(self, beta1: f64) -> Self {
        Self(self.0.beta1(beta1))
    }

    /// As [`Adam::beta2`].
    pub fn beta2(self, beta2: f64) -> Self {
        Self(self.0.beta2(beta2))
    }

    /// As [`Adam::epsilon`].
    pub fn epsilon(self, epsilon: f32) -> Self {
        Self(self.0.epsilon(epsilon))
    }

    /// As [`Adam::amsgrad`].
    pub fn amsgrad(self) -> Self {
        Self(self.0.amsgrad())
    }
}

/// With Keras's learning rate: 0.001.
impl Default for AdamW {
    fn default() -> Self {
        Self::new(1e-3)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for AdamW {
    type Moments = [Moment; 3];
    const NAME: &'static str = "AdamW";
    const ELEMENTWISE: bool = true;

    fn settings(&self) -> &Settings {
        self.0.settings()
    }

    fn settings_mut(&mut self) -> &mut Settings {
        self.0.settings_mut()
    }

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        self.0.moments(parameter)
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, moments: &mut Self::Moments) {
        self.0.update(step, param, gradient, moments);
    }

    fn largest_gradient(&self, learning_rate: f32) -> f32 {
        self.0.largest_gradient(learning_rate)
    }

    fn validate(&self) -> Result<(), Error> {
        self.0.validate()
    }
}
