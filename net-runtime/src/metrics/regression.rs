//! How much of what differs between samples is found.

use super::mean::Mean;
use super::{Metric, row_length};

/// The root of the mean of `(y - t)²` over all elements. Keras's `RootMeanSquaredError`.
///
/// In `network!`: `RootMeanSquaredError`; the example is at [numbers](crate::metrics#numbers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootMeanSquaredError;

impl Metric for RootMeanSquaredError {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "root_mean_squared_error";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], _dims: &[usize]) {
        for (&y, &t) in output.iter().zip(target) {
            let error = f64::from(y) - f64::from(t);
            state.add(error * error);
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result().sqrt()
    }
}

/// The share of the targets' variance that the outputs have, `1 - Σ (y - t)² / Σ (t - mean)²`, the mean over the elements of the last
/// axis: 1 is perfect, 0 as good as the mean. Keras's `R2Score` with its "uniform_average": where targets do not vary, but are not
/// met, an element counts 0, and if they are met the score is a NaN.
///
/// In `network!`: `R2`; the example is at [numbers](crate::metrics#numbers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "R2Score")]
pub struct R2;

/// Sums of each element of the last axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    count: u64,
    of: Vec<Element>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Element {
    /// The first target, from which the others are counted: what is left of large numbers then has all its digits.
    origin: f64,
    sum: f64,
    squares: f64,
    errors: f64,
}

impl Metric for R2 {
    type Target = f32;
    type State = Sums;
    const NAME: &'static str = "r2_score";

    fn update(&self, state: &mut Sums, output: &[f32], target: &[f32], dims: &[usize]) {
        let length = row_length(dims);
        for (row, target) in output.chunks_exact(length).zip(target.chunks_exact(length)) {
            if state.count == 0 {
                state.of.clear();
                state.of.extend(target.iter().map(|&t| Element { origin: f64::from(t), ..Element::default() }));
            }
            state.count += 1;
            for (element, (&y, &t)) in state.of.iter_mut().zip(row.iter().zip(target)) {
                let (from, error) = (f64::from(t) - element.origin, f64::from(y) - f64::from(t));
                element.sum += from;
                element.squares += from * from;
                element.errors += error * error;
            }
        }
    }

    fn result(&self, state: &Sums) -> f32 {
        if state.count == 0 {
            return 0.0;
        }
        let score = |element: &Element| {
            let total = element.squares - element.sum * element.sum / state.count as f64;
            let score = 1.0 - element.errors / total;
            if score.is_infinite() { 0.0 } else { score }
        };
        (state.of.iter().map(score).sum::<f64>() / state.of.len() as f64) as f32
    }

    fn reset(&self, state: &mut Sums) {
        // The first sample clears the rest.
        state.count = 0;
    }
}
