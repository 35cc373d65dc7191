//! Operations on one element after the other.

use super::parallel::for_each_rows;
use crate::Write;

/// Sets values, or adds them to what is there.
pub(crate) fn put(write: Write, place: &mut [f32], values: impl Iterator<Item = f32>) {
    let pairs = place.iter_mut().zip(values);
    match write {
        Write::Set => pairs.for_each(|(place, value)| *place = value),
        Write::Add => pairs.for_each(|(place, value)| *place += value),
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
pub(crate) fn backward(a: &[f32], dy: &[f32], dx: &mut [f32], write: Write, f: impl Fn(f32, f32) -> f32 + Sync) {
    for_each_rows(dx, 1, |first, dx| {
        let (a, dy) = (&a[first..][..dx.len()], &dy[first..][..dx.len()]);
        put(write, dx, a.iter().zip(dy).map(|(&a, &dy)| f(a, dy)));
    });
}

/// `dy = f(y, dy)`
pub(crate) fn backward_in_place(y: &[f32], dy: &mut [f32], f: impl Fn(f32, f32) -> f32 + Sync) {
    for_each_rows(dy, 1, |first, dy| {
        let y = &y[first..][..dy.len()];
        dy.iter_mut().zip(y).for_each(|(dy, &y)| *dy = f(y, *dy));
    });
}
