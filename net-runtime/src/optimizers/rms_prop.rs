//! Gradient descent in units of each gradient's usual size.

use super::moment::flush;
use super::settings::require;
use super::{ClippedGradient, Moment, Optimizer, Schedule, Settings, Step};
use crate::Error;

/// RMSprop (Hinton 2012), as Keras's `RMSprop`.
///
/// `v = rho·v + (1 - rho)·g²`, then `w -= rate·g / sqrt(v + epsilon)`. Centered, `a = rho·a + (1 - rho)·g` and the root
/// is of `v - a² + epsilon`, where a difference below 0, which only rounding can make, counts as 0 (in Keras the weight
/// becomes a NaN when it is below `-epsilon`). With momentum, `m = momentum·m + rate·g / root` and `w -= m`.
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp {
    settings: Settings,
    rho: f64,
    momentum: f32,
    epsilon: f32,
    centered: bool,
}

impl RmsProp {
    /// With Keras's defaults: rho 0.9, no momentum, epsilon 1e-7, not centered.
    pub fn new(learning_rate: impl Into<Schedule>) -> Self {
        Self { settings: Settings::new(learning_rate), rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false }
    }

    /// The share of the averages that a step keeps, from 0 to below 1. (An `f64` for the sake of `1 - rho`.)
    pub fn rho(mut self, rho: f64) -> Self {
        self.rho = rho;
        self
    }

    /// The share of the last change that the next one keeps, from 0 (none) to 1.
    pub fn momentum(mut self, momentum: f32) -> Self {
        self.momentum = momentum;
        self
    }

    /// What is added under the root, above 0.
    pub fn epsilon(mut self, epsilon: f32) -> Self {
        self.epsilon = epsilon;
        self
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

impl Optimizer for RmsProp {
    type Moments = [Moment; 3];
    const NAME: &'static str = "RmsProp";

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    fn moments(&self, len: usize) -> Self::Moments {
        let if_used = |used: bool| if used { len } else { 0 };
        [
            Moment::zeros("velocity", len),
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
        let (rho, rest) = (self.rho as f32, (1.0 - self.rho) as f32);
        let (rate, epsilon) = (step.learning_rate, self.epsilon);
        let moving = |average: f32, value: f32| flush(rho * average + rest * value);
        let plain = |g: f32, v: &mut f32| {
            *v = moving(*v, g * g);
            rate * g / (*v + epsilon).sqrt()
        };
        let centered = |g: f32, v: &mut f32, a: &mut f32| {
            *v = moving(*v, g * g);
            *a = moving(*a, g);
            // A variance; where rounding makes it less than nothing, its root would be a NaN.
            rate * g / ((*v - *a * *a).max(0.0) + epsilon).sqrt()
        };
        let keep = |m: &mut f32, change: f32| {
            *m = flush(self.momentum * *m + change);
            *m
        };
        let weights = param.iter_mut().zip(gradient.iter()).zip(velocity.iter_mut());
        match (self.centered, self.momentum != 0.0) {
            (false, false) => {
                for ((w, g), v) in weights {
                    *w = step.decay(*w) - plain(g, v);
                }
            }
            (false, true) => {
                for (((w, g), v), m) in weights.zip(momentum.iter_mut()) {
                    *w = step.decay(*w) - keep(m, plain(g, v));
                }
            }
            (true, false) => {
                for (((w, g), v), a) in weights.zip(average.iter_mut()) {
                    *w = step.decay(*w) - centered(g, v, a);
                }
            }
            (true, true) => {
                for ((((w, g), v), a), m) in weights.zip(average.iter_mut()).zip(momentum.iter_mut()) {
                    *w = step.decay(*w) - keep(m, centered(g, v, a));
                }
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require("`rho`", self.rho as f32, (0.0..1.0).contains(&(self.rho as f32)), "from 0 to below 1")?;
        require("`momentum`", self.momentum, (0.0..=1.0).contains(&self.momentum), "from 0 to 1")?;
        require("`epsilon`", self.epsilon, self.epsilon > 0.0, "above 0")?;
        self.settings.validate()
    }
}
