//! Softmax of rows.

use super::elementwise::put;
use super::parallel::for_each_rows;
use crate::Write;

/// `y = softmax(x)` for every row.
pub(crate) fn forward(classes: usize, x: &[f32], y: &mut [f32]) {
    for_each_rows(y, classes, |first, y| {
        for (index, y) in y.chunks_exact_mut(classes).enumerate() {
            let x = &x[(first + index) * classes..][..classes];
            // f32::max passes over a NaN; the exponential below does not.
            let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            y.iter_mut().zip(x).for_each(|(y, x)| *y = (x - largest).exp());
            let sum: f32 = y.iter().sum();
            y.iter_mut().for_each(|y| *y /= sum);
        }
    });
}

/// The gradient by the input of every row, from the output.
pub(crate) fn backward(classes: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    for_each_rows(dx, classes, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(classes).enumerate() {
            let row = (first + index) * classes;
            let (y, dy) = (&y[row..][..classes], &dy[row..][..classes]);
            let common: f32 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
            put(write, dx, y.iter().zip(dy).map(|(y, dy)| y * (dy - common)));
        }
    });
}
