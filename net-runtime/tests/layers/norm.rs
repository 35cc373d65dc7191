//! Batch normalization in training and inference; its kernels have naive loops and finite differences of their own.

use net_runtime::activations::{Activation, relu6};
use net_runtime::layers::BatchNorm;
use net_runtime::weights::{Normalization, NormalizationPlain};
use net_runtime::{Gradient, Param, Scratch, Write, initializers};

use crate::reference::*;
use crate::threads::assert_same_bits;

fn param(values: &[f32]) -> Param {
    let mut param = Param::zeros(&[values.len()]);
    param.values_mut().copy_from_slice(values);
    param
}

fn weights(rng: &mut impl rand::Rng, channels: usize) -> Normalization {
    let mut some = |low: f32| {
        let values: Vec<f32> = (0..channels).map(|_| low + rng.next_u32() as f32 / u32::MAX as f32).collect();
        param(&values)
    };
    Normalization { gamma: some(0.5), beta: some(-0.5), moving_mean: some(-0.5), moving_variance: some(0.5) }
}

fn gradients(channels: usize) -> Normalization<Gradient> {
    let zeros = || {
        let mut gradient = Gradient::zeros(&[channels]);
        gradient.values_mut().fill(f32::NAN);
        gradient.begin();
        gradient
    };
    Normalization { gamma: zeros(), beta: zeros(), moving_mean: zeros(), moving_variance: zeros() }
}

/// Mean and variance of each channel.
fn statistics(x: &[f64], channels: usize) -> Vec<(f64, f64)> {
    let rows = (x.len() / channels) as f64;
    let column = |channel: usize| x.iter().skip(channel).step_by(channels);
    (0..channels)
        .map(|channel| {
            let mean = column(channel).sum::<f64>() / rows;
            (mean, column(channel).map(|value| (value - mean).powi(2)).sum::<f64>() / rows)
        })
        .collect()
}

type Function = fn(f64) -> f64;

#[test]
fn training_computes_with_the_batch_and_inference_with_what_it_leaves() {
    let (n, channels) = (3, 5);
    let layer = BatchNorm { positions: 4, channels, momentum: 0.75, epsilon: 0.01 };
    let mut rng = rng(50);
    let (x, dy) = (uniform(&mut rng, n * 20), uniform(&mut rng, n * 20));
    let weights = weights(&mut rng, channels);
    let apply = |x: &[f64], of: &[(f64, f64)]| -> Vec<f64> {
        let scale =
            |channel: usize| f64::from(weights.gamma.values()[channel]) / (of[channel].1 + 0.01_f32 as f64).sqrt();
        let value = |(index, x): (usize, &f64)| {
            let channel = index % channels;
            (x - of[channel].0) * scale(channel) + f64::from(weights.beta.values()[channel])
        };
        x.iter().enumerate().map(value).collect()
    };
    let moving: Vec<_> =
        wide(weights.moving_mean.values()).into_iter().zip(wide(weights.moving_variance.values())).collect();
    let of_batch = statistics(&wide(&x), channels);
    let mut scratch = Scratch::default();
    // The derivative of the second is computed from what goes in, that of the third from what comes out.
    let functions: [(Activation, Function); 3] =
        [(Activation::Linear, |z| z), (Activation::Silu, |z| z / (1.0 + (-z).exp())), (Activation::Tanh, f64::tanh)];
    for ((activation, function), training) in functions.into_iter().flat_map(|of| [(of, true), (of, false)]) {
        // More than is needed: what is left over is another sample's.
        let mut kept = if training { vec![f32::NAN; n * layer.kept()] } else { Vec::new() };
        let mut y = vec![f32::NAN; x.len()];
        layer.forward(n, &x, &weights, activation, &mut y, &mut kept, &mut scratch);
        let normal = |x: &[f64]| apply(x, if training { statistics(x, channels) } else { moving.clone() }.as_slice());
        let f = |x: &[f64]| normal(x).into_iter().map(function).collect::<Vec<_>>();
        assert_close(&y, &f(&wide(&x)), 2e-6);
        layer.backward_begin(n, &weights, &x, activation, &dy, &mut kept, &mut scratch);
        let mut dx = vec![f32::NAN; x.len()];
        layer.backward_input(n, &weights, &x, activation, &dy, &mut kept, &mut dx, Write::Set, &mut scratch);
        assert_close(&dx, &slope(f, &x, &dy), 1e-5);

        let mut found = gradients(channels);
        layer.backward_weights(n, &weights, &x, activation, &dy, &mut kept, &mut found, &mut scratch);
        let used = if training { &of_batch } else { &moving };
        let slope_at = |z: f64| (function(z + 1e-6) - function(z - 1e-6)) / 2e-6;
        let before = normal(&wide(&x)).into_iter().zip(&dy).map(|(z, &dy)| slope_at(z) * f64::from(dy));
        let before: Vec<f64> = before.collect();
        let column = |values: Vec<f64>| -> Vec<f64> {
            (0..channels).map(|channel| values.iter().skip(channel).step_by(channels).sum()).collect()
        };
        let normal = |index: usize| {
            let (mean, variance) = used[index % channels];
            (f64::from(x[index]) - mean) / (variance + 0.01_f32 as f64).sqrt() * before[index]
        };
        assert_close(found.gamma.values(), &column((0..x.len()).map(normal).collect()), 5e-6);
        assert_close(found.beta.values(), &column(before), 5e-6);
        layer.statistics(n, &weights, &mut kept, &mut found);
        // The statistics take the steps to what Keras assigns; a second use of the weights goes on from there.
        found.moving_mean.finish();
        found.moving_variance.finish();
        let mut expected = moving.clone();
        for _ in 0..2 {
            if training {
                for ((mean, variance), batch) in expected.iter_mut().zip(&of_batch) {
                    (*mean, *variance) = (*mean * 0.75 + batch.0 * 0.25, *variance * 0.75 + batch.1 * 0.25);
                }
            }
            let (means, variances): (Vec<_>, Vec<_>) =
                expected.iter().zip(&moving).map(|(after, before)| (after.0 - before.0, after.1 - before.1)).unzip();
            assert_close(found.moving_mean.values(), &means, 1e-6);
            assert_close(found.moving_variance.values(), &variances, 1e-6);
            layer.statistics(n, &weights, &mut kept, &mut found);
        }
    }
}

