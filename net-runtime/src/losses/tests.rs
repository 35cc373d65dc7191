//! Every loss against a naive reference in `f64`, its gradient against finite differences of that reference, and
//! numbers that Keras gives.

use super::*;

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

#[test]
fn elementwise_losses_and_their_gradients() {
    for dims in SHAPES {
        let n = 3;
        let count = n * dims.iter().product::<usize>();
        let output = numbers(count, -2.0, 2.0, 1);
        let target = numbers(count, -2.0, 2.0, 2);
        let exact = wide(&target);
        let squared: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (y - t) * (y - t)));
        compare(&MeanSquaredError, dims, n, &output, &target, &exact, squared);
        let absolute: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (y - t).abs()));
        compare(&MeanAbsoluteError, dims, n, &output, &target, &exact, absolute);
        let huber: Reference = |y, t| {
            mean(pairs(y, t).map(|(y, t)| {
                let e = (y - t).abs();
                if e <= 0.5 { e * e / 2.0 } else { 0.5 * e - 0.125 }
            }))
        };
        compare(&Huber { delta: 0.5 }, dims, n, &output, &target, &exact, huber);
    }
}

#[test]
fn losses_of_rates_margins_and_logarithms_and_their_gradients() {
    for dims in SHAPES {
        let n = 3;
        let count = n * dims.iter().product::<usize>();
        let output = numbers(count, -2.0, 2.0, 11);
        let target = numbers(count, -2.0, 2.0, 12);
        let exact = wide(&target);
        compare(&LogCosh, dims, n, &output, &target, &exact, |y, t| {
            mean(pairs(y, t).map(|(y, t)| (y - t).cosh().ln()))
        });
        let per_cent: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| 100.0 * ((y - t) / t).abs()));
        compare(&MeanAbsolutePercentageError, dims, n, &output, &target, &exact, per_cent);
        let sides: Vec<f32> = target.iter().map(|t| t.signum()).collect();
        let exact = wide(&sides);
        let answers: Vec<f32> = sides.iter().map(|t| t.max(0.0)).collect();
        let hinge: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (1.0 - t * y).max(0.0)));
        let squared: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (1.0 - t * y).max(0.0).powi(2)));
        for targets in [&sides, &answers] {
            compare(&Hinge, dims, n, &output, targets, &exact, hinge);
            compare(&SquaredHinge, dims, n, &output, targets, &exact, squared);
        }

        let output = numbers(count, 0.1, 4.0, 13);
        let target = numbers(count, 0.0, 4.0, 14);
        let exact = wide(&target);
        compare(&Poisson, dims, n, &output, &target, &exact, |y, t| {
            mean(pairs(y, t).map(|(y, t)| y - t * (y + 1e-7).ln()))
        });
        compare(&MeanSquaredLogarithmicError, dims, n, &output, &target, &exact, |y, t| {
            mean(pairs(y, t).map(|(y, t)| (y.ln_1p() - t.ln_1p()).powi(2)))
        });
    }
}

