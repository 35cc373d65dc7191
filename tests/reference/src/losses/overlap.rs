//! Losses that compare areas, of a batch as one or of each sample.

use super::EPSILON;
use crate::tensor::Tensor;

/// One minus the overlap over a sum of areas.
#[derive(Clone, Copy)]
pub(super) struct Overlap {
    /// Whether it is of the batch.
    pub(super) batch: bool,
    /// What is missed and what is found where nothing is count so much.
    pub(super) weights: [f64; 2],
    /// What is added to the areas.
    pub(super) epsilon: f64,
}

impl Overlap {
    /// 1 − 2 · Σ p · t / (Σ p + Σ t + ε), of which both sides of the division are halved.
    pub(super) fn dice(batch: bool) -> Self {
        Self { batch, weights: [0.5, 0.5], epsilon: 0.5 * EPSILON }
    }

    /// 1 − I / (I + α · Σ (1 − p) · t + β · Σ p · (1 − t) + ε), where I = Σ p · t.
    pub(super) fn tversky([alpha, beta]: [f32; 2], batch: bool) -> Self {
        Self { batch, weights: [alpha.into(), beta.into()], epsilon: EPSILON }
    }

    /// The loss of a batch, or the mean over its samples, and its gradient.
    pub(super) fn of_batch(self, output: &Tensor, target: &Tensor, weights: Option<&[f64]>) -> (f64, Tensor) {
        let mut gradient = Tensor::like(output);
        let (samples, mut sum) = (output.samples(), 0.0);
        let weight = |sample: usize| weights.map_or(1.0, |weights| weights[sample]);
        let parts: Vec<f64> = match self.batch {
            true => vec![(0..samples).map(weight).sum::<f64>() / samples as f64],
            false => (0..samples).map(|sample| weight(sample) / samples as f64).collect(),
        };
        let len = output.data.len() / parts.len();
        let [alpha, beta] = self.weights;
        for (part, share) in parts.into_iter().enumerate() {
            let (y, t) = (&output.data[part * len..][..len], &target.data[part * len..][..len]);
            let sum_of = |of: &dyn Fn(f64, f64) -> f64| y.iter().zip(t).map(|(y, t)| of(*y, *t)).sum::<f64>();
            let both = sum_of(&|y, t| y * t);
            let missed = sum_of(&|y, t| (1.0 - y) * t);
            let wrong = sum_of(&|y, t| y * (1.0 - t));
            let areas = both + alpha * missed + beta * wrong + self.epsilon;
            sum += share * (1.0 - both / areas);
            for (index, t) in t.iter().enumerate() {
                let areas_slope = t - alpha * t + beta * (1.0 - t);
                gradient.data[part * len + index] = share * (both * areas_slope / areas - t) / areas;
            }
        }
        (sum, gradient)
    }
}
