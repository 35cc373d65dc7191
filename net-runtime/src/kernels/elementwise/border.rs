//! A border of zeros around samples, and samples without their border.

use super::arithmetic::put;
use crate::parallel::for_each_rows;
use crate::tensor::exact::{product, sum};
use crate::tensor::param::Store;

/// A border around volumes of planes of rows, of which each is a line of floats; an image is one plane, steps are one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Border {
    /// Planes, rows, and the floats of a line.
    pub inner: [usize; 3],
    /// What comes before and behind them.
    pub sides: [[usize; 2]; 3],
}

impl Border {
    /// A border around samples of this shape, with the channels last and before them as many axes as there are `sides`, at most three.
    ///
    /// # Panics
    ///
    /// If the sizes are more than can be counted.
    pub fn new(shape: &[usize], sides: &[[usize; 2]]) -> Self {
        let (mut inner, mut all) = ([1; 3], [[0; 2]; 3]);
        let absent = inner.len() - sides.len();
        let channels = shape[sides.len()];
        inner[absent..].copy_from_slice(&shape[..sides.len()]);
        all[absent..].copy_from_slice(sides);
        inner[2] = product(&[inner[2], channels]);
        all[2] = all[2].map(|places| product(&[places, channels]));
        Self { inner, sides: all }
    }

    /// Planes, rows and floats of a line with the border.
    fn outer(&self) -> [usize; 3] {
        [0, 1, 2].map(|axis| sum(&[self.sides[axis][0], self.inner[axis], self.sides[axis][1]]))
    }

    /// Floats of a sample with its border.
    pub fn len(&self) -> usize {
        product(&self.outer())
    }

    /// Samples with a border of zeros.
    pub fn add(&self, x: &[f32], y: &mut [f32], store: Store) {
        let [planes, rows, line] = self.outer();
        let [_, inner_rows, inner_line] = self.inner;
        let left = self.sides[2][0];
        let within = |axis: usize, place: usize| {
            place.checked_sub(self.sides[axis][0]).filter(|&place| place < self.inner[axis])
        };
        // Nothing is added where the border is.
        let border = |y: &mut [f32]| {
            if store != Store::Add {
                y.fill(0.0)
            }
        };
        for_each_rows(y, line, |first, y| {
            for (index, y) in y.chunks_exact_mut(line).enumerate() {
                let (plane, row) = ((first + index) / rows, (first + index) % rows);
                let (sample, plane) = (plane / planes, plane % planes);
                match (within(0, plane), within(1, row)) {
                    (Some(plane), Some(row)) => {
                        let at = ((sample * self.inner[0] + plane) * inner_rows + row) * inner_line;
                        border(&mut y[..left]);
                        border(&mut y[left + inner_line..]);
                        put(store, &mut y[left..][..inner_line], x[at..][..inner_line].iter().copied());
                    }
                    _ => border(y),
                }
            }
        });
    }

    /// Samples without their border.
    pub fn remove(&self, x: &[f32], y: &mut [f32], store: Store) {
        let [planes, rows, line] = self.outer();
        let [inner_planes, inner_rows, inner_line] = self.inner;
        for_each_rows(y, inner_line, |first, y| {
            for (index, y) in y.chunks_exact_mut(inner_line).enumerate() {
                let (plane, row) = ((first + index) / inner_rows, (first + index) % inner_rows);
                let (sample, plane) = (plane / inner_planes, plane % inner_planes);
                let at = (sample * planes + self.sides[0][0] + plane) * rows + self.sides[1][0] + row;
                put(store, y, x[at * line + self.sides[2][0]..][..inner_line].iter().copied());
            }
        });
    }
}
