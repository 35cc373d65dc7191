//! Normalization of rows, and of groups of channels, against their formulas and finite differences; a row that does not vary, and numbers
//! far from zero.

use net_runtime::activations::Activation;
use net_runtime::layers::{GroupNorm, GroupNormPlain, LayerNorm, LayerNormPlain, RmsNorm, UnitNorm};
use net_runtime::weights::{Scaled, ScaledAndShifted, Shifted};
use net_runtime::{Gradient, Param, Scratch, Write};

use crate::reference::*;
use crate::threads::assert_same_bits;

const EPSILON: f32 = 0.01;

fn param(values: &[f32]) -> Param {
    let mut param = Param::zeros(&[values.len()]);
    param.values_mut().copy_from_slice(values);
    param
}

fn weights(seed: u64, len: usize) -> ScaledAndShifted {
    let mut rng = rng(seed);
    let [gamma, beta] = [(); 2].map(|()| uniform(&mut rng, len));
    ScaledAndShifted { gamma: param(&gamma), beta: param(&beta) }
}

fn gradient(len: usize) -> Gradient {
    let mut gradient = Gradient::zeros(&[len]);
    gradient.values_mut().fill(f32::NAN);
    gradient.begin();
    gradient
}

fn gradients(len: usize) -> ScaledAndShifted<Gradient> {
    ScaledAndShifted { gamma: gradient(len), beta: gradient(len) }
}

/// Which numbers are normalised together.
type Together<'a> = &'a dyn Fn(usize) -> usize;

/// What each number becomes before gamma and beta, where `group` says with which others it belongs together.
fn normal(x: &[f64], groups: usize, group: Together<'_>) -> Vec<f64> {
    let members = |of: usize| (0..x.len()).filter(move |&index| group(index) == of);
    let mut y = vec![0.0; x.len()];
    for of in 0..groups {
        let count = members(of).count() as f64;
        let mean = members(of).map(|index| x[index]).sum::<f64>() / count;
        let variance = members(of).map(|index| (x[index] - mean).powi(2)).sum::<f64>() / count;
        members(of).for_each(|index| y[index] = (x[index] - mean) / (variance + f64::from(EPSILON)).sqrt());
    }
    y
}

/// With the factors of each element, or channel.
fn scaled(normal: Vec<f64>, weights: &ScaledAndShifted) -> Vec<f64> {
    let len = weights.gamma.values().len();
    let of = |param: &Param, index: usize| f64::from(param.values()[index % len]);
    let value = |(index, normal)| normal * of(&weights.gamma, index) + of(&weights.beta, index);
    normal.into_iter().enumerate().map(value).collect()
}

/// Σ dy · x̂ and Σ dy of each element, or channel.
fn factor_gradients(normal: &[f64], dy: &[f32], len: usize) -> [Vec<f64>; 2] {
    let sum = |of: &dyn Fn(usize) -> f64| {
        (0..len).map(|column| (column..dy.len()).step_by(len).map(of).sum()).collect::<Vec<f64>>()
    };
    [sum(&|index| normal[index] * f64::from(dy[index])), sum(&|index| f64::from(dy[index]))]
}

