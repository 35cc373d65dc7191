//! Distances to what is alike and to what is not.

use super::{Loss, rows};
use crate::tensor::param::Write;

/// The mean over the rows of a sample of `max(a - b + margin, 0)`, where a row of the last axis is two distances, `a` to what is
/// alike and `b` to what is not (Schroff et al., "FaceNet", 2015): `a` becomes smaller than `b` by at least the margin.
///
/// There is no target. The two distances are those of three uses of a shared layer, put together:
///
/// ```text
/// let (x, same, other) = ...;                                          // three uses of one `layer`
/// let apart = ((x, same) -> Distance, (x, other) -> Distance) -> Concat;
/// loss apart: Triplet(0.2);
/// ```
///
/// As PyTorch's `TripletMarginLoss`, but that the distances are a matter of the network; `Distance(squared)` are those of the paper.
/// A row just at the margin has no gradient.
///
/// In `network!`: `Triplet(margin = 1.0)`. By hand:
///
/// ```
/// use net_runtime::losses::{Triplet, Loss};
///
/// let loss = Triplet { margin: 1.0 };
/// assert_eq!(loss.value(&[1.0, 1.5], &[], &[2]), 0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "TripletMarginLoss")]
pub struct Triplet {
    /// By how much the second distance should be larger. At least 0.
    pub margin: f32,
}

impl Default for Triplet {
    fn default() -> Self {
        Self { margin: 1.0 }
    }
}

/// Distances in a row.
const ROW: usize = 2;

impl Triplet {
    /// What is missing of the margin: below 0 where nothing is.
    fn missing(&self, [alike, other]: [f32; ROW]) -> f64 {
        f64::from(alike) - f64::from(other) + f64::from(self.margin)
    }
}

impl Loss for Triplet {
    type Target = f32;
    const ALIKE_EVERYWHERE: bool = true;

    fn value(&self, output: &[f32], _target: &[f32], _dims: &[usize]) -> f32 {
        let (pairs, _) = output.as_chunks::<ROW>();
        let sum: f64 =
            pairs.iter().map(|&pair| self.missing(pair)).filter(|missing| *missing > 0.0 || missing.is_nan()).sum();
        (sum / pairs.len() as f64) as f32
    }

    fn gradient(&self, output: &[f32], _: &[f32], _: &[usize], scale: f32, gradient: &mut [f32], write: Write) {
        let (pairs, _) = output.as_chunks::<ROW>();
        let scale = scale / pairs.len() as f32;
        for (&pair, gradient) in pairs.iter().zip(gradient.as_chunks_mut::<ROW>().0) {
            let missing = self.missing(pair);
            let slope = match missing {
                missing if missing > 0.0 => scale,
                missing if missing.is_nan() => f32::NAN,
                _ => 0.0,
            };
            let [alike, other] = gradient;
            rows::put(write, alike, slope);
            rows::put(write, other, -slope);
        }
    }
}
