//! Convolutions of volumes, plain and transposed, against naive loops.

use net_runtime::activations::Activation;
use net_runtime::layers::{Conv3d, Conv3dTranspose};
use net_runtime::weights::Affine;
use net_runtime::{Gradient, Param, Scratch, Write};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::reference::*;
use crate::threads::assert_same_bits;

fn len(dims: &[usize]) -> usize {
    dims.iter().product()
}

/// Axes of up to nine places; every third one of 3x3x3 with stride 1 and channels for Winograd's algorithm.
fn random(rng: &mut ChaCha8Rng, kind: usize) -> Conv3d {
    let fast = kind.is_multiple_of(3);
    let channels = |rng: &mut ChaCha8Rng| if fast { 16 } else { rng.random_range(1..=7) };
    let (inputs, outputs) = (channels(rng), channels(rng));
    let mut layer = Conv3d {
        input: [0, 0, 0, inputs],
        output: [0, 0, 0, outputs],
        kernel: [3; 3],
        stride: [1; 3],
        dilation: [1; 3],
        padding: [0; 3],
    };
    for axis in 0..3 {
        loop {
            let input = rng.random_range(if fast { 5..=9 } else { 1..=9 });
            if !fast {
                layer.kernel[axis] = rng.random_range(1..=4);
                layer.stride[axis] = rng.random_range(1..=3);
                layer.dilation[axis] = rng.random_range(1..=2);
            }
            let reach = (layer.kernel[axis] - 1) * layer.dilation[axis] + 1;
            let [before, after] = [0; 2].map(|_| rng.random_range(0..reach));
            if input + before + after >= reach {
                layer.input[axis] = input;
                layer.padding[axis] = before;
                layer.output[axis] = (input + before + after - reach) / layer.stride[axis] + 1;
                break;
            }
        }
    }
    layer
}

/// The place along each axis of an index.
fn places(mut index: usize, dims: [usize; 3]) -> [usize; 3] {
    let mut places = [0; 3];
    for axis in (0..3).rev() {
        places[axis] = index % dims[axis];
        index /= dims[axis];
    }
    places
}

/// Calls `visit(index in x, in the kernel, in y)` for every product.
fn products(layer: &Conv3d, n: usize, mut visit: impl FnMut(usize, usize, usize)) {
    let [from, to] = [layer.input, layer.output].map(|[depth, height, width, _]| [depth, height, width]);
    let ([.., inputs], [.., outputs]) = (layer.input, layer.output);
    for (sample, window, tap) in triples(n, len(&to), len(&layer.kernel)) {
        let (at, element) = (places(window, to), places(tap, layer.kernel));
        let place = (0..3).try_fold(0, |place, axis| {
            let along = at[axis] * layer.stride[axis] + element[axis] * layer.dilation[axis];
            let along = along.checked_sub(layer.padding[axis]).filter(|along| *along < from[axis])?;
            Some(place * from[axis] + along)
        });
        let Some(place) = place else { continue };
        for c in 0..inputs {
            for o in 0..outputs {
                visit(
                    (sample * len(&from) + place) * inputs + c,
                    (tap * inputs + c) * outputs + o,
                    (sample * len(&to) + window) * outputs + o,
                );
            }
        }
    }
}

fn affine(kernel: &[f32], bias: &[f32]) -> Affine {
    let param = |values: &[f32]| {
        let mut param = Param::zeros(&[values.len()]);
        param.values_mut().copy_from_slice(values);
        param
    };
    Affine { kernel: param(kernel), bias: param(bias) }
}

fn gradients(kernel: usize, bias: usize) -> Affine<Gradient> {
    let [mut kernel, mut bias] = [kernel, bias].map(|len| Gradient::zeros(&[len]));
    for gradient in [&mut kernel, &mut bias] {
        gradient.values_mut().fill(f32::NAN);
        gradient.begin();
    }
    Affine { kernel, bias }
}

