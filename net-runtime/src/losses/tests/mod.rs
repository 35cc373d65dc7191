//! Every loss against a naive reference in `f64`, its gradient against finite differences of that reference, and
//! numbers that Keras gives.

use super::*;

mod ctc;
mod distances;
mod edges;
mod elementwise;
mod entropies;
mod overlaps;
mod rows;

/// A naive loss of one position: output, target, and the row's length.
type Reference = fn(&[f64], &[f64]) -> f64;

/// With Keras's bounds as they are in `f32`: the upper one is 1 - 1.19e-7.
fn clip(p: f64) -> f64 {
    p.clamp(f64::from(1e-7_f32), f64::from(1.0 - 1e-7_f32))
}

fn softmax(x: &[f64]) -> Vec<f64> {
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    x.iter().map(|x| x.exp() / sum).collect()
}

fn mean(terms: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = terms.len() as f64;
    terms.sum::<f64>() / count
}

fn pairs<'a>(y: &'a [f64], t: &'a [f64]) -> impl ExactSizeIterator<Item = (f64, f64)> {
    y.iter().copied().zip(t.iter().copied())
}

fn cross_entropy(p: &[f64], t: &[f64]) -> f64 {
    pairs(p, t).map(|(p, t)| -t * p.ln()).sum()
}

fn smoothed(t: &[f64], s: f64) -> Vec<f64> {
    t.iter().map(|v| v * (1.0 - s) + s / t.len() as f64).collect()
}

fn binary(p: f64, t: f64) -> f64 {
    -(t * p.ln() + (1.0 - t) * (1.0 - p).ln())
}

/// Numbers without a pattern that a loss could like, in [low, high).
fn numbers(count: usize, low: f64, high: f64, salt: u64) -> Vec<f32> {
    (0..count as u64)
        .map(|i| {
            let mixed = (i + 1 + 1000 * salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let unit = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40;
            (low + (high - low) * unit as f64 / (1_u64 << 24) as f64) as f32
        })
        .collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// Checks value and gradient of a loss over `n` samples with weights, setting and adding, where `reference` is given
/// each row of the output and of the target in `f32` form.
fn compare<L: Loss>(
    loss: &L,
    dims: &'static [usize],
    n: usize,
    output: &[f32],
    targets: &[L::Target],
    wide_targets: &[f64],
    reference: Reference,
) {
    compare_in(*dims.last().unwrap(), loss, dims, n, output, targets, wide_targets, reference);
}

/// As [`compare`], where `reference` is given `row` elements at once.
#[expect(clippy::too_many_arguments, reason = "what a loss is compared on")]
fn compare_in<L: Loss>(
    row: usize,
    loss: &L,
    dims: &'static [usize],
    n: usize,
    output: &[f32],
    targets: &[L::Target],
    wide_targets: &[f64],
    reference: Reference,
) {
    let len: usize = dims.iter().product();
    let weights = numbers(n, 0.2, 3.0, 7);
    let factor = 1.7;
    let naive = |output: &[f64]| -> f64 {
        let sum: f64 = (0..n)
            .map(|sample| {
                let rows = output[sample * len..][..len].chunks(row);
                let targets = wide_targets[sample * len..][..len].chunks(row);
                f64::from(weights[sample]) * mean(rows.zip(targets).map(|(y, t)| reference(y, t)))
            })
            .sum();
        sum / n as f64
    };
    let exact = wide(output);
    let found = value(loss, "head", dims, n, output, targets, Some(&weights)).unwrap();
    let expected = naive(&exact);
    assert!((f64::from(found) - expected).abs() < 2e-6 * (1.0 + expected.abs()), "{found} for {expected}");

    let mut set = vec![f32::NAN; output.len()];
    gradient(loss, dims, n, factor, output, targets, Some(&weights), &mut set, Write::Set);
    let mut added = vec![10.0; output.len()];
    gradient(loss, dims, n, factor, output, targets, Some(&weights), &mut added, Write::Add);
    for index in 0..output.len() {
        let step = 1e-5 * exact[index].abs().max(0.01);
        let mut moved = exact.clone();
        moved[index] = exact[index] + step;
        let above = naive(&moved);
        moved[index] = exact[index] - step;
        let below = naive(&moved);
        let expected = f64::from(factor) * (above - below) / (2.0 * step);
        let found = f64::from(set[index]);
        assert!((found - expected).abs() < 2e-6 * (1.0 + expected.abs()), "{index}: {found} for {expected}");
        assert!((added[index] - 10.0 - set[index]).abs() < 2e-6 * (10.0 + set[index].abs()));
    }
    together(loss, dims, n, output, targets);
}

/// Checks that samples without weights, which are handed over together where a loss allows it, come to the same as with
/// weights of 1.
fn together<L: Loss>(loss: &L, dims: &'static [usize], n: usize, output: &[f32], targets: &[L::Target]) {
    let ones = vec![1.0; n];
    let of = |weights: Option<&[f32]>| {
        let mut slopes = vec![f32::NAN; output.len()];
        gradient(loss, dims, n, 1.7, output, targets, weights, &mut slopes, Write::Set);
        (value(loss, "head", dims, n, output, targets, weights).unwrap(), slopes)
    };
    let ((together, slopes), (apart, expected)) = (of(None), of(Some(&ones)));
    assert!((together - apart).abs() <= 1e-6 * (1.0 + apart.abs()), "{together} for {apart}");
    for (slope, expected) in slopes.iter().zip(expected) {
        assert!((slope - expected).abs() <= 1e-6 * (1.0 + expected.abs()), "{slope} for {expected}");
    }
}

const SHAPES: [&[usize]; 4] = [&[1], &[7], &[3, 5], &[2, 3, 4]];

/// Value and gradient of a batch without weights.
fn both<L: Loss>(loss: &L, dims: &'static [usize], output: &[f32], targets: &[L::Target]) -> (f32, Vec<f32>) {
    let n = output.len() / dims.iter().product::<usize>();
    let mut slopes = vec![f32::NAN; output.len()];
    gradient(loss, dims, n, 1.0, output, targets, None, &mut slopes, Write::Set);
    (value(loss, "head", dims, n, output, targets, None).unwrap(), slopes)
}

#[track_caller]
fn close((value, gradient): (f32, Vec<f32>), expected: f32, slopes: &[f32]) {
    assert!((value - expected).abs() <= 1e-6 * expected.abs(), "{value} for {expected}");
    for (found, expected) in gradient.iter().zip(slopes) {
        assert!((found - expected).abs() <= 1e-6, "{gradient:?} for {slopes:?}");
    }
}
