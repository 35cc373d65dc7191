//! Convolutions in groups: each group is a convolution of its own.

use net_runtime::activations::Activation;
use net_runtime::layers::Conv2d;
use net_runtime::weights::Affine;
use net_runtime::{Gradient, Param, Scratch, Store};

use crate::reference::*;

/// Some channels of all pixels.
fn channels(values: &[f32], all: usize, first: usize, count: usize) -> Vec<f32> {
    values.chunks_exact(all).flat_map(|pixel| &pixel[first..first + count]).copied().collect()
}

fn affine(kernel: &[f32], bias: &[f32], dims: [usize; 4]) -> Affine {
    let mut weights = Affine { kernel: Param::zeros(&dims), bias: Param::zeros(&[bias.len()]) };
    weights.kernel.values_mut().copy_from_slice(kernel);
    weights.bias.values_mut().copy_from_slice(bias);
    weights
}

#[test]
fn groups_are_convolutions_of_their_own() {
    let mut rng = rng(82);
    let plain = |input: [usize; 3], output: [usize; 3]| Conv2d {
        input,
        output,
        kernel: [3, 3],
        stride: [1, 1],
        dilation: [1, 1],
        padding: [1, 1],
    };
    for (layer, groups) in [
        (plain([7, 6, 4], [7, 6, 6]), 2),
        (Conv2d { stride: [2, 1], padding: [0, 1], ..plain([9, 6, 6], [4, 6, 9]) }, 3),
        (Conv2d { dilation: [2, 2], padding: [2, 2], ..plain([8, 9, 40], [8, 9, 40]) }, 2),
        (Conv2d { kernel: [1, 1], padding: [0, 0], ..plain([5, 5, 12], [5, 5, 24]) }, 12),
        // So narrow that several are computed together, in more than one bundle.
        (plain([7, 6, 40], [7, 6, 40]), 10),
        (Conv2d { stride: [2, 2], ..plain([9, 8, 96], [5, 4, 192]) }, 48),
        (plain([12, 13, 64], [12, 13, 32]), 16),
        // Each channel by itself.
        (plain([7, 6, 12], [7, 6, 24]), 12),
        // By Winograd's algorithms.
        (plain([12, 13, 32], [12, 13, 64]), 2),
        (Conv2d { stride: [1, 2], padding: [1, 0], ..plain([14, 20, 32], [14, 10, 64]) }, 2),
    ] {
        let n = 2;
        let ([height, width, inputs], [rows, columns, outputs]) = (layer.input, layer.output);
        let (own_inputs, own_outputs) = (inputs / groups, outputs / groups);
        let taps = layer.kernel[0] * layer.kernel[1];
        let x = uniform(&mut rng, n * height * width * inputs);
        let dy = uniform(&mut rng, n * rows * columns * outputs);
        let kernel = uniform(&mut rng, taps * own_inputs * outputs);
        let bias = uniform(&mut rng, outputs);
        let dims = [layer.kernel[0], layer.kernel[1], own_inputs, outputs];
        let (weights, grouped) = (affine(&kernel, &bias, dims), layer.grouped(groups));
        let mut scratch = Scratch::default();
        let (mut y, mut gradients) = (vec![f32::NAN; dy.len()], Affine::<Gradient>::zeros(&dims));
        let mut by_store = [Store::Set, Store::Add, Store::Mask].map(|store| {
            let mut dx = if store == Store::Set { vec![f32::NAN; x.len()] } else { x.clone() };
            grouped.backward_input(n, &weights, &dy, &mut dx, store, scratch.for_weights(0));
            dx
        });
        grouped.forward(n, &x, &weights, Activation::Relu, &mut y, scratch.for_weights(0));
        grouped.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
        grouped.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
        for group in 0..groups {
            let (first, begin) = (group * own_inputs, group * own_outputs);
            let own = Conv2d { input: [height, width, own_inputs], output: [rows, columns, own_outputs], ..layer };
            let [x, dy, kernel, expected_of] = [
                (&x, inputs, first, own_inputs),
                (&dy, outputs, begin, own_outputs),
                (&kernel, outputs, begin, own_outputs),
                (&y, outputs, begin, own_outputs),
            ]
            .map(|(values, all, first, count)| channels(values, all, first, count));
            let expected = conv2d(&own, n, &wide(&x), &wide(&kernel));
            let mut active = expected.clone();
            add_bias(&mut active, &bias[begin..begin + own_outputs]);
            active.iter_mut().for_each(|y| *y = y.max(0.0));
            assert_close(&expected_of, &active, 1e-5);
            let (mut dx, mut dw, mut sums) = (vec![0.0; x.len()], vec![0.0; kernel.len()], vec![0.0; own_outputs]);
            conv2d_products(&own, n, |i, k, o| {
                dx[i] += f64::from(kernel[k]) * f64::from(dy[o]);
                dw[k] += f64::from(x[i]) * f64::from(dy[o]);
            });
            dy.iter().enumerate().for_each(|(index, dy)| sums[index % own_outputs] += f64::from(*dy));
            for (store, found) in [Store::Set, Store::Add, Store::Mask].into_iter().zip(&mut by_store) {
                let expected = dx.iter().zip(&x).map(|(&dx, &x)| match store {
                    Store::Set => dx,
                    Store::Add => dx + f64::from(x),
                    Store::Mask => dx * f64::from(u8::from(x > 0.0)),
                });
                let expected: Vec<f64> = expected.collect();
                assert_close(&channels(found, inputs, first, own_inputs), &expected, 1e-5);
            }
            let twice = |values: &[f64]| values.iter().map(|value| 2.0 * value).collect::<Vec<_>>();
            let found = channels(gradients.kernel.values(), outputs, begin, own_outputs);
            assert_close(&found, &twice(&dw), 1e-5);
            assert_close(&gradients.bias.values()[begin..begin + own_outputs], &twice(&sums), 1e-5);
        }
    }
}