#[test]
fn layer_norm_is_its_formula() {
    for (n, rows, len) in [(0, 1, 3), (1, 1, 1), (2, 3, 5), (3, 2, 16), (2, 1, 33), (1, 2, 300), (40, 1, 9)] {
        let layer = LayerNorm { rows, len, epsilon: EPSILON };
        let (weights, mut rng) = (weights(70, len), rng(71));
        let (x, dy) = (uniform(&mut rng, n * rows * len), uniform(&mut rng, n * rows * len));
        let normal = |x: &[f64]| normal(x, n * rows, &|index| index / len);
        let f = |x: &[f64]| scaled(normal(x), &weights);
        let mut scratch = Scratch::default();
        for training in [true, false] {
            let mut kept = vec![f32::NAN; if training { n * rows * 2 } else { 0 }];
            let mut y = vec![f32::NAN; x.len()];
            layer.forward(n, &x, &weights, Activation::Linear, &mut y, &mut kept, &mut scratch);
            assert_close(&y, &f(&wide(&x)), 2e-6);
            let slopes = slope(f, &x, &dy);
            assert_writes(
                |dx, write| layer.backward_input(n, &weights, &x, &dy, &mut kept, dx, write, &mut scratch),
                &slopes,
                1e-5,
            );
            let mut found = gradients(len);
            layer.backward_weights(n, &x, &dy, &mut kept, &mut found, &mut scratch);
            let [gamma, beta] = factor_gradients(&normal(&wide(&x)), &dy, len);
            assert_close(found.gamma.values(), &gamma, 5e-6);
            assert_close(found.beta.values(), &beta, 5e-6);
        }
        // Without one of the factors, and without both.
        let mut y = vec![f32::NAN; x.len()];
        let ones = ScaledAndShifted { gamma: param(&vec![1.0; len]), beta: param(&vec![0.0; len]) };
        let shifted = Shifted { beta: weights.beta.clone() };
        layer.forward(n, &x, &shifted, Activation::Linear, &mut y, &mut [], &mut scratch);
        let expected = ScaledAndShifted { gamma: ones.gamma.clone(), beta: weights.beta.clone() };
        assert_close(&y, &scaled(normal(&wide(&x)), &expected), 2e-6);
        let scaled_alone = Scaled { gamma: weights.gamma.clone() };
        layer.forward(n, &x, &scaled_alone, Activation::Relu, &mut y, &mut [], &mut scratch);
        let expected = ScaledAndShifted { gamma: weights.gamma.clone(), beta: ones.beta.clone() };
        let relu = |y: Vec<f64>| y.into_iter().map(|y| y.max(0.0)).collect::<Vec<_>>();
        assert_close(&y, &relu(scaled(normal(&wide(&x)), &expected)), 2e-6);
        let plain = LayerNormPlain { rows, len, epsilon: EPSILON };
        let mut kept = vec![f32::NAN; n * rows * 2];
        plain.forward(n, &x, Activation::Linear, &mut y, &mut kept);
        assert_close(&y, &normal(&wide(&x)), 2e-6);
        let slopes = slope(normal, &x, &dy);
        assert_writes(|dx, write| plain.backward_input(n, &x, &dy, &mut kept, dx, write), &slopes, 1e-5);
    }
}

#[test]
fn rms_norm_and_unit_norm_are_their_formulas() {
    for (n, rows, len) in [(0, 1, 3), (1, 1, 1), (2, 3, 5), (3, 2, 16), (2, 1, 33), (1, 2, 300)] {
        let (rms, unit) = (RmsNorm { rows, len, epsilon: EPSILON }, UnitNorm { rows, len });
        let (weights, mut rng) = (weights(72, len), rng(73));
        let weights = Scaled { gamma: weights.gamma };
        let (x, dy) = (uniform(&mut rng, n * rows * len), uniform(&mut rng, n * rows * len));
        let by_row = |x: &[f64], size: &dyn Fn(f64) -> f64| {
            let row = |row: &[f64]| {
                let size = size(row.iter().map(|x| x * x).sum());
                row.iter().map(|x| x / size).collect::<Vec<_>>()
            };
            x.chunks(len).flat_map(row).collect::<Vec<_>>()
        };
        let normal = |x: &[f64]| by_row(x, &|sum| (sum / len as f64 + f64::from(EPSILON)).sqrt());
        let with_factors = |x: &[f64]| {
            let factors = ScaledAndShifted { gamma: weights.gamma.clone(), beta: param(&vec![0.0; len]) };
            scaled(normal(x), &factors)
        };
        let length = |x: &[f64]| by_row(x, &f64::sqrt);
        let mut scratch = Scratch::default();
        for training in [true, false] {
            let mut kept = vec![f32::NAN; if training { n * rows * 2 } else { 0 }];
            let mut y = vec![f32::NAN; x.len()];
            rms.forward(n, &x, &weights, Activation::Linear, &mut y, &mut kept, &mut scratch);
            assert_close(&y, &with_factors(&wide(&x)), 2e-6);
            let slopes = slope(with_factors, &x, &dy);
            assert_writes(
                |dx, write| rms.backward_input(n, &weights, &x, &dy, &mut kept, dx, write, &mut scratch),
                &slopes,
                1e-5,
            );
            let mut found = Scaled { gamma: gradient(len) };
            rms.backward_weights(n, &x, &dy, &mut kept, &mut found, &mut scratch);
            assert_close(found.gamma.values(), &factor_gradients(&normal(&wide(&x)), &dy, len)[0], 5e-6);

            unit.forward(n, &x, Activation::Linear, &mut y, &mut kept);
            assert_close(&y, &length(&wide(&x)), 2e-6);
            if len > 1 {
                let slopes = slope(length, &x, &dy);
                assert_writes(|dx, write| unit.backward_input(n, &x, &dy, &mut kept, dx, write), &slopes, 1e-5);
            }
        }
    }
}