#[test]
fn volumes_are_close_to_naive_loops() {
    let mut rng = rng(80);
    for kind in 0..36 {
        let (layer, n) = (random(&mut rng, kind), 1 + kind % 2);
        let x = uniform(&mut rng, n * len(&layer.input));
        let dy = uniform(&mut rng, n * len(&layer.output));
        let kernel = uniform(&mut rng, len(&layer.kernel) * layer.input[3] * layer.output[3]);
        let (bias, other_bias) = (uniform(&mut rng, layer.output[3]), uniform(&mut rng, layer.input[3]));
        let (mut y, mut dx, mut dw) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; kernel.len()]);
        products(&layer, n, |a, b, c| {
            y[c] += f64::from(x[a]) * f64::from(kernel[b]);
            dx[a] += f64::from(dy[c]) * f64::from(kernel[b]);
            dw[b] += f64::from(dy[c]) * f64::from(x[a]);
        });
        let sums = |values: &[f32], channels: usize| {
            let of = |channel| values.iter().skip(channel).step_by(channels).map(|value| f64::from(*value)).sum();
            (0..channels).map(of).collect::<Vec<f64>>()
        };
        let active = |values: &[f64], bias: &[f32]| {
            let values = values.iter().enumerate().map(|(index, y)| (y + f64::from(bias[index % bias.len()])).tanh());
            values.collect::<Vec<f64>>()
        };
        let mut scratch = Scratch::default();
        let weights = affine(&kernel, &bias);
        let mut actual = vec![f32::NAN; dy.len()];
        // The sums are rounded by how large they are, and not by what tanh makes of them.
        let largest = |sums: &[f64]| sums.iter().fold(1.0, |largest: f64, sum| largest.max(sum.abs()));
        // The forms of the rows of taps are kept apart from each other.
        for _ in 0..2 {
            layer.forward(n, &x, &weights, Activation::Tanh, &mut actual, scratch.for_weights(0));
            assert_close(&actual, &active(&y, &bias), 1e-5 * largest(&y));
        }
        assert_writes(
            |dx, write| layer.backward_input(n, &weights, &dy, dx, write, &mut Scratch::default()),
            &dx,
            3e-5,
        );
        let mut own = gradients(kernel.len(), bias.len());
        layer.backward_weights(n, &x, &dy, &mut own, &mut scratch);
        assert_close(own.kernel.values(), &dw, 3e-5);
        assert_close(own.bias.values(), &sums(&dy, bias.len()), 3e-5);

        let Conv3d { input, output, kernel: size, stride, dilation, padding } = layer;
        let transpose = Conv3dTranspose { input: output, output: input, kernel: size, stride, dilation, padding };
        let weights = affine(&kernel, &other_bias);
        let mut actual = vec![f32::NAN; x.len()];
        transpose.forward(n, &dy, &weights, Activation::Tanh, &mut actual, scratch.for_weights(1));
        assert_close(&actual, &active(&dx, &other_bias), 1e-5 * largest(&dx));
        assert_writes(
            |place, write| transpose.backward_input(n, &weights, &x, place, write, &mut Scratch::default()),
            &y,
            3e-5,
        );
        let mut own = gradients(kernel.len(), other_bias.len());
        transpose.backward_weights(n, &dy, &x, &mut own, &mut scratch);
        assert_close(own.kernel.values(), &dw, 3e-5);
        assert_close(own.bias.values(), &sums(&x, other_bias.len()), 3e-5);
    }
}

#[test]
fn bits_are_the_same_on_any_number_of_threads() {
    let layer = Conv3d {
        input: [9, 20, 20, 32],
        output: [9, 20, 20, 48],
        kernel: [3; 3],
        stride: [1; 3],
        dilation: [1; 3],
        padding: [1; 3],
    };
    let mut rng = rng(81);
    let (x, dy) = (uniform(&mut rng, 2 * len(&layer.input)), uniform(&mut rng, 2 * len(&layer.output)));
    let weights = affine(&uniform(&mut rng, 27 * 32 * 48), &uniform(&mut rng, 48));
    assert_same_bits(|| {
        let mut scratch = Scratch::default();
        let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
        let mut own = gradients(27 * 32 * 48, 48);
        layer.forward(2, &x, &weights, Activation::Relu, &mut y, &mut scratch);
        layer.backward_input(2, &weights, &dy, &mut dx, Write::Set, &mut scratch);
        layer.backward_weights(2, &x, &dy, &mut own, &mut scratch);
        vec![y, dx, own.kernel.values().to_vec(), own.bias.values().to_vec()]
    });
}
