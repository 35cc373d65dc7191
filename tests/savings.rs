//! What the plan saves must not change what is computed: each network here is declared twice, and in its twin all that is
//! in between is an output too, so that everything is computed whole and keeps a place of its own.

use net_runtime::prelude::*;
use net_runtime::{Arithmetic, RandomKey};
use tests_common::{batch, gradient_values, numbers};

network! {
    /// Convolutions of whose results pools read a part; windows apart and windows that overlap.
    network Pools(image: [15, 21, 16]) -> (y: [3]) {
        let a = image -> Conv2d(16, 3) -> relu;
        let b = a -> MaxPool2d(2);
        let c = b -> Conv2d(16, 3, padding = same) -> relu;
        let d = c -> MaxPool2d(2, stride = 1);
        let e = d -> Conv2d(8, 2) -> tanh;
        let f = e -> AvgPool2d(2);
        let g = f -> Flatten -> Dense(8) -> relu;
        let y = g -> Dense(3);
    }
    network PoolsTwin(image: [15, 21, 16]) -> (y: [3], a: [13, 19, 16], b: [6, 9, 16], c: [6, 9, 16], d: [5, 8, 16], e: [4, 7, 8], f: [2, 3, 8], g: [8]) {
        let a = image -> Conv2d(16, 3) -> relu;
        let b = a -> MaxPool2d(2);
        let c = b -> Conv2d(16, 3, padding = same) -> relu;
        let d = c -> MaxPool2d(2, stride = 1);
        let e = d -> Conv2d(8, 2) -> tanh;
        let f = e -> AvgPool2d(2);
        let g = f -> Flatten -> Dense(8) -> relu;
        let y = g -> Dense(3);
    }

    /// A pool of what a convolution has made, under another shape: its pairs are not those of the convolution's image.
    network Turned(image: [5, 6, 3]) -> (y: [3]) {
        let a = image -> Conv2d(4, 2) -> relu;
        let b = a -> Reshape(10, 4, 2) -> MaxPool2d(2);
        let y = b -> Flatten -> Dense(3);
    }
    network TurnedTwin(image: [5, 6, 3]) -> (y: [3], a: [4, 5, 4], b: [5, 2, 2]) {
        let a = image -> Conv2d(4, 2) -> relu;
        let b = a -> Reshape(10, 4, 2) -> MaxPool2d(2);
        let y = b -> Flatten -> Dense(3);
    }

    /// One layer behind the other, of every kind that can write a gradient over what it has read.
    network Chain(image: [8, 10, 16]) -> (y: [3]) {
        let a = image -> Conv2d(16, 3, padding = same) -> relu;
        let b = a -> Conv2d(32, 3, stride = 2, padding = same) -> relu;
        let c = b -> Conv2d(16, 1) -> tanh;
        let d = c -> Conv2d(16, 3, padding = same) -> relu;
        let e = d -> Conv2d(16, 3, padding = same) -> relu;
        let f = e -> Conv2d(4, 9, dilation = 2, padding = same) -> relu;
        let g = f -> Conv2d(4, (2, 3), padding = same);
        let h = g -> Flatten -> Dense(20) -> relu;
        let i = h -> Dropout(0.4);
        let k = i -> Dense(70) -> relu;
        let y = k -> Dense(3);
    }
    network ChainTwin(image: [8, 10, 16]) -> (y: [3], a: [8, 10, 16], b: [4, 5, 32], c: [4, 5, 16], d: [4, 5, 16], e: [4, 5, 16], f: [4, 5, 4], g: [4, 5, 4],
                                                  h: [20], i: [20], k: [70]) {
        let a = image -> Conv2d(16, 3, padding = same) -> relu;
        let b = a -> Conv2d(32, 3, stride = 2, padding = same) -> relu;
        let c = b -> Conv2d(16, 1) -> tanh;
        let d = c -> Conv2d(16, 3, padding = same) -> relu;
        let e = d -> Conv2d(16, 3, padding = same) -> relu;
        let f = e -> Conv2d(4, 9, dilation = 2, padding = same) -> relu;
        let g = f -> Conv2d(4, (2, 3), padding = same);
        let h = g -> Flatten -> Dense(20) -> relu;
        let i = h -> Dropout(0.4);
        let k = i -> Dense(70) -> relu;
        let y = k -> Dense(3);
    }

    /// Tensors with several readers beside such with one, and functions by themselves.
    network Branches(image: [6, 7, 3]) -> (y: [3]) {
        let a = image -> Conv2d(16, 3, padding = same) -> relu;
        let b = a -> Conv2d(16, 3, padding = same) -> relu;
        let c = (a, b) -> Add;
        let d = c -> relu;
        let e = d -> MaxPool2d((2, 1), stride = (2, 3));
        let f = e -> ZeroPad2d(1);
        let g = f -> Conv2d(8, 2) -> relu;
        let h = g -> GlobalAvgPool2d;
        let i = e -> Conv2d(8, 2);
        let j = i -> gelu;
        let k = j -> Conv2d(8, 1) -> relu;
        let l = k -> AvgPool2d(2);
        let m = l -> Flatten -> Dense(8) -> relu;
        let o = (h, m, m) -> Concat;
        let y = o -> Dense(3);
    }
    network BranchesTwin(image: [6, 7, 3]) -> (y: [3], a: [6, 7, 16], b: [6, 7, 16], c: [6, 7, 16], d: [6, 7, 16], e: [3, 3, 16],
                                                   f: [5, 5, 16], g: [4, 4, 8], h: [8], i: [2, 2, 8], j: [2, 2, 8], k: [2, 2, 8], l: [1, 1, 8], m: [8], o: [24]) {
        let a = image -> Conv2d(16, 3, padding = same) -> relu;
        let b = a -> Conv2d(16, 3, padding = same) -> relu;
        let c = (a, b) -> Add;
        let d = c -> relu;
        let e = d -> MaxPool2d((2, 1), stride = (2, 3));
        let f = e -> ZeroPad2d(1);
        let g = f -> Conv2d(8, 2) -> relu;
        let h = g -> GlobalAvgPool2d;
        let i = e -> Conv2d(8, 2);
        let j = i -> gelu;
        let k = j -> Conv2d(8, 1) -> relu;
        let l = k -> AvgPool2d(2);
        let m = l -> Flatten -> Dense(8) -> relu;
        let o = (h, m, m) -> Concat;
        let y = o -> Dense(3);
    }

    /// Concatenations along every axis: all by functions that leave zeros, none, or some.
    network Eyes(image: [8, 12, 3]) -> (y: [3]) {
        layer eye = Conv2d(16, 3, padding = same) -> relu -> Conv2d(64, 3, padding = same) -> relu;
        let s = image -> AvgPool2d(3, stride = 1, padding = same);
        let a = image -> eye;
        let b = s -> eye;
        let c = (a, b) -> Concat(axis = width);
        let d = c -> Conv2d(16, 3, stride = (1, 2), padding = same) -> relu;
        let e = image -> Conv2d(64, 3, padding = same) -> relu;
        let f = (d, e) -> Concat;
        let g = f -> Conv2d(16, 3, padding = same);
        let h = image -> Conv2d(16, 1);
        let i = (g, h) -> Concat(axis = height);
        let j = i -> Conv2d(8, 3, stride = 3) -> relu;
        let k = image -> Conv2d(8, (4, 9));
        let l = (j, k) -> Concat;
        let m = l -> Conv2d(8, (2, 1)) -> relu;
        let o = k -> MaxPool2d(2) -> ZeroPad2d(1);
        let p = (m, o) -> Concat(axis = 0);
        let y = p -> Flatten -> Dense(3);
    }
    network EyesTwin(image: [8, 12, 3]) -> (y: [3], a: [8, 12, 64], b: [8, 12, 64], c: [8, 24, 64], d: [8, 12, 16], e: [8, 12, 64],
                                                  f: [8, 12, 80], g: [8, 12, 16], h: [8, 12, 16], i: [16, 12, 16], j: [5, 4, 8], k: [5, 4, 8], l: [5, 4, 16], m: [4, 4, 8],
                                                  o: [4, 4, 8], p: [8, 4, 8]) {
        layer eye = Conv2d(16, 3, padding = same) -> relu -> Conv2d(64, 3, padding = same) -> relu;
        let s = image -> AvgPool2d(3, stride = 1, padding = same);
        let a = image -> eye;
        let b = s -> eye;
        let c = (a, b) -> Concat(axis = width);
        let d = c -> Conv2d(16, 3, stride = (1, 2), padding = same) -> relu;
        let e = image -> Conv2d(64, 3, padding = same) -> relu;
        let f = (d, e) -> Concat;
        let g = f -> Conv2d(16, 3, padding = same);
        let h = image -> Conv2d(16, 1);
        let i = (g, h) -> Concat(axis = height);
        let j = i -> Conv2d(8, 3, stride = 3) -> relu;
        let k = image -> Conv2d(8, (4, 9));
        let l = (j, k) -> Concat;
        let m = l -> Conv2d(8, (2, 1)) -> relu;
        let o = k -> MaxPool2d(2) -> ZeroPad2d(1);
        let p = (m, o) -> Concat(axis = 0);
        let y = p -> Flatten -> Dense(3);
    }

    /// What a convolution computes in inference for the steps behind it: sums in the place of the other operand, by every algorithm, with
    /// and without a function behind them, behind and before a function that needs its operand in training; many filters of few pixels.
    network Sums(image: [9, 10, 16]) -> (y: [3]) {
        let a = image -> Conv2d(32, 3, padding = same) -> silu;
        let b = a -> Conv2d(16, 1) -> hard_silu -> Conv2d(32, 3, padding = same);
        let c = (a, b) -> Add -> relu;
        let d = c -> Conv2d(32, (1, 5), padding = same);
        let e = (d, c) -> Add -> gelu;
        let f = e -> Conv2d(32, 3, stride = 2, padding = same);
        let g = e -> Conv2d(32, 1, stride = 2);
        let h = (f, g) -> Add -> clip(-0.5, 2);
        let i = h -> Conv2d(16, 3, groups = 2, padding = same) -> mish -> Conv2d(32, 2, padding = same, bias = false);
        let j = (h, i) -> Add;
        let k = j -> MaxPool2d(2) -> Conv2d(270, 1);
        let l = k -> tanh -> Conv2d(270, 1);
        let m = (l, k) -> Add -> hard_sigmoid;
        let y = m -> Flatten -> Dense(70) -> silu -> Dense(3);
    }
    network SumsTwin(image: [9, 10, 16]) -> (y: [3], before_a: [9, 10, 32], a: [9, 10, 32], before_b: [9, 10, 16], b: [9, 10, 32], before_c: [9, 10, 32], c: [9, 10, 32],
                                                  d: [9, 10, 32], before_e: [9, 10, 32], e: [9, 10, 32], f: [5, 5, 32], g: [5, 5, 32], before_h: [5, 5, 32], h: [5, 5, 32],
                                                  before_i: [5, 5, 16], i: [5, 5, 32], j: [5, 5, 32], k: [2, 2, 270], l: [2, 2, 270], before_m: [2, 2, 270], before_y: [70]) {
        let before_a = image -> Conv2d(32, 3, padding = same);
        let a = before_a -> silu;
        let before_b = a -> Conv2d(16, 1);
        let b = before_b -> hard_silu -> Conv2d(32, 3, padding = same);
        let before_c = (a, b) -> Add;
        let c = before_c -> relu;
        let d = c -> Conv2d(32, (1, 5), padding = same);
        let before_e = (d, c) -> Add;
        let e = before_e -> gelu;
        let f = e -> Conv2d(32, 3, stride = 2, padding = same);
        let g = e -> Conv2d(32, 1, stride = 2);
        let before_h = (f, g) -> Add;
        let h = before_h -> clip(-0.5, 2);
        let before_i = h -> Conv2d(16, 3, groups = 2, padding = same);
        let i = before_i -> mish -> Conv2d(32, 2, padding = same, bias = false);
        let j = (h, i) -> Add;
        let k = j -> MaxPool2d(2) -> Conv2d(270, 1);
        let l = k -> tanh -> Conv2d(270, 1);
        let before_m = (l, k) -> Add;
        let m = before_m -> hard_sigmoid;
        let before_y = m -> Flatten -> Dense(70);
        let y = before_y -> silu -> Dense(3);
    }

    /// Activations behind normalizations, of straight lines and not: the backward pass computes again what went into them.
    network Normal(image: [6, 7, 8]) -> (y: [3]) {
        let a = image -> Conv2d(24, 3, padding = same, bias = false) -> BatchNorm -> relu;
        let b = a -> DepthwiseConv2d(3, padding = same) -> BatchNorm -> relu6;
        let c = b -> Conv2d(24, 1) -> BatchNorm;
        let d = (a, c) -> Add;
        let e = d -> Conv2d(72, 1) -> BatchNorm -> silu;
        let f = e -> Conv2d(8, 3) -> BatchNorm(center = false) -> leaky_relu -> Conv2d(5, 3) -> BatchNorm(scale = false) -> tanh;
        let g = f -> Flatten -> Dense(20) -> BatchNorm -> clip(-1, 0.5);
        let y = g -> Dense(3);
    }
    network NormalTwin(image: [6, 7, 8]) -> (y: [3], before_a: [6, 7, 24], a: [6, 7, 24], before_b: [6, 7, 24], b: [6, 7, 24], c: [6, 7, 24], d: [6, 7, 24],
                                                    before_e: [6, 7, 72], e: [6, 7, 72], before_f: [4, 5, 8], after_f: [2, 3, 5], before_g: [20], g: [20]) {
        let before_a = image -> Conv2d(24, 3, padding = same, bias = false) -> BatchNorm;
        let a = before_a -> relu;
        let before_b = a -> DepthwiseConv2d(3, padding = same) -> BatchNorm;
        let b = before_b -> relu6;
        let c = b -> Conv2d(24, 1) -> BatchNorm;
        let d = (a, c) -> Add;
        let before_e = d -> Conv2d(72, 1) -> BatchNorm;
        let e = before_e -> silu;
        let before_f = e -> Conv2d(8, 3) -> BatchNorm(center = false);
        let after_f = before_f -> leaky_relu -> Conv2d(5, 3) -> BatchNorm(scale = false);
        let before_g = after_f -> tanh -> Flatten -> Dense(20) -> BatchNorm;
        let g = before_g -> clip(-1, 0.5);
        let y = g -> Dense(3);
    }
}

