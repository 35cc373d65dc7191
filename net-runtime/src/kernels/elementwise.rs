//! Operations on one element after the other.

use crate::Write;

/// Sets values, or adds them to what is there.
pub(crate) fn put(write: Write, place: &mut [f32], values: impl Iterator<Item = f32>) {
    let pairs = place.iter_mut().zip(values);
    match write {
        Write::Set => pairs.for_each(|(place, value)| *place = value),
        Write::Add => pairs.for_each(|(place, value)| *place += value),
    }
}
