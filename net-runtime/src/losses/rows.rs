//! What the losses share: rows of the last axis, clipped probabilities, and writing a gradient.

use crate::parallel::{self, ELEMENTS};
use crate::tensor::param::Write;

/// Keras's epsilon, by which probabilities are kept away from 0 and 1, and divisors from 0.
pub(super) const EPSILON: f32 = 1e-7;

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

/// Sums that are added up beside each other, so that no addition waits for the one before.
const SUMS: usize = 8;

/// The mean over all elements of a function of output and target.
pub(super) fn mean(output: &[f32], target: &[f32], function: impl Fn(f32, f32) -> f64 + Sync) -> f32 {
    let sum = parallel::sum_of_groups(0..output.len(), ELEMENTS, 1, &|elements| {
        let (output, target) = (output[elements.clone()].as_chunks::<SUMS>(), target[elements].as_chunks::<SUMS>());
        let mut sums = [0.0; SUMS];
        for (output, target) in output.0.iter().zip(target.0) {
            for ((sum, &y), &t) in sums.iter_mut().zip(output).zip(target) {
                *sum += function(y, t);
            }
        }
        let rest: f64 = output.1.iter().zip(target.1).map(|(&y, &t)| function(y, t)).sum();
        sums.iter().sum::<f64>() + rest
    });
    (sum / output.len() as f64) as f32
}

/// The gradient of [`mean`], from the derivative of its function by the output.
pub(super) fn mean_gradient(
    output: &[f32],
    target: &[f32],
    scale: f32,
    gradient: &mut [f32],
    write: Write,
    derivative: impl Fn(f32, f32) -> f32 + Sync,
) {
    let scale = scale / output.len() as f32;
    parallel::for_each_piece([gradient], &|first, [gradient]| {
        for ((g, &y), &t) in gradient.iter_mut().zip(&output[first..]).zip(&target[first..]) {
            put(write, g, scale * derivative(y, t));
        }
    });
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

/// The sum of a row, by which it is divided.
pub(super) fn total(row: &[f32]) -> f32 {
    row.iter().map(|&p| f64::from(p)).sum::<f64>() as f32
}

/// The gradient by a row that is divided by its sum, from `slope`, the derivative by a share, which is given the share and the
/// target.
pub(super) fn gradient_of_shares(
    row: &[f32],
    target: &[f32],
    scale: f32,
    gradient: &mut [f32],
    write: Write,
    slope: impl Fn(f32, f32) -> f32,
) {
    let total = total(row);
    // The division takes from each the mean of all, weighted by the shares.
    let weighted = row.iter().zip(target).map(|(&p, &t)| f64::from(p) * f64::from(slope(p / total, t)));
    let mean = weighted.sum::<f64>() / f64::from(total);
    for ((g, &p), &t) in gradient.iter_mut().zip(row).zip(target) {
        let derivative = (f64::from(slope(p / total, t)) - mean) / f64::from(total);
        put(write, g, scale * derivative as f32);
    }
}

/// A target of which the share `smoothing` is spread evenly over all classes.
pub(super) fn smooth(target: f32, smoothing: f32, classes: usize) -> f32 {
    let [factor, more] = smoothing_of(smoothing, classes);
    target * factor + more
}

/// What a target is multiplied by, and what is added, where the share `smoothing` is spread over all classes.
pub(super) fn smoothing_of(smoothing: f32, classes: usize) -> [f32; 2] {
    [1.0 - smoothing, smoothing / classes as f32]
}

/// Finds the first class number that is not below the number of classes.
pub(super) fn check_classes(target: &[u32], dims: &[usize]) -> Result<(), u32> {
    match target.iter().find(|&&class| class as usize >= length(dims)) {
        None => Ok(()),
        Some(&class) => Err(class),
    }
}