/// What a network computes from the same samples in all kinds of passes.
#[derive(Debug, PartialEq)]
struct Results {
    inferred: Vec<f32>,
    trained: Vec<f32>,
    by_weights: Vec<f32>,
    by_image: Vec<f32>,
}

/// Runs a network in all kinds of passes.
macro_rules! run {
    ($net:ident, $memory:ident, $gradients:ident, $upstream:ident, $samples:expr, $arithmetic:expr) => {{
        let (mut net, image) = ($net::new(5), batch($samples, 1));
        // The same weights, whatever they are called, and biases that are not zero.
        let mut number = 0;
        net.visit_mut(&mut |name, param| {
            let is_variance = name.to_string().ends_with("variance");
            number += 1;
            let scale = 1.5 / (param.values().len() as f32 / param.dims().last().copied().unwrap_or(1) as f32).sqrt();
            let values = numbers(param.values().len(), number);
            param.values_mut().iter_mut().zip(values).for_each(|(place, value)| {
                *place = if is_variance { value + 1.5 } else { value * scale };
            });
        });
        let mut memory = $memory::new(1);
        Workspace::set_arithmetic(&mut memory, $arithmetic);
        let forward = |mode: Mode, memory: &mut $memory| {
            // The same draws of dropout in every pass.
            Workspace::set_random(memory, RandomKey { seed: 9, step: 4 });
            net.forward(&image, mode, memory).unwrap().y.to_batch()
        };
        let inferred = forward(Mode::Inference, &mut memory);
        let trained = forward(Mode::Training, &mut memory);
        let mut dy = trained.clone();
        dy.data_mut().iter_mut().enumerate().for_each(|(index, dy)| *dy = ((index * 7) % 11) as f32 - 5.0);
        #[allow(clippy::needless_update)]
        let upstream = || $upstream { y: Some(dy.view()), ..Default::default() };
        // What backward must overwrite.
        let mut gradients = $gradients::zeros();
        gradients.visit_mut(&mut |_, gradient| gradient.values_mut().fill(f32::NAN));
        let by_image = net.backward_both(&image, upstream(), &mut memory, &mut gradients).unwrap().image.to_batch();
        let by_weights = gradient_values(&gradients).concat();
        forward(Mode::Training, &mut memory);
        net.backward(&image, upstream(), &mut memory, &mut gradients).unwrap();
        assert_eq!(gradient_values(&gradients).concat(), by_weights, "without the inputs");
        forward(Mode::Training, &mut memory);
        let alone = net.backward_inputs(&image, upstream(), &mut memory).unwrap().image.to_batch();
        assert_eq!(alone, by_image, "without the weights");
        Results {
            inferred: inferred.data().to_vec(),
            trained: trained.data().to_vec(),
            by_weights,
            by_image: by_image.data().to_vec(),
        }
    }};
}