#[test]
fn losses_of_rows_and_their_gradients() {
    for dims in [&[4_usize] as &[usize], &[6], &[3, 5], &[2, 3, 4]] {
        let n = 3;
        let row = *dims.last().unwrap();
        let count = n * dims.iter().product::<usize>();
        let output = numbers(count, -2.0, 2.0, 15);
        let target = numbers(count, -2.0, 2.0, 16);
        compare(&CosineSimilarity, dims, n, &output, &target, &wide(&target), |y, t| {
            let dot = |a: &[f64], b: &[f64]| pairs(a, b).map(|(a, b)| a * b).sum::<f64>();
            -dot(y, t) / (dot(y, y) * dot(t, t)).sqrt()
        });
        let classes = numbers(count / row, 0.0, row as f64, 17);
        let mut one_hot = vec![0.0; count];
        for (position, &class) in classes.iter().enumerate() {
            one_hot[position * row + (class as usize).min(row - 1)] = 1.0;
        }
        let exact = wide(&one_hot);
        compare(&CategoricalHinge, dims, n, &output, &one_hot, &exact, |y, t| {
            let best = pairs(y, t).map(|(y, t)| (1.0 - t) * y).fold(f64::NEG_INFINITY, f64::max);
            (best - pairs(y, t).map(|(y, t)| t * y).sum::<f64>() + 1.0).max(0.0)
        });
        let shares = numbers(count, 0.02, 0.98, 18);
        let told = numbers(count, 0.02, 0.98, 19);
        compare(&KlDivergence, dims, n, &shares, &told, &wide(&told), |p, t| {
            pairs(p, t).map(|(p, t)| t * (t / p).ln()).sum()
        });
        let focal = CategoricalFocalCrossentropy { gamma: 1.5, alpha: 0.4, label_smoothing: 0.1 };
        compare(&focal, dims, n, &shares, &one_hot, &exact, |p, t| {
            let sum: f64 = p.iter().sum();
            let of = |(p, t): (f64, f64)| -0.4 * t * (1.0 - p / sum).powf(1.5) * (p / sum).ln();
            pairs(p, &smoothed(t, 0.1)).map(of).sum()
        });
        let numbers: Vec<u32> = classes.iter().map(|&class| (class as u32).min(row as u32 - 1)).collect();
        compare(&GeneralizedCrossentropy { q: 0.7 }, dims, n, &shares, &numbers, &exact, |p, t| {
            pairs(p, t).map(|(p, t)| t * (1.0 - p.powf(0.7)) / 0.7).sum()
        });
    }
}

#[test]
fn binary_focal_crossentropy_and_its_gradient() {
    for dims in SHAPES {
        let n = 2;
        let count = n * dims.iter().product::<usize>();
        let target: Vec<f32> = numbers(count, 0.0, 1.0, 20).iter().map(|v| v.round()).collect();
        let exact = wide(&target);
        let loss = BinaryFocalCrossentropy { gamma: 1.5, alpha: Some(0.3), label_smoothing: 0.2, input: Input::Logits };
        compare(&loss, dims, n, &numbers(count, -4.0, 4.0, 21), &target, &exact, |x, t| {
            mean(pairs(x, t).map(|(x, t)| {
                let (p, t) = (1.0 / (1.0 + (-x).exp()), 0.8 * t + 0.1);
                (t * 0.3 + (1.0 - t) * 0.7) * (t * (1.0 - p) + (1.0 - t) * p).powf(1.5) * binary(p, t)
            }))
        });
        let loss = BinaryFocalCrossentropy::default();
        compare(&loss, dims, n, &numbers(count, 0.05, 0.95, 22), &target, &exact, |p, t| {
            mean(pairs(p, t).map(|(p, t)| (t * (1.0 - p) + (1.0 - t) * p).powi(2) * binary(p, t)))
        });
    }
}

#[test]
fn overlaps_of_samples_and_their_gradients() {
    for dims in SHAPES {
        let n = 3;
        let len = dims.iter().product::<usize>();
        let output = numbers(n * len, 0.0, 1.0, 23);
        let target: Vec<f32> = numbers(n * len, 0.0, 1.0, 24).iter().map(|v| v.round()).collect();
        let exact = wide(&target);
        compare_in(len, &Dice, dims, n, &output, &target, &exact, |p, t| {
            let both = pairs(p, t).map(|(p, t)| p * t).sum::<f64>();
            1.0 - 2.0 * both / (p.iter().sum::<f64>() + t.iter().sum::<f64>() + f64::from(1e-7_f32))
        });
        compare_in(len, &Tversky { alpha: 0.25, beta: 0.75 }, dims, n, &output, &target, &exact, |p, t| {
            let both = pairs(p, t).map(|(p, t)| p * t).sum::<f64>();
            let missed = pairs(p, t).map(|(p, t)| (1.0 - p) * t).sum::<f64>();
            let wrong = pairs(p, t).map(|(p, t)| p * (1.0 - t)).sum::<f64>();
            1.0 - both / (both + 0.25 * missed + 0.75 * wrong + f64::from(1e-7_f32))
        });
    }
    // Nothing is there, and nothing is found: finite.
    let (value, slopes) = both(&Dice, &[3], &[0.0; 3], &[0.0; 3]);
    assert!(value == 1.0 && slopes.iter().all(|slope| slope.is_finite()));
}

