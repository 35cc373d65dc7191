//! Checks of settings.

use crate::error::Error;

/// An error unless what a moment keeps of itself is a share, from 0 to below 1.
pub(super) fn require_share(setting: &str, share: f64) -> Result<(), Error> {
    // As an `f32`, as which it is used.
    let share = share as f32;
    require(setting, share, (0.0..1.0).contains(&share), "from 0 to below 1")
}

/// An error unless a setting is finite and in its range.
pub(super) fn require(setting: &str, value: f32, in_range: bool, range: &str) -> Result<(), Error> {
    if in_range && value.is_finite() {
        return Ok(());
    }
    Err(Error::Invalid(format!("{setting} should be {range}, but is {value}")))
}