/// Compares a network with its twin.
macro_rules! compare {
    ($([$net:ident, $memory:ident, $gradients:ident, $upstream:ident]),+: $check:expr) => {
        for arithmetic in [Arithmetic::Fast, Arithmetic::Exact] {
            for samples in [1, 3] {
                let [found, expected] = [$(run!($net, $memory, $gradients, $upstream, samples, arithmetic)),+];
                $check(arithmetic, found, expected);
            }
        }
    };
}

/// Largest difference, as a part of the root mean square.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let square: f32 = expected.iter().map(|value| value * value).sum();
    assert!(square > 0.0, "there is nothing to compare");
    let scale = (square / expected.len() as f32).sqrt();
    found.iter().zip(expected).map(|(a, b)| (a - b).abs() / scale).fold(0.0, f32::max)
}

#[test]
fn what_pools_do_not_read_has_no_effect() {
    compare!(
        [Pools, PoolsWorkspace, PoolsGradients, PoolsOutputGradients],
        [PoolsTwin, PoolsTwinWorkspace, PoolsTwinGradients, PoolsTwinOutputGradients]: |arithmetic: Arithmetic, found: Results, expected: Results| {
            let same = |found: &[f32], expected: &[f32]| match arithmetic {
                Arithmetic::Exact => assert_eq!(found, expected),
                // For another number of pixels another algorithm may be the best, and round otherwise.
                Arithmetic::Fast => assert!(difference(found, expected) < 1e-4, "{}", difference(found, expected)),
            };
            same(&found.inferred, &expected.inferred);
            same(&found.trained, &expected.trained);
            // The sums over pixels have fewer terms, in other groups, and those over taps may be in another order for another number of pixels.
            for (found, expected) in [(&found.by_image, &expected.by_image), (&found.by_weights, &expected.by_weights)] {
                let difference = difference(found, expected);
                assert!(difference < if arithmetic == Arithmetic::Exact { 1e-5 } else { 1e-4 }, "{difference}");
            }
        }
    );
}