#[test]
fn group_norm_is_its_formula() {
    for (n, positions, channels, groups) in [
        (0, 2, 4, 2),
        (1, 1, 1, 1),
        (2, 1, 6, 3),
        (3, 4, 6, 2),
        (2, 7, 5, 5),
        (2, 9, 64, 4),
        (2, 50, 3, 1),
        (1, 3, 96, 32),
    ] {
        let layer = GroupNorm { positions, channels, groups, epsilon: EPSILON };
        let (weights, mut rng) = (weights(74, channels), rng(75));
        let sample = positions * channels;
        let (x, dy) = (uniform(&mut rng, n * sample), uniform(&mut rng, n * sample));
        let group = |index: usize| index / sample * groups + index % channels / (channels / groups);
        let normal = |x: &[f64]| normal(x, n * groups, &group);
        let f = |x: &[f64]| scaled(normal(x), &weights);
        let mut scratch = Scratch::default();
        for training in [true, false] {
            let mut kept = vec![f32::NAN; if training { n * layer.kept() } else { 0 }];
            let mut y = vec![f32::NAN; x.len()];
            layer.forward(n, &x, &weights, Activation::Linear, &mut y, &mut kept, &mut scratch);
            assert_close(&y, &f(&wide(&x)), 2e-6);
            layer.backward_begin(n, &x, &dy, &mut kept, &mut scratch);
            let slopes = slope(f, &x, &dy);
            assert_writes(
                |dx, write| layer.backward_input(n, &weights, &x, &dy, &mut kept, dx, write, &mut scratch),
                &slopes,
                1e-5,
            );
            let mut found = gradients(channels);
            layer.backward_weights(n, &x, &dy, &mut kept, &mut found, &mut scratch);
            let [gamma, beta] = factor_gradients(&normal(&wide(&x)), &dy, channels);
            assert_close(found.gamma.values(), &gamma, 5e-6);
            assert_close(found.beta.values(), &beta, 5e-6);
        }
        let plain = GroupNormPlain { positions, channels, groups, epsilon: EPSILON };
        let mut kept = vec![f32::NAN; n * layer.kept()];
        let mut y = vec![f32::NAN; x.len()];
        plain.forward(n, &x, Activation::Linear, &mut y, &mut kept, &mut scratch);
        assert_close(&y, &normal(&wide(&x)), 2e-6);
        plain.backward_begin(n, &x, &dy, &mut kept, &mut scratch);
        let slopes = slope(normal, &x, &dy);
        assert_writes(|dx, write| plain.backward_input(n, &x, &dy, &mut kept, dx, write, &mut scratch), &slopes, 1e-5);
    }
}

