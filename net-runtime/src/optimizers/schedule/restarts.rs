//! Half a cosine wave, again and again.

use std::f32::consts::PI;

use super::steps::{require_rate, require_steps};
use crate::error::Error;
use crate::optimizers::require::require;

/// A rate that falls along half a cosine wave and begins anew; see
/// [`Schedule::cosine_restarts`](crate::optimizers::Schedule::cosine_restarts).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineRestarts {
    initial: f32,
    first_steps: u64,
    longer: f32,
    lower: f32,
    alpha: f32,
}

impl CosineRestarts {
    pub(super) fn new(initial: f32, first_steps: u64) -> Self {
        Self { initial, first_steps, longer: 2.0, lower: 1.0, alpha: 0.0 }
    }

    /// How many times as long as the wave before each one is, 2 where nothing is said; at least 1. Keras's `t_mul`.
    pub fn longer(mut self, times: f32) -> Self {
        self.longer = times;
        self
    }

    /// How many times as high as the wave before each one begins, 1 where nothing is said; above 0. Keras's `m_mul`.
    pub fn lower(mut self, times: f32) -> Self {
        self.lower = times;
        self
    }

    /// The last rate of a wave, as a share of the initial one.
    pub fn alpha(mut self, share: f32) -> Self {
        self.alpha = share;
        self
    }

    pub(super) fn at(&self, step: u64) -> f32 {
        let (waves, done) = self.wave(step as f64 / self.first_steps as f64);
        let height = f64::from(self.lower).powf(waves) as f32;
        let wave = 0.5 * height * (1.0 + (PI * done as f32).cos());
        self.initial * ((1.0 - self.alpha) * wave + self.alpha)
    }

    /// How many waves are over, and what share of the next one is, where so many first ones would be.
    fn wave(&self, first: f64) -> (f64, f64) {
        let longer = f64::from(self.longer);
        if !first.is_finite() {
            return (0.0, f64::NAN);
        }
        if longer == 1.0 {
            return (first.floor(), first.fract());
        }
        // Waves of lengths 1, l, l², ...: n of them are (lⁿ - 1) / (l - 1) long.
        let begin = |waves: f64| (longer.powf(waves) - 1.0) / (longer - 1.0);
        let waves = (1.0 + first * (longer - 1.0)).log(longer).floor();
        // The logarithm may be just off a whole number.
        let waves = match waves {
            waves if begin(waves) > first => waves - 1.0,
            waves if begin(waves + 1.0) <= first => waves + 1.0,
            waves => waves,
        };
        (waves, (first - begin(waves)) / longer.powf(waves))
    }

    pub(super) fn validate(&self) -> Result<(), Error> {
        require_rate(self.initial)?;
        require_steps("first_steps", self.first_steps)?;
        require("`longer` of the learning rate", self.longer, self.longer >= 1.0, "at least 1")?;
        require("`lower` of the learning rate", self.lower, self.lower > 0.0, "above 0")?;
        require("`alpha` of the learning rate", self.alpha, self.alpha >= 0.0, "at least 0")
    }
}
