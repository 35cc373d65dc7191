//! Stochastic gradient descent.

use super::Optimizer;
use super::moment::{Moment, Parameter};
use super::require::require;
use super::schedule::Schedule;
use super::setters::{setters, settings_field};
use super::settings::Settings;
use crate::error::Error;
use crate::kernels::optimizers::clipped_gradient::ClippedGradient;
use crate::kernels::optimizers::loops as kernels;
use crate::kernels::optimizers::step::Step;

/// Gradient descent, with momentum if asked for. Keras's `SGD`.
///
/// `w -= rate·g`; with momentum `m = momentum·m - rate·g`, then `w += m`, or as Nesterov has it
/// `w += momentum·m - rate·g`.
///
/// ```
/// use net_runtime::prelude::*;
///
/// // The usual one for images, with a rate that falls or not.
/// let optimizer = Sgd::new(0.1).momentum(0.9).nesterov();
/// optimizer.validate()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "SGD")]
pub struct Sgd {
    settings: Settings,
    momentum: f32,
    nesterov: bool,
}

impl Sgd {
    /// Plain gradient descent.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), momentum: 0.0, nesterov: false }
    }

    setters! {
        /// The share of the last change that the next one keeps, from 0 (none) to 1.
        momentum: f32,
    }

    /// Takes the gradient's own step on top of the momentum's; without momentum it changes nothing.
    pub fn nesterov(mut self) -> Self {
        self.nesterov = true;
        self
    }
}

/// With Keras's learning rate: 0.01.
impl Default for Sgd {
    fn default() -> Self {
        Self::new(0.01)
    }
}

#[diagnostic::do_not_recommend]
impl Optimizer for Sgd {
    type Moments = [Moment; 1];
    const NAME: &'static str = "Sgd";
    const ELEMENTWISE: bool = true;

    settings_field!();

    fn moments(&self, parameter: Parameter<'_>) -> Self::Moments {
        [Moment::zeros("momentum", if self.momentum == 0.0 { 0 } else { parameter.len() })]
    }

    fn update(&self, step: &Step, param: &mut [f32], gradient: ClippedGradient<'_>, [moment]: &mut Self::Moments) {
        let sgd = kernels::Sgd { step, momentum: self.momentum, nesterov: self.nesterov };
        kernels::sgd(sgd, param, gradient, moment);
    }

    /// Steps of such gradients leave room for the weight, and for the momentum of Nesterov's.
    fn largest_gradient(&self, learning_rate: f32) -> f32 {
        f32::MAX / 4.0 / learning_rate.max(1.0)
    }

    fn validate(&self) -> Result<(), Error> {
        require("`momentum`", self.momentum, (0.0..=1.0).contains(&self.momentum), "from 0 to 1")?;
        self.settings.validate()
    }
}
