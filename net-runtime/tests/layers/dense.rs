//! Dense layers: one row a sample and several, small and large enough for every way of dividing the work.

use net_runtime::activations::Activation;
use net_runtime::layers::Dense;
use net_runtime::weights::{Affine, Linear};
use net_runtime::{Gradient, Param, Scratch, Write};

use crate::reference::*;

const CASES: [(usize, Dense); 7] = [
    (0, Dense { rows: 1, inputs: 3, outputs: 2 }),
    (1, Dense { rows: 1, inputs: 1, outputs: 1 }),
    (3, Dense { rows: 4, inputs: 5, outputs: 7 }),
    (17, Dense { rows: 1, inputs: 33, outputs: 65 }),
    // Cut along the inputs.
    (9, Dense { rows: 1, inputs: 9000, outputs: 40 }),
    // Cut into tiles of rows and columns.
    (40, Dense { rows: 5, inputs: 130, outputs: 190 }),
    (1, Dense { rows: 1, inputs: 1500, outputs: 2100 }),
];

fn weights(layer: &Dense, kernel: &[f32], bias: &[f32]) -> Affine {
    let [mut weights, mut biases] =
        [vec![layer.inputs, layer.outputs], vec![layer.outputs]].map(|dims| Param::zeros(&dims));
    weights.values_mut().copy_from_slice(kernel);
    biases.values_mut().copy_from_slice(bias);
    Affine { kernel: weights, bias: biases }
}

#[test]
fn every_direction_is_exact_on_small_integers() {
    let mut rng = rng(1);
    for (n, layer) in CASES {
        let Dense { rows, inputs, outputs } = layer;
        let (x, dy) = (integers(&mut rng, n * rows * inputs), integers(&mut rng, n * rows * outputs));
        let (kernel, bias) = (integers(&mut rng, inputs * outputs), integers(&mut rng, outputs));
        let weights = weights(&layer, &kernel, &bias);
        let mut scratch = Scratch::default();

        let product = dense(&layer, n, &wide(&x), &wide(&kernel));
        let mut expected = product.clone();
        add_bias(&mut expected, &bias);
        expected.iter_mut().for_each(|y| *y = y.max(0.0));
        let mut y = vec![f32::NAN; dy.len()];
        layer.forward(n, &x, &weights, Activation::Relu, &mut y, &mut scratch);
        assert_exact(&y, &expected);
        let linear = Linear { kernel: weights.kernel.clone() };
        layer.forward(n, &x, &linear, Activation::Linear, &mut y, &mut scratch);
        assert_exact(&y, &product);

        let (mut dx, mut kernels, mut biases) = (vec![0.0; x.len()], vec![0.0; kernel.len()], vec![0.0; outputs]);
        for (row, i, o) in triples(n * rows, inputs, outputs) {
            let dy = f64::from(dy[row * outputs + o]);
            dx[row * inputs + i] += f64::from(kernel[i * outputs + o]) * dy;
            kernels[i * outputs + o] += f64::from(x[row * inputs + i]) * dy;
        }
        dy.iter().enumerate().for_each(|(i, &dy)| biases[i % outputs] += f64::from(dy));
        let mut scratch = std::cell::RefCell::new(scratch);
        assert_writes(
            |dx, write| layer.backward_input(n, &weights, &dy, dx, write, &mut scratch.borrow_mut()),
            &dx,
            1e-7,
        );
        let mut gradients = Affine::<Gradient>::zeros(&[inputs, outputs]);
        gradients.kernel.values_mut().fill(f32::NAN);
        gradients.bias.values_mut().fill(f32::NAN);
        gradients.kernel.begin();
        gradients.bias.begin();
        for times in [1.0, 2.0] {
            layer.backward_weights(n, &x, &dy, &mut gradients, scratch.get_mut());
            assert_exact(gradients.kernel.values(), &kernels.iter().map(|w| w * times).collect::<Vec<_>>());
            assert_exact(gradients.bias.values(), &biases.iter().map(|b| b * times).collect::<Vec<_>>());
        }
    }
}

#[test]
fn gradients_are_the_finite_differences() {
    let mut rng = rng(2);
    let layer = Dense { rows: 2, inputs: 5, outputs: 3 };
    let n = 3;
    let (x, dy) = (uniform(&mut rng, n * 10), uniform(&mut rng, n * 6));
    let kernel = uniform(&mut rng, 15);
    let weights = weights(&layer, &kernel, &[0.0; 3]);
    let mut scratch = Scratch::default();
    let mut dx = vec![f32::NAN; x.len()];
    layer.backward_input(n, &weights, &dy, &mut dx, Write::Set, &mut scratch);
    assert_close(&dx, &slope(|x| dense(&layer, n, x, &wide(&kernel)), &x, &dy), 1e-5);
    let mut gradients = Affine::<Gradient>::zeros(&[5, 3]);
    layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch);
    assert_close(gradients.kernel.values(), &slope(|w| dense(&layer, n, &wide(&x), w), &kernel, &dy), 1e-5);
}

#[test]
#[should_panic(expected = "`x` does not hold 2 samples of [1, 3] elements")]
fn lengths_are_checked() {
    let layer = Dense { rows: 1, inputs: 3, outputs: 1 };
    let weights = weights(&layer, &[0.0; 3], &[0.0]);
    layer.forward(2, &[0.0; 5], &weights, Activation::Linear, &mut [0.0; 2], &mut Scratch::default());
}
