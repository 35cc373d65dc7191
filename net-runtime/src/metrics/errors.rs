//! How far outputs are from their targets.

use super::Metric;
use super::mean::Mean;

/// The mean of `|y - t|` over all elements. Keras's metric `MeanAbsoluteError`.
///
/// In `network!`: `MeanAbsoluteError`; the example is at [numbers](crate::metrics#numbers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanAbsoluteError;

impl Metric for MeanAbsoluteError {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "mean_absolute_error";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], _dims: &[usize]) {
        for (&y, &t) in output.iter().zip(target) {
            state.add((f64::from(y) - f64::from(t)).abs());
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

/// The mean of `(y - t)²` over all elements. Keras's metric `MeanSquaredError`.
///
/// In `network!`: `MeanSquaredError`; the example is at [numbers](crate::metrics#numbers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanSquaredError;

impl Metric for MeanSquaredError {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "mean_squared_error";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], _dims: &[usize]) {
        for (&y, &t) in output.iter().zip(target) {
            let error = f64::from(y) - f64::from(t);
            state.add(error * error);
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}
