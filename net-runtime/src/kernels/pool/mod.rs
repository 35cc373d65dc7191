//! The largest or the mean value of windows.

pub(crate) mod average;
pub(crate) mod in_place;
pub(crate) mod max;
pub(crate) mod windows;