#[test]
fn gradients_in_the_place_of_activations_are_the_same() {
    let same = |_, found: Results, expected: Results| assert!(found == expected);
    compare!(
        [Chain, ChainWorkspace, ChainGradients, ChainOutputGradients],
        [ChainTwin, ChainTwinWorkspace, ChainTwinGradients, ChainTwinOutputGradients]: same
    );
    compare!(
        [Branches, BranchesWorkspace, BranchesGradients, BranchesOutputGradients],
        [BranchesTwin, BranchesTwinWorkspace, BranchesTwinGradients, BranchesTwinOutputGradients]: same
    );
    compare!(
        [Turned, TurnedWorkspace, TurnedGradients, TurnedOutputGradients],
        [TurnedTwin, TurnedTwinWorkspace, TurnedTwinGradients, TurnedTwinOutputGradients]: same
    );
}

#[test]
fn what_a_convolution_computes_for_the_steps_behind_it_is_the_same() {
    const { assert!(Sums::INFERENCE_BYTES_PER_SAMPLE < SumsTwin::INFERENCE_BYTES_PER_SAMPLE) };
    let same = |_, found: Results, expected: Results| assert!(found == expected);
    compare!(
        [Sums, SumsWorkspace, SumsGradients, SumsOutputGradients],
        [SumsTwin, SumsTwinWorkspace, SumsTwinGradients, SumsTwinOutputGradients]: same
    );
}

#[test]
fn what_went_into_an_activation_is_computed_again_to_the_bit() {
    const { assert!(Normal::TRAINING_BYTES_PER_SAMPLE < NormalTwin::TRAINING_BYTES_PER_SAMPLE) };
    let same = |_, found: Results, expected: Results| assert!(found == expected);
    compare!(
        [Normal, NormalWorkspace, NormalGradients, NormalOutputGradients],
        [NormalTwin, NormalTwinWorkspace, NormalTwinGradients, NormalTwinOutputGradients]: same
    );
}

#[test]
fn what_is_written_where_it_is_joined_is_the_same() {
    let same = |_, found: Results, expected: Results| assert!(found == expected);
    compare!(
        [Eyes, EyesWorkspace, EyesGradients, EyesOutputGradients],
        [EyesTwin, EyesTwinWorkspace, EyesTwinGradients, EyesTwinOutputGradients]: same
    );
}
