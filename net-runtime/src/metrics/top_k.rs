//! Whether the right class is among the best.

use super::accuracy::share;
use super::mean::Mean;
use super::{Metric, row_length};
use crate::tensor::argmax::argmax;

/// The share of positions where fewer than `k` outputs are larger than that of the target's class: for one-hot targets.
///
/// Keras's `TopKCategoricalAccuracy` on TensorFlow: outputs equal to the right one are not counted against it, and a
/// row with a value that is not finite is wrong.
///
/// In `network!`: `TopK(k = 5)`; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopK {
    /// How many answers are allowed.
    pub k: usize,
}

impl Metric for TopK {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "top_k_categorical_accuracy";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], dims: &[usize]) {
        let classes = row_length(dims);
        for (row, target) in output.chunks_exact(classes).zip(target.chunks_exact(classes)) {
            state.add(share(in_top_k(row, argmax(target), self.k)));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

/// The share of positions where fewer than `k` outputs are larger than that of the target's class number.
///
/// Keras's `SparseTopKCategoricalAccuracy` on TensorFlow; equal and not finite outputs count as for [`TopK`].
///
/// In `network!`: `TopK(k = 5)`; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SparseTopK {
    /// How many answers are allowed.
    pub k: usize,
}

impl Metric for SparseTopK {
    type Target = u32;
    type State = Mean;
    const NAME: &'static str = "sparse_top_k_categorical_accuracy";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[u32], dims: &[usize]) {
        for (row, &class) in output.chunks_exact(row_length(dims)).zip(target) {
            state.add(share(in_top_k(row, class as usize, self.k)));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

fn in_top_k(row: &[f32], class: usize, k: usize) -> bool {
    row.get(class).is_some_and(|own| {
        row.iter().all(|value| value.is_finite()) && row.iter().filter(|&value| value > own).count() < k
    })
}
