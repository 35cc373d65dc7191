//! Gradients that are written over what a ReLU has made: the one before the ReLU, to the bit that of two passes.

use net_runtime::activations::{relu, sigmoid};
use net_runtime::layers::{
    Concat, Crop2d, Dense, Dropout, GlobalAvgPool2d, MaxPool2d, Rescaling, Reverse, SpaceToDepth, SpatialDropout, Sum,
    UpSampling2d, ZeroPad2d,
};
use net_runtime::weights::Linear;
use net_runtime::{Param, RandomKey, Scratch, Store};

use crate::reference::*;

/// Compares `backward(dy, dx, store)`, for tensors of these lengths.
fn check(input: usize, output: usize, backward: impl Fn(&[f32], &mut [f32], Store)) {
    let mut rng = rng(60);
    let (mut x, dy) = (uniform(&mut rng, input), uniform(&mut rng, output));
    relu().apply(&mut x);
    x[input / 2] = f32::NAN;
    let mut dx = vec![f32::NAN; input];
    backward(&dy, &mut dx, Store::Set);
    relu().backward_in_place(&x, &mut dx);
    assert!(dx.iter().any(|&dx| dx != 0.0) && dx.contains(&0.0));
    backward(&dy, &mut x, Store::Mask);
    assert!(x.iter().zip(&dx).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn dense_masks() {
    for (n, inputs, outputs) in [(1, 70, 33), (5, 100, 64), (300, 130, 20)] {
        let layer = Dense { rows: 1, inputs, outputs };
        let mut kernel = Param::zeros(&[inputs, outputs]);
        kernel.values_mut().copy_from_slice(&uniform(&mut rng(61), inputs * outputs));
        let weights = Linear { kernel };
        check(n * inputs, n * outputs, |dy, dx, store| {
            layer.backward_input(n, &weights, dy, dx, store, &mut Scratch::default());
        });
    }
}

#[test]
fn what_moves_values_masks() {
    let border = ZeroPad2d { input: [3, 4, 5], padding: [[1, 2], [0, 3]] };
    check(2 * 60, 2 * 6 * 7 * 5, |dy, dx, store| border.backward_input(2, dy, dx, store));
    let crop = Crop2d { input: [4, 5, 6], cropping: [[1, 0], [2, 1]] };
    check(2 * 120, 2 * 3 * 2 * 6, |dy, dx, store| crop.backward_input(2, dy, dx, store));
    let reverse = Reverse { outer: 3, len: 4, inner: 5 };
    check(120, 120, |dy, dx, store| reverse.backward_input(2, dy, dx, store));
    let larger = UpSampling2d { input: [3, 4, 5], size: [2, 3] };
    check(120, 720, |dy, dx, store| larger.backward_input(2, dy, dx, store));
    let blocks = SpaceToDepth { input: [4, 6, 5], block: 2 };
    check(240, 240, |dy, dx, store| blocks.backward_input(2, dy, dx, store));
    let concat = Concat { outer: 4, runs: &[30, 5, 20] };
    for k in 0..3 {
        check(2 * 4 * concat.runs[k], 2 * 4 * 55, |dy, dx, store| concat.backward_input(2, k, dy, dx, store));
    }
}

#[test]
fn what_works_element_by_element_masks() {
    let y = vec![0.25; 90];
    check(90, 90, |dy, dx, store| sigmoid().backward_input(&y, dy, dx, store));
    let dropout = Dropout { len: 45, rate: 0.3, layer: 1 };
    check(90, 90, |dy, dx, store| dropout.backward_input(2, dy, dx, store, RandomKey { seed: 1, step: 2 }));
    let rescaling = Rescaling { len: 45, scale: &[2.0, 0.5, -1.0], offset: &[0.0] };
    check(90, 90, |dy, dx, store| rescaling.backward_input(2, dy, dx, store));
    let channels = SpatialDropout { places: 9, channels: 5, rate: 0.3, layer: 1 };
    check(90, 90, |dy, dx, store| channels.backward_input(2, dy, dx, store, RandomKey { seed: 1, step: 2 }));
    let sum = Sum { outer: 5, len: 9, inner: 1 };
    check(90, 10, |dy, dx, store| sum.backward_input(2, dy, dx, store));
    let mean = GlobalAvgPool2d { input: [3, 5, 6] };
    check(2 * 90, 2 * 6, |dy, dx, store| mean.backward_input(2, dy, dx, store));
}

#[test]
#[should_panic(expected = "windows that overlap")]
fn windows_that_overlap_have_no_gradient_in_place() {
    let pool = MaxPool2d { input: [4, 4, 1], output: [3, 3, 1], size: [2, 2], stride: [1, 1], padding: [0, 0] };
    pool.backward_in_place(1, &[0.0; 9], &mut [0.0; 16], Store::Set);
}
