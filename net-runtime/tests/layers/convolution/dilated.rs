//! Convolutions whose taps lie apart: by every algorithm they are those of the definition.

use net_runtime::activations::Activation;
use net_runtime::layers::Conv2d;
use net_runtime::machine::Algorithm;
use net_runtime::weights::Affine;
use net_runtime::{Gradient, Param, Scratch, Store};

use crate::reference::*;

#[test]
fn taps_that_lie_apart_are_those_of_the_definition() {
    let mut rng = rng(91);
    let plain = |input: [usize; 3], filters: usize, kernel: [usize; 2], dilation: [usize; 2], padding: [usize; 2]| {
        let output = |axis: usize| input[axis] + 2 * padding[axis] - (kernel[axis] - 1) * dilation[axis];
        let output = [output(0), output(1), filters];
        Conv2d { input, output, kernel, stride: [1, 1], dilation, padding }
    };
    let layers = [
        plain([13, 18, 32], 16, [3, 3], [2, 2], [2, 2]),
        plain([13, 18, 16], 32, [3, 3], [3, 1], [3, 1]),
        plain([17, 15, 16], 16, [3, 3], [1, 4], [0, 5]),
        plain([22, 21, 16], 48, [3, 3], [4, 3], [1, 0]),
        plain([19, 16, 32], 16, [5, 5], [2, 2], [4, 3]),
        plain([31, 33, 20], 9, [3, 3], [2, 2], [2, 2]),
        // Fewer pixels than taps are apart.
        plain([5, 6, 16], 16, [3, 3], [4, 7], [4, 7]),
    ];
    for (layer, n) in layers.into_iter().flat_map(|layer| [(layer, 1), (layer, 3)]) {
        let [input, output] = [layer.input, layer.output].map(|size| n * size.iter().product::<usize>());
        let (x, dy) = (uniform(&mut rng, input), uniform(&mut rng, output));
        let dims = [layer.kernel[0], layer.kernel[1], layer.input[2], layer.output[2]];
        let kernel = uniform(&mut rng, dims.iter().product());
        let mut weights = Affine { kernel: Param::zeros(&dims), bias: Param::zeros(&[dims[3]]) };
        weights.kernel.values_mut().copy_from_slice(&kernel);
        let expected = conv2d(&layer, n, &wide(&x), &wide(&kernel));
        let (mut dx, mut dw, mut sums) = (vec![0.0; x.len()], vec![0.0; kernel.len()], vec![0.0; dims[3]]);
        conv2d_products(&layer, n, |i, k, o| {
            dx[i] += f64::from(kernel[k]) * f64::from(dy[o]);
            dw[k] += f64::from(x[i]) * f64::from(dy[o]);
        });
        dy.iter().enumerate().for_each(|(index, dy)| sums[index % dims[3]] += f64::from(*dy));
        for algorithm in Algorithm::ALL.into_iter().map(Some).chain([None]) {
            let scratch = || algorithm.map_or_else(Scratch::default, |it| Scratch::default().forcing(it));
            let mut y = vec![f32::NAN; output];
            layer.forward(n, &x, &weights, Activation::Linear, &mut y, scratch().for_weights(0));
            assert_close(&y, &expected, 2e-5);
            let mut gradients = Affine::<Gradient>::zeros(&dims);
            for _ in 0..2 {
                layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch());
            }
            let twice = |values: &[f64]| values.iter().map(|value| 2.0 * value).collect::<Vec<_>>();
            assert_close(gradients.kernel.values(), &twice(&dw), 2e-5);
            assert_close(gradients.bias.values(), &twice(&sums), 2e-5);
            for store in [Store::Set, Store::Add, Store::Mask] {
                let mut found = if store == Store::Set { vec![f32::NAN; input] } else { x.clone() };
                layer.backward_input(n, &weights, &dy, &mut found, store, scratch().for_weights(0));
                let expected = dx.iter().zip(&x).map(|(&dx, &x)| match store {
                    Store::Set => dx,
                    Store::Add => dx + f64::from(x),
                    Store::Mask => dx * f64::from(u8::from(x > 0.0)),
                });
                assert_close(&found, &expected.collect::<Vec<_>>(), 2e-5);
            }
        }
    }
}
