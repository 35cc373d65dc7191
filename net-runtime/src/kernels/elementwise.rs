//! Operations on one element after the other.

use crate::Store;

/// Sets values, adds them to what is there, or sets them where that is positive.
pub(crate) fn put(store: impl Into<Store>, place: &mut [f32], values: impl Iterator<Item = f32>) {
    let pairs = place.iter_mut().zip(values);
    match store.into() {
        Store::Set => pairs.for_each(|(place, value)| *place = value),
        Store::Add => pairs.for_each(|(place, value)| *place += value),
        Store::Mask => pairs.for_each(|(place, value)| *place = if *place > 0.0 { value } else { 0.0 }),
    }
}
