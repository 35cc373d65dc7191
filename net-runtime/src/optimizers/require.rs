//! Checks of settings.

use crate::error::Error;

/// An error unless a setting is finite and in its range.
pub(super) fn require(setting: &str, value: f32, in_range: bool, range: &str) -> Result<(), Error> {
    if in_range && value.is_finite() {
        return Ok(());
    }
    Err(Error::Invalid(format!("{setting} should be {range}, but is {value}")))
}
