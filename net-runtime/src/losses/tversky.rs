//! The overlap of what is found and what is there.

use super::{Loss, rows};
use crate::tensor::param::Write;

/// Of what elements an overlap is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Over {
    /// Those of all samples of a batch, which is one large sample: Keras's default, `axis=None`. The loss of a sample depends on the
    /// others, so a batch is trained as a whole, and not in shares. With weights of samples it is multiplied by their mean.
    #[default]
    WholeBatch,
    /// Those of each sample, and the loss of a batch is the mean: Keras's `axis` with all axes but that of the batch.
    EachSample,
}

/// One minus `I / (I + alpha·missed + beta·false + 1e-7)`, where `I = Σ p·t` is what is found, `Σ (1 - p)·t` is missed and
/// `Σ p·(1 - t)` false (Salehi et al., "Tversky Loss Function for Image Segmentation", 2017), the sums over all elements of a
/// batch, or [of a sample](Over).
///
/// Targets have the output's shape and are 0 or 1. As Keras's `Tversky`, whose `alpha` weighs what is missed, too, though its
/// documentation says the reverse.
///
/// In `network!`: `Tversky(alpha = 0.5, beta = 0.5, over = batch)` or `over = sample`, behind `sigmoid` or `softmax`. By hand:
///
/// ```
/// use net_runtime::losses::{Over, Tversky, Loss};
///
/// let loss = Tversky { alpha: 0.75, beta: 0.25, over: Over::EachSample };
/// assert!((loss.value(&[1.0, 1.0, 0.0, 0.0], &[1.0, 0.0, 1.0, 0.0], &[2, 2, 1]) - 0.5).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tversky {
    /// The weight of what is missed. At least 0.
    pub alpha: f32,
    /// The weight of what is found where nothing is. At least 0.
    pub beta: f32,
    /// Of what elements.
    pub over: Over,
}

/// One minus `2·Σ p·t / (Σ p + Σ t + 1e-7)`, the sums over all elements of a batch, or [of a sample](Over) (Milletari et al., "V-Net",
/// 2016, without its squares): [`Tversky`] with both weights one half.
///
/// Targets have the output's shape and are 0 or 1. As Keras's `Dice`.
///
/// In `network!`: `Dice(over = batch)` or `over = sample`, behind `sigmoid` or `softmax`. By hand:
///
/// ```
/// use net_runtime::losses::{Dice, Loss};
///
/// let loss = Dice::default();
/// assert!((loss.value(&[1.0, 1.0, 0.0, 0.0], &[1.0, 0.0, 1.0, 0.0], &[2, 2, 1]) - 0.5).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dice {
    /// Of what elements.
    pub over: Over,
}

impl Default for Tversky {
    fn default() -> Self {
        Self { alpha: 0.5, beta: 0.5, over: Over::WholeBatch }
    }
}

/// `I / (I + alpha·missed + beta·false + epsilon)`.
struct Overlap {
    weights: [f64; 2],
    found: f64,
    all: f64,
}

impl Overlap {
    fn new(output: &[f32], target: &[f32], weights: [f64; 2], epsilon: f64) -> Self {
        let mut sums = [0.0; 3];
        for (&p, &t) in output.iter().zip(target) {
            let (p, t) = (f64::from(p), f64::from(t));
            sums = [sums[0] + p * t, sums[1] + t, sums[2] + p];
        }
        let [found, there, claimed] = sums;
        let [missed, wrong] = weights;
        Self { weights, found, all: found + missed * (there - found) + wrong * (claimed - found) + epsilon }
    }

    fn loss(&self) -> f32 {
        (1.0 - self.found / self.all) as f32
    }

    fn gradient(&self, target: &[f32], scale: f32, gradient: &mut [f32], write: Write) {
        let [missed, wrong] = self.weights;
        for (g, &t) in gradient.iter_mut().zip(target) {
            let t = f64::from(t);
            let all_slope = t * (1.0 - missed - wrong) + wrong;
            let slope = (self.found * all_slope / self.all - t) / self.all;
            rows::put(write, g, scale * slope as f32);
        }
    }
}

impl Tversky {
    fn overlap(&self, output: &[f32], target: &[f32]) -> Overlap {
        Overlap::new(output, target, [self.alpha, self.beta].map(f64::from), f64::from(rows::EPSILON))
    }
}

impl Loss for Tversky {
    type Target = f32;

    fn takes_batch_as_one(&self) -> bool {
        self.over == Over::WholeBatch
    }

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        self.overlap(output, target).loss()
    }

    fn gradient(&self, output: &[f32], target: &[f32], _: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        self.overlap(output, target).gradient(target, scale, gradient, write);
    }
}

impl Dice {
    /// Numerator and denominator are half of those in the formula.
    fn overlap(output: &[f32], target: &[f32]) -> Overlap {
        Overlap::new(output, target, [0.5, 0.5], 0.5 * f64::from(rows::EPSILON))
    }
}

impl Loss for Dice {
    type Target = f32;

    fn takes_batch_as_one(&self) -> bool {
        self.over == Over::WholeBatch
    }

    fn value(&self, output: &[f32], target: &[f32], _dims: &[usize]) -> f32 {
        Self::overlap(output, target).loss()
    }

    fn gradient(&self, output: &[f32], target: &[f32], _: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        Self::overlap(output, target).gradient(target, scale, gradient, write);
    }
}
