//! Products with a kernel, and of two tensors.

use net_runtime::activations::relu;
use net_runtime::layers::{Dense, Distance, DistanceMetric, Dot, EinsumDense};
use net_runtime::weights::{Affine, Linear};
use net_runtime::{Gradient, Param, Scratch, Write};

use crate::{HALF, ROOT, refused, weights};

fn dense(name: &str, layer: Dense, n: usize, kernel: [usize; 2], [inputs, outputs]: [usize; 2]) {
    let (weights, mut scratch) = (weights(&kernel), Scratch::default());
    let (x, dy) = (vec![1.0; inputs], vec![1.0; outputs]);
    let mut gradients = Affine::<Gradient>::zeros(&kernel);
    refused(name, || layer.forward(n, &x, &weights, relu(), &mut dy.clone(), &mut scratch));
    refused(name, || layer.backward_weights(n, &x, &dy, &mut gradients, &mut scratch));
    refused(name, || layer.backward_input(n, &weights, &dy, &mut x.clone(), Write::Set, &mut scratch));
}

#[test]
fn dense_layers() {
    dense("inputs", Dense { rows: 1, inputs: HALF, outputs: 16 }, 2, [1, 16], [2, 32]);
    dense("outputs", Dense { rows: 1, inputs: 16, outputs: HALF }, 2, [16, 1], [32, 2]);
    dense("rows", Dense { rows: HALF, inputs: 16, outputs: 16 }, 2, [16, 16], [32, 32]);
    // 5 · 16 · n wraps to 80 · 17.
    let n = (1 << (usize::BITS - 3)) + 17;
    dense("samples", Dense { rows: 5, inputs: 16, outputs: 16 }, n, [16, 16], [80 * 17, 80 * 17]);
    dense("nothing", Dense { rows: 1, inputs: ROOT, outputs: ROOT }, 0, [1, 1], [0, 0]);
    dense("weights", Dense { rows: 1, inputs: 16, outputs: 32 }, 1, [16, 16], [16, 32]);
}

#[test]
fn products_with_a_kernel() {
    let layer = EinsumDense {
        input: &[2, 4],
        input_axes: &[0, 1],
        kernel: &[4, 3],
        kernel_axes: &[0, 1],
        contracted: 1,
        result: &[2, 3],
        output_axes: &[0, 1],
        bias: &[],
    };
    let (weights, mut gradients) = (Linear { kernel: Param::zeros(&[4, 3]) }, Linear::<Gradient>::zeros(&[4, 3]));
    let (x, y, mut scratch) = (vec![1.0; 16], vec![1.0; 12], Scratch::default());
    for layer in [
        EinsumDense { input: &[HALF, 4], ..layer },
        EinsumDense { kernel: &[HALF, 3], ..layer },
        EinsumDense { kernel: &[4, HALF], ..layer },
        EinsumDense { result: &[HALF, 3], ..layer },
        EinsumDense { result: &[2, HALF], ..layer },
        EinsumDense { result: &[3, 2], ..layer },
        EinsumDense { input: &[HALF, HALF], result: &[HALF, 3], ..layer },
    ] {
        let what = format!("{layer:?}");
        refused(&what, || layer.forward(2, &x, &weights, &mut y.clone(), &mut scratch));
        refused(&what, || layer.backward_weights(2, &x, &y, &mut gradients, &mut scratch));
        refused(&what, || layer.backward_input(2, &weights, &y, &mut x.clone(), Write::Set, &mut scratch));
    }
}

#[test]
fn products_of_two_tensors() {
    let dot = Dot { products: 1, len: 4, first: [2, 1], second: [1, 2], normalize: false };
    let (x, mut scratch) = (vec![1.0; 16], Scratch::default());
    for layer in [
        Dot { products: HALF, ..dot },
        Dot { len: HALF, ..dot },
        Dot { first: [HALF, 1], ..dot },
        Dot { first: [ROOT, ROOT], ..dot },
        Dot { second: [HALF, 2], ..dot },
    ] {
        for layer in [layer, Dot { normalize: true, ..layer }] {
            let (operands, mut y): ([&[f32]; 2], _) = ([&x, &x], vec![1.0; 8]);
            let what = format!("{layer:?}");
            refused(&what, || layer.forward(2, &operands, &mut y, &mut scratch));
            for index in 0..2 {
                let mut dx = x.clone();
                refused(&what, || {
                    layer.backward_input(2, index, &operands, &y, &mut dx, Write::Set, &mut scratch);
                });
            }
        }
    }
    for (rows, len) in [(HALF, 8), (8, HALF), (ROOT, ROOT)] {
        for metric in [DistanceMetric::Euclidean, DistanceMetric::Cosine] {
            let layer = Distance { rows, len, metric };
            let (operands, mut y): ([&[f32]; 2], _) = ([&x, &x], vec![1.0; 2]);
            refused("distance", || layer.forward(2, &operands, &mut y));
            refused("distance", || layer.backward_input(2, 1, &operands, &y, &mut x.clone(), Write::Set));
        }
    }
}
