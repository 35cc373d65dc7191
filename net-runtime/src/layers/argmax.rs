//! Scores to the class that they speak for.

use super::check;
use crate::parallel::for_each_rows;
use crate::tensor::argmax;

/// The index of the largest value along the last axis, as a number, as Keras's `ops.argmax`: `[rows, classes]` to `[rows]`.
///
/// Of several largest values it is the first; NaNs are passed over, as [`data::argmax`](crate::data::argmax) says. There is no
/// gradient. An index is exact up to 2²⁴, as every whole number in `f32`.
///
/// In `network!`: `argmax`, behind the probabilities of an output, for instance; the example is at [`activations`](crate::activations).
#[derive(Clone, Copy, Debug)]
pub struct Argmax {
    /// Product of the axes before the last.
    pub rows: usize,
    /// Length of the last axis.
    pub classes: usize,
}

/// The index of the largest value along the last axis, which it takes away; the only axis stays, with one number
pub const fn argmax(rows: usize, classes: usize) -> Argmax {
    Argmax { rows, classes }
}

impl Argmax {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        check("x", x, n, &[self.rows, self.classes]);
        check("y", y, n, &[self.rows]);
        for_each_rows(y, 1, |first, y| {
            let x = &x[first * self.classes..];
            for (y, row) in y.iter_mut().zip(x.chunks_exact(self.classes)) {
                *y = argmax::argmax(row) as f32;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_threads_finds_the_first_of_the_largest() {
        for (rows, classes) in [(1, 1), (3, 2), (5, 17), (20_001, 3)] {
            let x: Vec<f32> = (0..rows * classes).map(|index| ((index * index) % 7) as f32).collect();
            for threads in 1..=3 {
                let mut y = vec![f32::NAN; rows];
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| argmax(rows, classes).forward(1, &x, &mut y));
                for (row, found) in x.chunks(classes).zip(&y) {
                    let largest = row.iter().copied().fold(f32::MIN, f32::max);
                    let expected = row.iter().position(|value| *value == largest).unwrap();
                    assert_eq!(*found, expected as f32);
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "`x` does not hold 2 samples")]
    fn a_size_that_wraps_is_refused() {
        Argmax { rows: 2, classes: usize::MAX / 2 + 1 }.forward(2, &[0.0; 4], &mut [0.0; 4]);
    }
}
