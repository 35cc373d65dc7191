//! The largest or the mean value of windows.

pub(crate) mod in_place;
pub(crate) mod windows;
