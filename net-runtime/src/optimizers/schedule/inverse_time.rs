//! In inverse proportion to the steps.

use super::steps::{fraction, require_rate, require_steps};
use crate::error::Error;
use crate::optimizers::require::require;

/// A rate that is divided by what grows evenly; see [`Schedule::inverse_time`](crate::optimizers::Schedule::inverse_time).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseTime {
    initial: f32,
    decay_steps: u64,
    decay_rate: f32,
    staircase: bool,
}

impl InverseTime {
    pub(super) fn new(initial: f32, decay_steps: u64, decay_rate: f32) -> Self {
        Self { initial, decay_steps, decay_rate, staircase: false }
    }

    /// Lets the rate fall only every `decay_steps` steps.
    pub fn staircase(mut self) -> Self {
        self.staircase = true;
        self
    }

    pub(super) fn at(&self, step: u64) -> f32 {
        let falls = if self.staircase {
            step.checked_div(self.decay_steps).map_or(f32::NAN, |whole| whole as f32)
        } else {
            fraction(step, self.decay_steps)
        };
        self.initial / (1.0 + self.decay_rate * falls)
    }

    pub(super) fn validate(&self) -> Result<(), Error> {
        require_rate(self.initial)?;
        require_steps("decay_steps", self.decay_steps)?;
        require("`decay_rate` of the learning rate", self.decay_rate, self.decay_rate >= 0.0, "at least 0")
    }
}
