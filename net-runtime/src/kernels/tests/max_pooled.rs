//! Convolutions that are pooled while they are computed, against the convolution and the pool one after the other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, on_every_isa, scratch, uniform};
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::conv::choice::Task;
use crate::kernels::conv::conv2d;
use crate::kernels::conv::conv2d_weights;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::max_pooled::{Outputs, SIDE, Upstream};
use crate::kernels::gemm::epilogue::Epilogue;
use crate::memory::algorithm::{Algorithm, Pass};
use crate::memory::mode::Arithmetic;
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Store, Write};

/// A convolution of each kind: for Winograd's algorithms along both axes or one, of few channels, of many, of any other number;
/// outputs even, or odd for the last row and column that no pool reads.
fn geometry(rng: &mut ChaCha8Rng, kind: usize) -> Geometry {
    let axis = |rng: &mut ChaCha8Rng, size: usize, stride: usize| {
        let (output, padding) = (rng.random_range(1..=15), rng.random_range(0..size));
        let input = ((output - 1) * stride + size).saturating_sub(2 * padding).max(1);
        Axis { input, output: (input + 2 * padding - size) / stride + 1, size, stride, dilation: 1, padding }
    };
    let (size, strides, channels) = match kind % 4 {
        0 => (3, [1, 1], [16, 64]),
        1 => (3, [1, 2], [32, 16]),
        2 if kind % 8 == 2 => (3, [1, 1], [3, 16 * rng.random_range(1..=2)]),
        2 => (rng.random_range(1..=4), [1, 1], [rng.random_range(1..=5), [16, rng.random_range(1..=40)][kind / 8 % 2]]),
        _ => (rng.random_range(1..=4), [2, 1], [rng.random_range(12..=20), rng.random_range(1..=40)]),
    };
    loop {
        let (rows, columns) = (axis(rng, size, strides[0]), axis(rng, size, strides[1]));
        if rows.output >= SIDE && columns.output >= SIDE {
            let result = Strides::contiguous([rows.output, columns.output, channels[1]]);
            return Geometry { result, ..Geometry::dense([rows, columns], channels[0], channels[1]) };
        }
    }
}

/// The pool of whole outputs: the largest values, and the pixel of each, in row-major order.
fn pool(geometry: &Geometry, n: usize, whole: &[f32]) -> (Vec<f32>, Vec<u8>) {
    let [height, width, channels] = geometry.size();
    let (mut y, mut choices) = (Vec::new(), Vec::new());
    for (image, row, column, channel) in pooled_places(geometry, n) {
        let at = |pixel: usize| {
            let (row, column) = (row * SIDE + pixel / SIDE, column * SIDE + pixel % SIDE);
            whole[((image * height + row) * width + column) * channels + channel]
        };
        let nan = (0..4).find(|&pixel| at(pixel).is_nan());
        let choice = nan.or_else(|| (0..4).rev().max_by(|&a, &b| at(a).total_cmp(&at(b)))).unwrap();
        y.push(at(choice));
        choices.push(choice as u8);
    }
    (y, choices)
}

/// Image, row, column and channel of every pooled value.
fn pooled_places(geometry: &Geometry, n: usize) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    let [height, width, channels] = geometry.size();
    let (height, width) = (height / SIDE, width / SIDE);
    (0..n * height * width * channels).map(move |index| {
        let (pixel, channel) = (index / channels, index % channels);
        (pixel / width / height, pixel / width % height, pixel % width, channel)
    })
}

#[test]
fn pooled_convolutions_are_convolutions_and_pools() {
    let mut rng = ChaCha8Rng::seed_from_u64(43);
    for kind in 0..32 {
        let (geometry, n) = (geometry(&mut rng, kind), rng.random_range(1..=3));
        let Geometry { rows, columns, inputs, outputs, .. } = geometry;
        let [height, width, _] = geometry.size();
        let mut x = uniform(&mut rng, n * rows.input * columns.input * inputs);
        if kind % 5 == 4 {
            // Equal outputs: the choice is the first of them.
            x.fill(0.5);
        }
        let pooled = n * (height / SIDE) * (width / SIDE) * outputs;
        let dy = uniform(&mut rng, pooled);
        let mut weights = Param::zeros(&[geometry.patch() * outputs]);
        weights.values_mut().copy_from_slice(&uniform(&mut rng, geometry.patch() * outputs));
        let bias = uniform(&mut rng, outputs);
        let activation = if kind % 2 == 0 { Activation::Relu } else { Activation::Linear };
        on_every_isa(|isa, at_end| {
            let given = |values: &[f32]| Memory::new(values, at_end);
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let (x, dy, bias) = (given(&x), given(&dy), given(&bias));
            let forced = Algorithm::ALL.into_iter().filter(|&algorithm| {
                Task { isa, pass: Pass::Forward, n, geometry: &geometry, made: true }.applies(algorithm)
            });
            let forced = forced.map(|algorithm| (Arithmetic::Fast, Some(algorithm)));
            let chosen = [(Arithmetic::Exact, None), (Arithmetic::Fast, None)];
            for (arithmetic, forced) in chosen.into_iter().chain(forced) {
                let scratch = |arithmetic| match forced {
                    Some(algorithm) => scratch(arithmetic).forcing(algorithm),
                    None => scratch(arithmetic),
                };
                let what = (isa, arithmetic, forced, geometry, n);
                let epilogue = Epilogue { bias: Some(&bias), activation };
                let mut whole = vec![0.0; n * geometry.result.image];
                let memory = &mut scratch(arithmetic);
                conv2d::forward(&geometry, n, &x, &weights, epilogue, (&mut *whole).into(), memory);
                let (expected, expected_choices) = pool(&geometry, n, &whole);

                let (mut y, mut choices) = (result(pooled), vec![9; pooled]);
                let to = Outputs::Pooled { y: &mut y, choices: Some(&mut choices) };
                conv2d::forward(&geometry, n, &x, &weights, epilogue, to, &mut scratch(arithmetic));
                assert_eq!(*y, *expected, "{what:?}");
                assert_eq!(choices, expected_choices, "{what:?}");
                let mut y = result(pooled);
                let to = Outputs::Pooled { y: &mut y, choices: None };
                conv2d::forward(&geometry, n, &x, &weights, epilogue, to, &mut scratch(arithmetic));
                assert_eq!(*y, *expected, "without choices, {what:?}");

                let mut spread = vec![0.0; whole.len()];
                for (index, (image, row, column, channel)) in pooled_places(&geometry, n).enumerate() {
                    let choice = usize::from(choices[index]);
                    let (row, column) = (row * SIDE + choice / SIDE, column * SIDE + choice % SIDE);
                    spread[((image * height + row) * width + column) * outputs + channel] = dy[index];
                }
                let upstream = Upstream::Pooled { dy: &dy, choices: &choices };
                let (mut by_pooled, mut by_whole) = (result(weights.values().len()), vec![0.0; weights.values().len()]);
                let memory = &mut scratch(arithmetic);
                conv2d_weights::backward_weights(
                    &geometry,
                    n,
                    &x,
                    upstream,
                    (&mut by_pooled, Write::Set),
                    None,
                    memory,
                );
                let whole = (&*spread).into();
                conv2d_weights::backward_weights(&geometry, n, &x, whole, (&mut by_whole, Write::Set), None, memory);
                let by_whole: Vec<_> = by_whole.into_iter().map(f64::from).collect();
                assert_close(&by_pooled, &by_whole, 1e-6, &("backward_weights", what));

                let (mut by_pooled, mut by_whole) = (result(x.len()), vec![0.0; x.len()]);
                let memory = &mut scratch(arithmetic);
                conv2d::backward_input(&geometry, n, &weights, upstream, &mut by_pooled, Store::Set, memory);
                conv2d::backward_input(&geometry, n, &weights, whole, &mut by_whole, Store::Set, memory);
                assert_eq!(*by_pooled, *by_whole, "backward_input, {what:?}");
            }
        });
    }
}