/// A row that does not vary becomes zeros, one far from zero loses nothing, zeros stay zeros, a NaN spoils its row alone.
#[test]
fn special_rows() {
    let len = 37;
    let mut x = vec![0.1_f32; 4 * len];
    for (index, x) in x[len..2 * len].iter_mut().enumerate() {
        *x = 3000.0 + (index as f32 * 1.37).sin() * 0.5;
    }
    x[2 * len..3 * len].fill(0.0);
    x[3 * len + 5] = f32::NAN;
    let layer = LayerNormPlain { rows: 4, len, epsilon: 1e-6 };
    let mut y = vec![f32::NAN; x.len()];
    layer.forward(1, &x, Activation::Linear, &mut y, &mut []);
    assert!(y[..len].iter().chain(&y[2 * len..3 * len]).all(|y| *y == 0.0), "{y:?}");
    assert!(y[3 * len..].iter().all(|y| y.is_nan()));
    let far: Vec<f64> = wide(&x[len..2 * len]);
    let mean = far.iter().sum::<f64>() / len as f64;
    let deviation = (far.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / len as f64 + 1e-6).sqrt();
    let expected: Vec<f64> = far.iter().map(|x| (x - mean) / deviation).collect();
    assert_close(&y[len..2 * len], &expected, 1e-3);
    let moments = |y: &[f32]| {
        let mean = wide(y).iter().sum::<f64>() / len as f64;
        (mean, wide(y).iter().map(|y| (y - mean).powi(2)).sum::<f64>() / len as f64)
    };
    let (mean, variance) = moments(&y[len..2 * len]);
    assert!(mean.abs() < 1e-3 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");

    UnitNorm { rows: 4, len }.forward(1, &x, Activation::Linear, &mut y, &mut []);
    assert!(y[2 * len..3 * len].iter().all(|y| *y == 0.0) && y[3 * len..].iter().all(|y| y.is_nan()));
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    for (n, rows, len) in [(8, 100, 400), (3000, 1, 100), (2, 1, 300_000)] {
        let layer = LayerNorm { rows, len, epsilon: 1e-3 };
        let (weights, mut rng) = (weights(76, len), rng(77));
        let (x, dy) = (uniform(&mut rng, n * rows * len), uniform(&mut rng, n * rows * len));
        assert_same_bits(|| {
            let (mut y, mut dx, mut kept) = (vec![0.0; x.len()], vec![0.0; x.len()], vec![0.0; n * rows * 2]);
            let (mut found, mut scratch) = (gradients(len), Scratch::default());
            layer.forward(n, &x, &weights, Activation::Relu, &mut y, &mut kept, &mut scratch);
            layer.backward_weights(n, &x, &dy, &mut kept, &mut found, &mut scratch);
            layer.backward_input(n, &weights, &x, &dy, &mut kept, &mut dx, Write::Set, &mut scratch);
            vec![y, dx, kept, found.gamma.values().into(), found.beta.values().into()]
        });
    }
    for (n, positions, channels, groups) in [(6, 900, 64, 8), (2, 100_000, 3, 3)] {
        let layer = GroupNorm { positions, channels, groups, epsilon: 1e-3 };
        let (weights, mut rng) = (weights(78, channels), rng(79));
        let len = n * positions * channels;
        let (x, dy) = (uniform(&mut rng, len), uniform(&mut rng, len));
        assert_same_bits(|| {
            let (mut y, mut dx, mut kept) = (vec![0.0; len], vec![0.0; len], vec![0.0; n * layer.kept()]);
            let (mut found, mut scratch) = (gradients(channels), Scratch::default());
            layer.forward(n, &x, &weights, Activation::Relu, &mut y, &mut kept, &mut scratch);
            layer.backward_begin(n, &x, &dy, &mut kept, &mut scratch);
            layer.backward_weights(n, &x, &dy, &mut kept, &mut found, &mut scratch);
            layer.backward_input(n, &weights, &x, &dy, &mut kept, &mut dx, Write::Set, &mut scratch);
            vec![y, dx, kept, found.gamma.values().into(), found.beta.values().into()]
        });
    }
}

#[test]
#[should_panic(expected = "a weight of each element of a row of [3] does not have 2 elements")]
fn weights_are_checked() {
    let layer = LayerNorm { rows: 1, len: 3, epsilon: 1e-3 };
    let scratch = &mut Scratch::default();
    layer.forward(1, &[0.0; 3], &weights(1, 2), Activation::Linear, &mut [0.0; 3], &mut [], scratch);
}
