//! Steps by averages of rows and columns.

use super::clipped_gradient::ClippedGradient;
use super::step::Step;
use crate::kernels::elementwise::flush::square;
use crate::parallel;

/// What a step is computed with.
pub(crate) struct Adafactor<'a> {
    pub step: &'a Step,
    /// The learning rate, limited.
    pub rate: f32,
    /// What is kept of an average, and the rest.
    pub beta: [f32; 2],
    /// What is added to squared gradients, and the least size of a parameter.
    pub epsilons: [f32; 2],
    pub threshold: f32,
}

/// The root of the mean of squares, of which the sum is given.
fn root_mean_square(sum: f64, count: usize) -> f64 {
    (sum / count.max(1) as f64).sqrt()
}

impl Adafactor<'_> {
    /// A step of matrices of so many rows and columns, which lie one behind the other, with averages for each row and column.
    pub fn matrices(
        &self,
        [rows, columns]: [usize; 2],
        param: &mut [f32],
        gradient: ClippedGradient<'_>,
        [of_rows, of_columns]: [&mut [f32]; 2],
    ) {
        let size = rows * columns;
        if size == 0 {
            return;
        }
        let [keep, rest] = self.beta;
        for (matrix, (of_rows, of_columns)) in
            of_rows.chunks_exact_mut(rows).zip(of_columns.chunks_exact_mut(columns)).enumerate()
        {
            let gradient = gradient.slice(matrix * size..(matrix + 1) * size);
            of_columns.iter_mut().for_each(|average| *average *= keep);
            for (row, of_row) in of_rows.iter_mut().enumerate() {
                let mut sum = 0.0;
                let values = gradient.slice(row * columns..(row + 1) * columns);
                for (g, of_column) in values.iter().zip(of_columns.iter_mut()) {
                    let square = square(g) + self.epsilons[0];
                    sum += f64::from(square);
                    *of_column += rest / rows as f32 * square;
                }
                *of_row = keep * *of_row + rest * (sum / columns as f64) as f32;
            }
        }
        // A matrix's rows, divided by their mean, times its columns.
        let mean = |matrix: usize| {
            let of_rows = &of_rows[matrix * rows..][..rows];
            of_rows.iter().map(|&average| f64::from(average)).sum::<f64>() / rows as f64
        };
        let updates = |row: usize, work: &mut dyn FnMut(usize, f32)| {
            let matrix = row / rows;
            let share = f64::from(of_rows[row]) / mean(matrix);
            let values = gradient.slice(row * columns..(row + 1) * columns);
            for ((column, g), &of_column) in values.iter().enumerate().zip(&of_columns[matrix * columns..][..columns]) {
                work(column, g / (share as f32 * of_column).sqrt());
            }
        };
        let mut sum = 0.0;
        for row in 0..of_rows.len() {
            updates(row, &mut |_, update| sum += f64::from(update) * f64::from(update));
        }
        let share = self.share(param, sum);
        parallel::for_each_rows(param, columns, |first, param| {
            for (index, param) in param.chunks_exact_mut(columns).enumerate() {
                updates(first + index, &mut |column, update| {
                    param[column] = self.step.decay(param[column]) - share * update;
                });
            }
        });
    }

    /// A step of a parameter without rows and columns.
    pub fn elements(&self, param: &mut [f32], gradient: ClippedGradient<'_>, averages: &mut [f32]) {
        let [keep, rest] = self.beta;
        let mut sum = 0.0;
        for (g, average) in gradient.iter().zip(averages.iter_mut()) {
            *average = keep * *average + rest * (square(g) + self.epsilons[0]);
            let update = f64::from(g / average.sqrt());
            sum += update * update;
        }
        let share = self.share(param, sum);
        for ((w, g), average) in param.iter_mut().zip(gradient.iter()).zip(averages.iter()) {
            *w = self.step.decay(*w) - share * (g / average.sqrt());
        }
    }

    /// What an update is multiplied by, from the sum of its squares.
    fn share(&self, param: &[f32], sum: f64) -> f32 {
        let squares: f64 = param.iter().map(|&w| f64::from(self.step.decay(w)).powi(2)).sum();
        let size = root_mean_square(squares, param.len()).max(f64::from(self.epsilons[1]));
        let limit = (root_mean_square(sum, param.len()) / f64::from(self.threshold)).max(1.0);
        (size * f64::from(self.rate) / limit) as f32
    }
}
