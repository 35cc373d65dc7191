//! The angle between output and target.

use super::rows;
use super::rowwise::{Rowwise, rowwise_loss};
use crate::tensor::param::Write;

/// The mean over the positions of a sample of `-Σ ŷ·t̂`, where `ŷ` and `t̂` are the rows of the last axis of output and target,
/// divided by their Euclidean norms: from -1 for the same direction to 1 for opposite ones.
///
/// Targets have the output's shape. As Keras's `CosineSimilarity` along the last axis: a row is divided by 1e-7 at least. A row of
/// zeros has a gradient here, where Keras's is a NaN.
///
/// In `network!`: `CosineSimilarity`. By hand:
///
/// ```
/// use net_runtime::losses::{CosineSimilarity, Loss};
///
/// let loss = CosineSimilarity;
/// assert!((loss.value(&[3.0, 4.0], &[4.0, 3.0], &[2]) - -0.96).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CosineSimilarity;

/// The largest factor that a row is multiplied by.
const LARGEST: f64 = 1e7;

/// What a row is multiplied by to have the norm 1.
fn factor(row: &[f32]) -> f64 {
    let norm = row.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
    let factor = 1.0 / norm;
    if factor > LARGEST { LARGEST } else { factor }
}

fn dot(output: &[f32], target: &[f32]) -> f64 {
    output.iter().zip(target).map(|(&y, &t)| f64::from(y) * f64::from(t)).sum()
}

impl CosineSimilarity {
    /// The cosine of the angle between two rows.
    pub(crate) fn cosine(output: &[f32], target: &[f32]) -> f64 {
        dot(output, target) * factor(output) * factor(target)
    }
}

impl Rowwise for CosineSimilarity {
    fn at(&self, output: &[f32], target: &[f32]) -> f64 {
        -Self::cosine(output, target)
    }

    fn slopes(&self, output: &[f32], target: &[f32], scale: f32, gradient: &mut [f32], write: Write) {
        let (of_output, of_target) = (factor(output), factor(target));
        // Along the output itself the norm takes the gradient back, unless it is too small to be divided by.
        let along =
            if of_output < LARGEST || of_output.is_nan() { dot(output, target) * of_output * of_output } else { 0.0 };
        for ((g, &y), &t) in gradient.iter_mut().zip(output).zip(target) {
            let slope = -(f64::from(t) - along * f64::from(y)) * of_output * of_target;
            rows::put(write, g, scale * slope as f32);
        }
    }
}

rowwise_loss!(CosineSimilarity);
