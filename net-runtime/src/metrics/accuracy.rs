//! How many answers are right.

use super::mean::Mean;
use super::{Metric, row_length};
use crate::tensor::argmax::argmax;

/// The share of positions whose largest output is at the largest target, the first of equals: for one-hot targets.
///
/// Keras's `CategoricalAccuracy`, what its `"accuracy"` is for such targets.
///
/// In `network!`: `Accuracy` with one-hot targets; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CategoricalAccuracy;

impl Metric for CategoricalAccuracy {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "accuracy";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], dims: &[usize]) {
        let classes = row_length(dims);
        for (row, target) in output.chunks_exact(classes).zip(target.chunks_exact(classes)) {
            state.add(share(argmax(row) == argmax(target)));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

/// The share of positions whose largest output, the first of equals, is at the target's class number.
///
/// Keras's `SparseCategoricalAccuracy`, what its `"accuracy"` is for class numbers.
///
/// In `network!`: `Accuracy` with class numbers; the example is at [classes](crate::metrics#classes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SparseCategoricalAccuracy;

impl Metric for SparseCategoricalAccuracy {
    type Target = u32;
    type State = Mean;
    const NAME: &'static str = "accuracy";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[u32], dims: &[usize]) {
        for (row, &class) in output.chunks_exact(row_length(dims)).zip(target) {
            state.add(share(argmax(row) == class as usize));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

/// The share of elements where the target (0 or 1) says whether the output is above one half.
///
/// Keras's `BinaryAccuracy`, what its `"accuracy"` is for an output of one element.
///
/// In `network!`: `Accuracy` of an output of one element; the example is at [yes and no](crate::metrics#yes-and-no).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinaryAccuracy;

impl Metric for BinaryAccuracy {
    type Target = f32;
    type State = Mean;
    const NAME: &'static str = "accuracy";

    fn update(&self, state: &mut Mean, output: &[f32], target: &[f32], _dims: &[usize]) {
        for (&y, &t) in output.iter().zip(target) {
            let answer = if y > 0.5 { 1.0 } else { 0.0 };
            state.add(share(answer == t));
        }
    }

    fn result(&self, state: &Mean) -> f32 {
        state.result()
    }
}

/// What one answer counts.
pub(super) fn share(right: bool) -> f64 {
    if right { 1.0 } else { 0.0 }
}
