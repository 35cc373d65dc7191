//! Means of some rows of each sample.

use crate::kernels::elementwise::arithmetic::put;
use crate::parallel::for_each_rows;
use crate::tensor::param::Write;

/// How many steps a mask has left.
fn count(mask: &[f32]) -> f32 {
    mask.iter().filter(|&&mask| mask != 0.0).count() as f32
}

/// The mean of the steps of every sample that count: those whose mask is not 0.
pub(crate) fn avg_forward([steps, features]: [usize; 2], x: &[f32], mask: &[f32], y: &mut [f32]) {
    for_each_rows(y, features, |first, y| {
        for (index, y) in y.chunks_exact_mut(features).enumerate() {
            let x = &x[(first + index) * steps * features..][..steps * features];
            let mask = &mask[(first + index) * steps..][..steps];
            y.fill(0.0);
            // What does not count may hold anything.
            for (x, _) in x.chunks_exact(features).zip(mask).filter(|(_, mask)| **mask != 0.0) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y += x);
            }
            let count = count(mask).max(1.0);
            y.iter_mut().for_each(|y| *y /= count);
        }
    });
}

/// Every step that counts gets an equal share of the gradient.
pub(crate) fn avg_backward([steps, features]: [usize; 2], mask: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    for_each_rows(dx, steps * features, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(steps * features).enumerate() {
            let mask = &mask[(first + index) * steps..][..steps];
            let dy = &dy[(first + index) * features..][..features];
            let count = count(mask);
            for (dx, &mask) in dx.chunks_exact_mut(features).zip(mask) {
                put(write, dx, dy.iter().map(|dy| if mask == 0.0 { 0.0 } else { dy / count }));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_count_is_not_read_and_has_no_gradient() {
        let x = [1.0, 2.0, f32::NAN, f32::NAN, 3.0, 6.0, f32::NAN, 0.0, f32::NAN, 0.0, f32::NAN, 0.0];
        let mask = [1.0, 0.0, 0.5, 0.0, 0.0, 0.0];
        let mut y = [f32::NAN; 4];
        avg_forward([3, 2], &x, &mask, &mut y);
        assert_eq!(y, [2.0, 4.0, 0.0, 0.0]);
        let mut dx = [f32::NAN; 12];
        avg_backward([3, 2], &mask, &[4.0, 8.0, f32::NAN, 1.0], &mut dx, Write::Set);
        assert_eq!(dx, [2.0, 4.0, 0.0, 0.0, 2.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        avg_backward([3, 2], &mask, &[4.0, 8.0, 0.0, 1.0], &mut dx, Write::Add);
        assert_eq!(dx[..6], [4.0, 8.0, 0.0, 0.0, 4.0, 8.0]);
    }
}
