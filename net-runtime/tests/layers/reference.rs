//! What the layers are compared with: plain loops in f64, and finite differences.

use net_runtime::layers::{Conv2d, Dense};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A generator whose numbers are the same in every run.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Uniform in ±1.
pub fn uniform(rng: &mut ChaCha8Rng, len: usize) -> Vec<f32> {
    (0..len).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// Whole numbers from -3 to 3: sums of their products are exact in f32, in any order.
pub fn integers(rng: &mut ChaCha8Rng, len: usize) -> Vec<f32> {
    (0..len).map(|_| rng.random_range(-3_i8..=3).into()).collect()
}

/// Different values, at least 0.01 from each other and from 0, in random order: a finite difference crosses no kink.
pub fn distinct(rng: &mut ChaCha8Rng, len: usize) -> Vec<f32> {
    let mut values: Vec<_> = (0..len).map(|i| (i as f32 - (len / 2) as f32 + 0.5) * 0.02).collect();
    for i in (1..len).rev() {
        values.swap(i, rng.random_range(0..=i));
    }
    values
}

/// The same values in f64.
pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

/// Σ a · b
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Compares with a tolerance relative to the largest value.
#[track_caller]
pub fn assert_close(actual: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len());
    let scale = expected.iter().fold(1.0_f64, |scale, value| scale.max(value.abs()));
    for (i, (&actual, &expected)) in actual.iter().zip(expected).enumerate() {
        let error = (f64::from(actual) - expected).abs();
        assert!(error <= tolerance * scale, "element {i} is {actual}, not {expected} (scale {scale})");
    }
}

/// Compares to the bit.
#[track_caller]
pub fn assert_exact(actual: &[f32], expected: &[f64]) {
    assert!(actual.iter().zip(expected).all(|(&actual, &expected)| f64::from(actual) == expected));
    assert_eq!(actual.len(), expected.len());
}

/// The gradient of ⟨f(x), dy⟩ by x, by central differences.
pub fn slope(f: impl Fn(&[f64]) -> Vec<f64>, x: &[f32], dy: &[f32]) -> Vec<f64> {
    const STEP: f64 = 1e-5;
    let dy = wide(dy);
    let mut x = wide(x);
    (0..x.len())
        .map(|i| {
            let middle = x[i];
            x[i] = middle + STEP;
            let after = dot(&f(&x), &dy);
            x[i] = middle - STEP;
            let before = dot(&f(&x), &dy);
            x[i] = middle;
            (after - before) / (2.0 * STEP)
        })
        .collect()
}

/// Checks a gradient by an input that is set over NaN, and one that is added.
#[track_caller]
pub fn assert_writes(mut backward: impl FnMut(&mut [f32], net_runtime::Write), expected: &[f64], tolerance: f64) {
    let mut dx = vec![f32::NAN; expected.len()];
    backward(&mut dx, net_runtime::Write::Set);
    assert_close(&dx, expected, tolerance);
    let before = uniform(&mut rng(99), dx.len());
    let sum: Vec<_> = before.iter().zip(expected).map(|(&before, expected)| f64::from(before) + expected).collect();
    dx.copy_from_slice(&before);
    backward(&mut dx, net_runtime::Write::Add);
    assert_close(&dx, &sum, tolerance);
}

/// Calls `visit(input index, kernel index, output index)` for every product of a convolution.
pub fn conv2d_products(layer: &Conv2d, n: usize, mut visit: impl FnMut(usize, usize, usize)) {
    let [height, width, inputs] = layer.input;
    let [rows, columns, outputs] = layer.output;
    let position = |axis: usize, output: usize, tap: usize, size: usize| {
        let padded = output * layer.stride[axis] + tap * layer.dilation[axis];
        padded.checked_sub(layer.padding[axis]).filter(|&position| position < size)
    };
    for (sample, i, j) in triples(n, rows, columns) {
        for (k, l, c) in triples(layer.kernel[0], layer.kernel[1], inputs) {
            if let (Some(down), Some(right)) = (position(0, i, k, height), position(1, j, l, width)) {
                for o in 0..outputs {
                    visit(
                        ((sample * height + down) * width + right) * inputs + c,
                        ((k * layer.kernel[1] + l) * inputs + c) * outputs + o,
                        ((sample * rows + i) * columns + j) * outputs + o,
                    );
                }
            }
        }
    }
}

/// A convolution without bias.
pub fn conv2d(layer: &Conv2d, n: usize, x: &[f64], kernel: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; n * layer.output.iter().product::<usize>()];
    conv2d_products(layer, n, |i, k, o| y[o] += x[i] * kernel[k]);
    y
}

/// A matrix product without bias.
pub fn dense(layer: &Dense, n: usize, x: &[f64], kernel: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; n * layer.rows * layer.outputs];
    for (row, i, o) in triples(n * layer.rows, layer.inputs, layer.outputs) {
        y[row * layer.outputs + o] += x[row * layer.inputs + i] * kernel[i * layer.outputs + o];
    }
    y
}

/// All triples of indices, the last one fastest.
pub fn triples(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a).flat_map(move |i| (0..b).flat_map(move |j| (0..c).map(move |k| (i, j, k))))
}

/// Adds a bias to rows of outputs.
pub fn add_bias(y: &mut [f64], bias: &[f32]) {
    y.iter_mut().enumerate().for_each(|(i, y)| *y += f64::from(bias[i % bias.len()]));
}
