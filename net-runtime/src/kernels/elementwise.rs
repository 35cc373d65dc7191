//! Operations on one element after the other.

use super::parallel::for_each_rows;
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

/// `y = f(x)`
pub(crate) fn map(x: &[f32], y: &mut [f32], f: impl Fn(f32) -> f32 + Sync) {
    for_each_rows(y, 1, |first, y| {
        let x = &x[first..][..y.len()];
        y.iter_mut().zip(x).for_each(|(y, &x)| *y = f(x));
    });
}

/// `dx = f(a, dy)`, or added to it.
pub(crate) fn backward(a: &[f32], dy: &[f32], dx: &mut [f32], store: Store, f: impl Fn(f32, f32) -> f32 + Sync) {
    for_each_rows(dx, 1, |first, dx| {
        let (a, dy) = (&a[first..][..dx.len()], &dy[first..][..dx.len()]);
        put(store, dx, a.iter().zip(dy).map(|(&a, &dy)| f(a, dy)));
    });
}

/// `dy = f(y, dy)`
pub(crate) fn backward_in_place(y: &[f32], dy: &mut [f32], f: impl Fn(f32, f32) -> f32 + Sync) {
    for_each_rows(dy, 1, |first, dy| {
        let y = &y[first..][..dy.len()];
        dy.iter_mut().zip(y).for_each(|(dy, &y)| *dy = f(y, *dy));
    });
}