#[test]
fn ignored_positions_have_no_part_in_the_mean() {
    let (dims, ignore): (&'static [usize], _) = (&[4, 3], Some(255));
    // Of the second sample one position counts, of the third none.
    let target = [0, 255, 2, 1, 255, 255, 1, 255, 255, 255, 255, 255];
    for input in [Input::Logits, Input::Probabilities] {
        let output = match input {
            Input::Logits => numbers(36, -3.0, 3.0, 25),
            Input::Probabilities => numbers(36, 0.05, 0.95, 26),
        };
        let (all, plain) =
            (SparseCategoricalCrossentropy { ignore, input }, SparseCategoricalCrossentropy { ignore: None, input });
        check(&all, "y", dims, 3, &target).unwrap();
        for weights in [None, Some([0.5, 2.0, 3.0])] {
            let weights = weights.as_ref().map(|weights| &weights[..]);
            // Each position alone, as a sample of one.
            let (mut sum, mut expected) = (0.0, vec![0.0; 36]);
            for (position, &class) in target.iter().enumerate().filter(|(_, class)| **class != 255) {
                let weight = weights.map_or(1.0, |weights| weights[position / 4]);
                let row = &output[position * 3..][..3];
                sum += weight * plain.value(row, &[class], &[3]) / 4.0;
                plain.gradient(row, &[class], &[3], 1.7 * weight / 4.0, &mut expected[position * 3..][..3], Write::Set);
            }
            let found = value(&all, "y", dims, 3, &output, &target, weights).unwrap();
            assert!((found - sum).abs() < 1e-6 * sum, "{found} for {sum}");
            for (write, begin) in [(Write::Set, f32::NAN), (Write::Add, 10.0)] {
                let mut found = vec![begin; 36];
                gradient(&all, dims, 3, 1.7, &output, &target, weights, &mut found, write);
                for (found, expected) in found.iter().zip(&expected) {
                    let expected = if write == Write::Add { 10.0 + expected } else { *expected };
                    assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
                }
            }
        }
        // Nothing that counts is no loss.
        let mut slopes = vec![f32::NAN; 12];
        gradient(&all, dims, 1, 1.0, &output[..12], &[255; 4], None, &mut slopes, Write::Set);
        assert_eq!(value(&all, "y", dims, 1, &output[..12], &[255; 4], None).unwrap(), 0.0);
        assert_eq!(slopes, [0.0; 12]);
        assert_eq!(all.check(&[255, 3], &[3]), Err(3));
    }
}

#[test]
fn binary_crossentropy_and_its_gradient() {
    for dims in SHAPES {
        let n = 2;
        let count = n * dims.iter().product::<usize>();
        let target: Vec<f32> = numbers(count, 0.0, 1.0, 3).iter().map(|v| v.round()).collect();
        let exact = wide(&target);
        let logits: Reference = |x, t| mean(pairs(x, t).map(|(x, t)| binary(1.0 / (1.0 + (-x).exp()), 0.8 * t + 0.1)));
        let loss = BinaryCrossentropy { label_smoothing: 0.2, input: Input::Logits };
        compare(&loss, dims, n, &numbers(count, -4.0, 4.0, 4), &target, &exact, logits);
        let probabilities: Reference = |p, t| mean(pairs(p, t).map(|(p, t)| binary(clip(p), t)));
        let loss = BinaryCrossentropy::default();
        // Some are beyond the bounds, where the gradient is zero.
        compare(&loss, dims, n, &numbers(count, -0.2, 1.2, 5), &target, &exact, probabilities);
    }
}

#[test]
fn categorical_crossentropies_and_their_gradients() {
    for dims in [&[4_usize] as &[usize], &[6], &[3, 5], &[2, 3, 4]] {
        let n = 3;
        let row = *dims.last().unwrap();
        let count = n * dims.iter().product::<usize>();
        let classes: Vec<u32> =
            numbers(count / row, 0.0, row as f64, 6).iter().map(|&v| (v as u32).min(row as u32 - 1)).collect();
        let mut target = vec![0.0; count];
        for (position, &class) in classes.iter().enumerate() {
            target[position * row + class as usize] = 1.0;
        }
        let exact = wide(&target);
        let logits = numbers(count, -3.0, 3.0, 7);
        let probabilities = numbers(count, 0.01, 0.99, 8);

        let loss = CategoricalCrossentropy { label_smoothing: 0.1, input: Input::Logits };
        compare(&loss, dims, n, &logits, &target, &exact, |x, t| cross_entropy(&softmax(x), &smoothed(t, 0.1)));
        let loss = CategoricalCrossentropy { label_smoothing: 0.1, input: Input::Probabilities };
        compare(&loss, dims, n, &probabilities, &target, &exact, |p, t| {
            let sum: f64 = p.iter().sum();
            let normal: Vec<f64> = p.iter().map(|p| clip(p / sum)).collect();
            cross_entropy(&normal, &smoothed(t, 0.1))
        });
        let loss = SparseCategoricalCrossentropy { ignore: None, input: Input::Logits };
        compare(&loss, dims, n, &logits, &classes, &exact, |x, t| cross_entropy(&softmax(x), t));
        let loss = SparseCategoricalCrossentropy::default();
        // Some are beyond the bounds, where the gradient is zero.
        let beyond: Vec<f32> = probabilities.iter().map(|p| 1.1 * p).collect();
        compare(&loss, dims, n, &beyond, &classes, &exact, |p, t| {
            let logs: Vec<f64> = p.iter().map(|&p| clip(p).ln()).collect();
            cross_entropy(&softmax(&logs), t)
        });
    }
}

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

/// Values and gradients that Keras 3.15 gives on TensorFlow, in graph mode.
#[test]
fn numbers_of_keras() {
    let probabilities = [0.2, 0.5, 0.1, 0.0, 1.0, 0.0];
    let loss = CategoricalCrossentropy { label_smoothing: 0.1, input: Input::Probabilities };
    let target = [0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
    let slopes = [0.541_666_6, -0.308_333_4, 0.458_333_25, 0.0, 0.0, 0.0];
    close(both(&loss, &[3], &probabilities, &target), 8.067_511, &slopes);
    let slopes = [0.625, -0.374_999_94, 0.625, 0.0, 0.0, 0.0];
    close(both(&SparseCategoricalCrossentropy::default(), &[3], &probabilities, &[1, 0]), 8.294_049, &slopes);
    let loss = BinaryCrossentropy { label_smoothing: 0.2, input: Input::Probabilities };
    let slopes = [0.208_333_33, -0.533_333_36, 0.0];
    close(both(&loss, &[3], &[0.2, 0.5, 1.0], &[0.0, 1.0, 1.0]), 0.883_052_77, &slopes);
    let slopes = [1.0 / 3.0, 0.0, -1.0 / 3.0];
    close(both(&MeanAbsoluteError, &[3], &[0.2, 1.0, 0.5], &[0.0, 1.0, 1.0]), 0.233_333_33, &slopes);
    let slopes = [0.066_666_67, 0.0, -0.1];
    close(both(&Huber { delta: 0.3 }, &[3], &[0.2, 1.0, -0.5], &[0.0, 1.0, 1.0]), 0.141_666_68, &slopes);
    let slopes = [0.133_333_33, 0.0, -1.0];
    close(both(&MeanSquaredError, &[3], &[0.2, 1.0, -0.5], &[0.0, 1.0, 1.0]), 0.763_333_3, &slopes);
    // A target that sums to 2: TensorFlow's gradient is softmax minus target all the same.
    let loss = CategoricalCrossentropy { label_smoothing: 0.0, input: Input::Logits };
    let slopes = [-0.851_774_6, -0.959_603_85, 0.811_378_4];
    close(both(&loss, &[3], &[0.3, -1.0, 2.0], &[1.0, 1.0, 0.0]), 5.118_041_5, &slopes);
}

#[test]
fn large_logits_neither_overflow_nor_lose_the_gradient() {
    let logits = [1e4, -1e4, 3e4];
    let loss = CategoricalCrossentropy { label_smoothing: 0.0, input: Input::Logits };
    assert_eq!(both(&loss, &[3], &logits, &[1.0, 0.0, 0.0]), (2e4, vec![-1.0, 0.0, 1.0]));
    let loss = SparseCategoricalCrossentropy { ignore: None, input: Input::Logits };
    assert_eq!(both(&loss, &[3], &logits, &[0]), (2e4, vec![-1.0, 0.0, 1.0]));
    let loss = BinaryCrossentropy { label_smoothing: 0.0, input: Input::Logits };
    assert_eq!(both(&loss, &[1], &[-1e4, 1e4], &[1.0, 1.0]), (5e3, vec![-0.5, 0.0]));
    assert!(both(&loss, &[1], &[-100.0], &[0.0]).1[0] < 1e-40);
    for gamma in [0.0, 0.5, 2.0] {
        let loss = BinaryFocalCrossentropy { gamma, input: Input::Logits, ..Default::default() };
        assert_eq!(both(&loss, &[1], &[-1e4, 1e4], &[1.0, 1.0]), (5e3, vec![-0.5, 0.0]), "{gamma}");
    }
    assert_eq!(both(&LogCosh, &[1], &[1e4, -1e4], &[0.0, 0.0]), (1e4 - std::f32::consts::LN_2, vec![0.5, -0.5]));
    assert_eq!(both(&Hinge, &[1], &[1e4, -1e4], &[1.0, 1.0]), (5000.5, vec![0.0, -0.5]));
    assert_eq!(both(&CategoricalHinge, &[3], &[1e4, -1e4, 3e4], &[1.0, 0.0, 0.0]), (20001.0, vec![-1.0, 0.0, 1.0]));
}

/// Keras 3.15 on TensorFlow gives NaN, log 2 and infinity for three classes.
#[test]
fn a_logit_of_minus_infinity_rules_a_class_out_where_targets_are_class_numbers() {
    for dims in [&[3], &[40]] {
        let [classes] = *dims;
        let mut logits = vec![0.0; classes];
        logits[1] = f32::NEG_INFINITY;
        let (mut target, share) = (vec![0.0; classes], 1.0 / (classes - 1) as f32);
        target[0] = 1.0;
        let slopes = |class: usize| match class {
            0 => share - 1.0,
            1 => 0.0,
            _ => share,
        };
        let slopes: Vec<f32> = (0..classes).map(slopes).collect();
        let sparse = SparseCategoricalCrossentropy { ignore: None, input: Input::Logits };
        close(both(&sparse, dims, &logits, &[0]), -share.ln(), &slopes);
        let loss = CategoricalCrossentropy { label_smoothing: 0.0, input: Input::Logits };
        let (value, gradient) = both(&loss, dims, &logits, &target);
        assert!(value.is_nan());
        close((1.0, gradient), 1.0, &slopes);
        assert_eq!(both(&sparse, dims, &logits, &[1]).0, f32::INFINITY);
    }
}

#[test]
fn a_nan_comes_out_as_a_nan() {
    fn poisoned<L: Loss>(loss: &L, target: &[L::Target]) {
        let (value, gradient) = both(loss, &[2], &[f32::NAN, 0.5], target);
        assert!(value.is_nan() && gradient[0].is_nan());
    }
    for input in [Input::Logits, Input::Probabilities] {
        poisoned(&CategoricalCrossentropy { label_smoothing: 0.0, input }, &[1.0, 0.0]);
        poisoned(&SparseCategoricalCrossentropy { ignore: None, input }, &[0]);
        poisoned(&BinaryCrossentropy { label_smoothing: 0.0, input }, &[1.0, 0.0]);
    }
    for input in [Input::Logits, Input::Probabilities] {
        poisoned(&BinaryFocalCrossentropy { input, ..Default::default() }, &[1.0, 0.0]);
    }
    poisoned(&CategoricalFocalCrossentropy::default(), &[1.0, 0.0]);
    poisoned(&CategoricalHinge, &[1.0, 0.0]);
    poisoned(&CosineSimilarity, &[1.0, 0.0]);
    poisoned(&Dice, &[1.0, 0.0]);
    poisoned(&GeneralizedCrossentropy::default(), &[0]);
    poisoned(&Hinge, &[1.0, 0.0]);
    poisoned(&KlDivergence, &[1.0, 0.0]);
    poisoned(&LogCosh, &[1.0, 0.0]);
    poisoned(&MeanAbsolutePercentageError, &[1.0, 0.0]);
    poisoned(&MeanSquaredLogarithmicError, &[1.0, 0.0]);
    poisoned(&Poisson, &[1.0, 0.0]);
    poisoned(&SquaredHinge, &[1.0, 0.0]);
    poisoned(&Tversky::default(), &[1.0, 0.0]);
    poisoned(&MeanSquaredError, &[1.0, 0.0]);
    poisoned(&MeanAbsoluteError, &[1.0, 0.0]);
    poisoned(&Huber::default(), &[1.0, 0.0]);
}

#[test]
fn a_class_that_is_none_is_an_error_and_never_a_panic() {
    let loss = SparseCategoricalCrossentropy::default();
    let output = [0.5; 12];
    let error = value(&loss, "mask", &[2, 3], 2, &output, &[0, 2, 1, 3], None).unwrap_err();
    assert_eq!(error.to_string(), "target `mask` of sample 1 is class 3, but `mask` has 3 classes, counted from 0");
    for input in [Input::Logits, Input::Probabilities] {
        let loss = SparseCategoricalCrossentropy { ignore: None, input };
        let mut slopes = [0.0; 3];
        loss.gradient(&[0.5; 3], &[3], &[3], 1.0, &mut slopes, Write::Set);
        assert!(slopes.iter().all(|g| g.is_nan()) && loss.value(&[0.5; 3], &[3], &[3]).is_nan());
    }
}

#[test]
fn no_samples_have_no_loss() {
    let error = value(&MeanSquaredError, "price", &[1], 0, &[], &[], None).unwrap_err();
    assert_eq!(error.to_string(), "the loss of `price` needs at least one sample");
    gradient(&MeanSquaredError, &[1], 0, 1.0, &[], &[], None, &mut [], Write::Set);
}

/// An output so long that its parts are summed by several threads, if there are.
#[test]
fn long_outputs_have_the_same_loss_on_any_number_of_threads() {
    let len = 20 * crate::parallel::ELEMENTS + 13;
    let (output, target) = (numbers(len, -2.0, 3.0, 1), numbers(len, -1.0, 4.0, 2));
    let naive = mean(output.iter().zip(&target).map(|(&y, &t)| (f64::from(y) - f64::from(t)).powi(2)));
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut slopes = vec![f32::NAN; len];
            MeanSquaredError.gradient(&output, &target, &[1], 1.5, &mut slopes, Write::Set);
            (MeanSquaredError.value(&output, &target, &[1]), slopes)
        })
    };
    let (loss, slopes) = with_threads(1);
    assert!((f64::from(loss) - naive).abs() < 1e-6 * naive, "{loss}, not {naive}");
    for ((slope, y), t) in slopes.iter().zip(&output).zip(&target) {
        assert_eq!(*slope, 1.5 / len as f32 * (2.0 * (y - t)));
    }
    for threads in [2, 3] {
        assert!(with_threads(threads) == (loss, slopes.clone()), "{threads} threads");
    }
}
