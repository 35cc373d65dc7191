//! Numbers of steps and rates, as all schedules check and divide them.

use crate::error::Error;
use crate::optimizers::require::require;

pub(super) fn require_rate(rate: f32) -> Result<(), Error> {
    require("the learning rate", rate, rate >= 0.0, "at least 0")
}

/// `name` is what the schedule calls the steps.
pub(super) fn require_steps(name: &str, steps: u64) -> Result<(), Error> {
    match steps {
        0 => Err(Error::Invalid(format!("`{name}` of the learning rate should be above 0"))),
        _ => Ok(()),
    }
}

/// One number as a share of another: exact up to the rounding to `f32`, for large numbers too.
pub(super) fn fraction(part: u64, whole: u64) -> f32 {
    (part as f64 / whole as f64) as f32
}
