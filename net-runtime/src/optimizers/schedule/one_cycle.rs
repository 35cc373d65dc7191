//! Up once, and down to nearly nothing.

use std::f64::consts::PI;

use super::steps::{require_rate, require_steps};
use crate::error::Error;
use crate::optimizers::require::require;

/// A rate that rises and falls once; see [`Schedule::one_cycle`](crate::optimizers::Schedule::one_cycle).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    largest: f32,
    steps: u64,
    rising: f32,
    start_divisor: f32,
    end_divisor: f32,
}

impl OneCycle {
    pub(super) fn new(largest: f32, steps: u64) -> Self {
        Self { largest, steps, rising: 0.3, start_divisor: 25.0, end_divisor: 1e4 }
    }

    /// The share of the steps in which the rate rises, 0.3 where nothing is said; between 0 and 1. PyTorch's `pct_start`.
    pub fn rising(mut self, share: f32) -> Self {
        self.rising = share;
        self
    }

    /// What the largest rate is divided by for the first one, 25 where nothing is said; at least 1. PyTorch's `div_factor`.
    pub fn start_divisor(mut self, divisor: f32) -> Self {
        self.start_divisor = divisor;
        self
    }

    /// What the first rate is divided by for the last one, 10,000 where nothing is said; at least 1. PyTorch's `final_div_factor`.
    pub fn end_divisor(mut self, divisor: f32) -> Self {
        self.end_divisor = divisor;
        self
    }

    pub(super) fn at(&self, step: u64) -> f32 {
        let largest = f64::from(self.largest);
        let first = largest / f64::from(self.start_divisor);
        let last = first / f64::from(self.end_divisor);
        // As PyTorch counts: the top is reached a step before that share is over, the end in the last step.
        let top = f64::from(self.rising) * self.steps as f64 - 1.0;
        let (step, end) = (step as f64, self.steps as f64 - 1.0);
        let wave = |from: f64, to: f64, done: f64| to + (from - to) / 2.0 * (1.0 + (PI * done).cos());
        let rate = if step >= end {
            last
        } else if step <= top {
            wave(first, largest, step / top)
        } else {
            wave(largest, last, (step - top) / (end - top))
        };
        rate as f32
    }

    pub(super) fn validate(&self) -> Result<(), Error> {
        require_rate(self.largest)?;
        require_steps("steps", self.steps)?;
        let rising = self.rising;
        require("`rising` of the learning rate", rising, rising > 0.0 && rising < 1.0, "between 0 and 1")?;
        for (name, divisor) in [("start_divisor", self.start_divisor), ("end_divisor", self.end_divisor)] {
            require(&format!("`{name}` of the learning rate"), divisor, divisor >= 1.0, "at least 1")?;
        }
        Ok(())
    }
}
