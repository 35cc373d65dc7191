//! Along a power of what is left.

use super::steps::{fraction, require_rate, require_steps};
use crate::error::Error;
use crate::optimizers::require::require;

/// A rate that falls along a power; see [`Schedule::polynomial`](crate::optimizers::Schedule::polynomial).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polynomial {
    initial: f32,
    decay_steps: u64,
    end: f32,
    power: f32,
    cycle: bool,
}

impl Polynomial {
    pub(super) fn new(initial: f32, decay_steps: u64) -> Self {
        Self { initial, decay_steps, end: 1e-4, power: 1.0, cycle: false }
    }

    /// The last rate.
    pub fn end(mut self, rate: f32) -> Self {
        self.end = rate;
        self
    }

    /// The power: 1 is a straight line, 2 falls fast first, 0.5 fast last. Above 0.
    pub fn power(mut self, power: f32) -> Self {
        self.power = power;
        self
    }

    /// Goes on behind the last rate: up again, and down in twice the steps from the beginning, in three times, and so on.
    pub fn cycle(mut self) -> Self {
        self.cycle = true;
        self
    }

    pub(super) fn at(&self, step: u64) -> f32 {
        let done = if self.cycle {
            // Saturating: what overflows is far beyond all training.
            let rounds =
                step.checked_div(self.decay_steps).unwrap_or(0) + u64::from(!is_multiple(step, self.decay_steps));
            fraction(step, self.decay_steps.saturating_mul(rounds.max(1)))
        } else {
            fraction(step.min(self.decay_steps), self.decay_steps)
        };
        (self.initial - self.end) * (1.0 - done).powf(self.power) + self.end
    }

    pub(super) fn validate(&self) -> Result<(), Error> {
        require_rate(self.initial)?;
        require_rate(self.end)?;
        require_steps("decay_steps", self.decay_steps)?;
        require("`power` of the learning rate", self.power, self.power > 0.0, "above 0")
    }
}

fn is_multiple(step: u64, of: u64) -> bool {
    step.checked_rem(of).is_none_or(|rest| rest == 0)
}
