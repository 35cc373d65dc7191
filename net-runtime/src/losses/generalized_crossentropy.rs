//! A cross-entropy that forgives wrong labels.

use super::{Loss, rows};
use crate::tensor::param::Write;

/// The mean over the positions of a sample of `(1 - p[class]^q) / q` (Zhang and Sabuncu, "Generalized Cross Entropy Loss for
/// Training Deep Neural Networks with Noisy Labels", 2018): near 0, `q` makes it a cross-entropy, near 1 an absolute error, on
/// which wrong labels have less weight.
///
/// Targets are class numbers from 0, of the output's shape without its last axis. As Keras's
/// `CategoricalGeneralizedCrossEntropy`.
///
/// A class number that is too large gives a NaN; [`check`](Loss::check) finds it before.
///
/// In `network!`: `GeneralizedCrossentropy(q = 0.5)`, behind `softmax`. By hand:
///
/// ```
/// use net_runtime::losses::{GeneralizedCrossentropy, Loss};
///
/// let loss = GeneralizedCrossentropy { q: 0.5 };
/// assert!((loss.value(&[0.75, 0.25], &[1], &[2]) - 1.0).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "CategoricalGeneralizedCrossEntropy")]
pub struct GeneralizedCrossentropy {
    /// Between 0 and 1, neither of them.
    pub q: f32,
}

impl Default for GeneralizedCrossentropy {
    fn default() -> Self {
        Self { q: 0.5 }
    }
}

impl Loss for GeneralizedCrossentropy {
    type Target = u32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], target: &[u32], dims: &[usize]) -> f32 {
        let (classes, q) = (rows::length(dims), f64::from(self.q));
        let rows = output.chunks_exact(classes).zip(target);
        let own = rows.map(|(row, &class)| f64::from(row.get(class as usize).copied().unwrap_or(f32::NAN)));
        let sum: f64 = own.map(|p| (1.0 - p.powf(q)) / q).sum();
        (sum / (output.len() / classes) as f64) as f32
    }

    fn gradient(&self, output: &[f32], target: &[u32], dims: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        let classes = rows::length(dims);
        let scale = scale / (output.len() / classes) as f32;
        let rows = output.chunks_exact(classes).zip(target);
        for (gradient, (row, &class)) in gradient.chunks_exact_mut(classes).zip(rows) {
            let class = class as usize;
            let others = if class < classes { 0.0 } else { f32::NAN };
            for (index, (g, &p)) in gradient.iter_mut().zip(row).enumerate() {
                let slope = if index == class { -p.powf(self.q - 1.0) } else { others };
                rows::put(write, g, scale * slope);
            }
        }
    }

    fn check(&self, target: &[u32], dims: &[usize]) -> Result<(), u32> {
        rows::check_classes(target, dims)
    }
}