#[test]
fn groups_of_images_cover_a_batch() {
    // More floats of outputs than one group has, by algorithms that need them all.
    let axis = Axis { input: 66, output: 66, size: 1, stride: 1, dilation: 1, padding: 0 };
    let n = 7;
    let result = Strides::contiguous([66, 66, 40]);
    let geometry = Geometry { result, ..Geometry::dense([axis, axis], 13, 40) };
    let mut rng = ChaCha8Rng::seed_from_u64(44);
    let pooled = n * 33 * 33 * 40;
    let (x, dy) = (uniform(&mut rng, n * 66 * 66 * 13), uniform(&mut rng, pooled));
    let choices: Vec<u8> = (0..pooled).map(|index| (index * 7 % 4) as u8).collect();
    let mut weights = Param::zeros(&[13, 40]);
    weights.values_mut().copy_from_slice(&uniform(&mut rng, 13 * 40));
    let mut whole = vec![0.0; n * result.image];
    for (index, (image, row, column, channel)) in pooled_places(&geometry, n).enumerate() {
        let choice = usize::from(choices[index]);
        whole[result.at(image, row * SIDE + choice / SIDE, column * SIDE + choice % SIDE) + channel] = dy[index];
    }
    let upstream = Upstream::Pooled { dy: &dy, choices: &choices };
    let memory = &mut scratch(Arithmetic::Fast);
    let [mut by_pooled, mut by_whole] = [(); 2].map(|()| vec![0.0; 13 * 40]);
    conv2d_weights::backward_weights(&geometry, n, &x, upstream, (&mut by_pooled, Write::Set), None, memory);
    conv2d_weights::backward_weights(&geometry, n, &x, (&*whole).into(), (&mut by_whole, Write::Set), None, memory);
    let by_whole: Vec<_> = by_whole.into_iter().map(f64::from).collect();
    assert_close(&by_pooled, &by_whole, 1e-5, &"weights");
    let [mut by_pooled, mut by_whole] = [(); 2].map(|()| vec![f32::NAN; x.len()]);
    conv2d::backward_input(&geometry, n, &weights, upstream, &mut by_pooled, Store::Set, memory);
    conv2d::backward_input(&geometry, n, &weights, (&*whole).into(), &mut by_whole, Store::Set, memory);
    assert_eq!(by_pooled, by_whole);
}

#[test]
fn a_nan_goes_on_and_gets_the_gradient() {
    let rows = Axis { input: 4, output: 4, size: 1, stride: 1, dilation: 1, padding: 0 };
    let result = Strides::contiguous([4, 4, 1]);
    let geometry = Geometry { result, ..Geometry::dense([rows, rows], 1, 1) };
    let mut x = [1.0; 16];
    (x[0], x[7], x[9], x[13]) = (f32::NAN, f32::NAN, 7.0, f32::NAN);
    let mut weights = Param::zeros(&[1]);
    weights.values_mut().fill(1.0);
    on_every_isa(|_, _| {
        let (mut y, mut choices) = ([0.0; 4], [9; 4]);
        let to = Outputs::Pooled { y: &mut y, choices: Some(&mut choices) };
        conv2d::forward(&geometry, 1, &x, &weights, Epilogue::NONE, to, &mut scratch(Arithmetic::Fast));
        assert!(y[0].is_nan() && y[1].is_nan() && y[2].is_nan() && y[3] == 1.0, "{y:?}");
        assert_eq!(choices, [0, 3, 3, 0]);
    });
}
