//! What the losses share: rows of the last axis, clipped probabilities, and writing a gradient.

use crate::tensor::param::Write;

/// Keras's epsilon, by which probabilities are kept away from 0 and 1.
const EPSILON: f32 = 1e-7;

/// Length of a row: that of the last axis, and one for an output without axes.
pub(super) fn length(dims: &[usize]) -> usize {
    dims.last().copied().unwrap_or(1)
}

/// Writes one element of a gradient.
#[inline(always)]
pub(super) fn put(write: Write, place: &mut f32, value: f32) {
    match write {
        Write::Set => *place = value,
        Write::Add => *place += value,
    }
}

/// The mean over all elements of a function of output and target.
pub(super) fn mean(output: &[f32], target: &[f32], function: impl Fn(f32, f32) -> f64) -> f32 {
    let sum: f64 = output.iter().zip(target).map(|(&y, &t)| function(y, t)).sum();
    (sum / output.len() as f64) as f32
}

/// The gradient of [`mean`], from the derivative of its function by the output.
pub(super) fn mean_gradient(
    output: &[f32],
    target: &[f32],
    scale: f32,
    gradient: &mut [f32],
    write: Write,
    derivative: impl Fn(f32, f32) -> f32,
) {
    let scale = scale / output.len() as f32;
    for ((g, &y), &t) in gradient.iter_mut().zip(output).zip(target) {
        put(write, g, scale * derivative(y, t));
    }
}

/// A probability within [1e-7, 1 - 1e-7]; a NaN stays one.
pub(super) fn clip(probability: f32) -> f32 {
    probability.clamp(EPSILON, 1.0 - EPSILON)
}

/// The derivative of [`clip`]: 1 inside and on both bounds, as TensorFlow has it, 0 outside, and a NaN for a NaN.
pub(super) fn clip_slope(probability: f32) -> f32 {
    if probability.is_nan() {
        probability
    } else if (EPSILON..=1.0 - EPSILON).contains(&probability) {
        1.0
    } else {
        0.0
    }
}