#[test]
fn without_factors_the_output_is_normal() {
    let layer = BatchNorm { positions: 50, channels: 3, momentum: 0.99, epsilon: 1e-3 };
    let x: Vec<f32> = uniform(&mut rng(51), 8 * 150).iter().map(|value| value * 5.0 + 2.0).collect();
    let weights = NormalizationPlain { moving_mean: param(&[0.0; 3]), moving_variance: initializers::ones(&[3]) };
    let (mut y, mut kept) = (vec![f32::NAN; x.len()], vec![f32::NAN; layer.kept()]);
    layer.forward(8, &x, &weights, Activation::Linear, &mut y, &mut kept, &mut Scratch::default());
    for (mean, variance) in statistics(&wide(&y), 3) {
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
    }
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    for (n, positions, channels) in [(32, 400, 33), (1000, 1, 300), (4, 100_000, 1)] {
        let layer = BatchNorm { positions, channels, momentum: 0.99, epsilon: 1e-3 };
        let mut rng = rng(52);
        let len = n * positions * channels;
        let (x, dy, weights) = (uniform(&mut rng, len), uniform(&mut rng, len), weights(&mut rng, channels));
        let activation = relu6();
        assert_same_bits(|| {
            let (mut y, mut dx, mut kept) = (vec![0.0; len], vec![0.0; len], vec![0.0; layer.kept()]);
            let mut scratch = Scratch::default();
            let mut found = gradients(channels);
            layer.forward(n, &x, &weights, activation, &mut y, &mut kept, &mut scratch);
            layer.backward_begin(n, &weights, &x, activation, &dy, &mut kept, &mut scratch);
            layer.statistics(n, &weights, &mut kept, &mut found);
            layer.backward_weights(n, &weights, &x, activation, &dy, &mut kept, &mut found, &mut scratch);
            layer.backward_input(n, &weights, &x, activation, &dy, &mut kept, &mut dx, Write::Set, &mut scratch);
            vec![
                y,
                dx,
                kept,
                found.gamma.values().into(),
                found.beta.values().into(),
                found.moving_mean.values().into(),
            ]
        });
    }
}

#[test]
#[should_panic(expected = "a weight of each channel of [3] does not have 2 elements")]
fn weights_are_checked() {
    let layer = BatchNorm { positions: 1, channels: 3, momentum: 0.99, epsilon: 1e-3 };
    let weights = NormalizationPlain { moving_mean: param(&[0.0; 2]), moving_variance: param(&[1.0; 3]) };
    let scratch = &mut Scratch::default();
    layer.forward(1, &[0.0; 3], &weights, Activation::Linear, &mut [0.0; 3], &mut [], scratch);
}
