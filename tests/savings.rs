//! What the plan saves must not change what is computed: each network here is declared twice, and in its twin all that is
//! in between is an output too, so that everything is computed whole and keeps a place of its own.

use net_runtime::prelude::*;
use net_runtime::{Arithmetic, RandomKey};

network! {
    /// Convolutions of whose results pools read a part; windows apart and windows that overlap.
    network Pools(image: [11, 13, 16]) -> (y: [3]) {
        let a = image -> Conv2d(16, 3) -> relu;
        let b = a -> MaxPool2d(2);
        let c = b -> Conv2d(16, 3, padding = same) -> relu;
        let d = c -> MaxPool2d(2, stride = 1);
        let e = d -> Conv2d(8, 2) -> tanh;
        let f = e -> AvgPool2d(2);
        let g = f -> Flatten -> Dense(8) -> relu;
        let y = g -> Dense(3);
    }
    network PoolsTwin(image: [11, 13, 16]) -> (y: [3], a: [9, 11, 16], b: [4, 5, 16], c: [4, 5, 16], d: [3, 4, 16], e: [2, 3, 8], f: [1, 1, 8], g: [8]) {
        let a = image -> Conv2d(16, 3) -> relu;
        let b = a -> MaxPool2d(2);
        let c = b -> Conv2d(16, 3, padding = same) -> relu;
        let d = c -> MaxPool2d(2, stride = 1);
        let e = d -> Conv2d(8, 2) -> tanh;
        let f = e -> AvgPool2d(2);
        let g = f -> Flatten -> Dense(8) -> relu;
        let y = g -> Dense(3);
    }
}

/// A fixed sequence without pattern, in -1..1.
fn batch<S: Shape>(samples: usize, seed: u32) -> Batch<S> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let values = (0..samples * S::LEN).map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state as f32 / u32::MAX as f32) * 2.0 - 1.0
    });
    Batch::from_vec(values.collect()).unwrap()
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
        let (net, image) = ($net::new(5), batch($samples, 1));
        let mut memory = $memory::new(1);
        Workspace::set_arithmetic(&mut memory, $arithmetic);
        let mut forward = |mode: Mode, memory: &mut $memory| {
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
        let by_weights = all(&gradients);
        forward(Mode::Training, &mut memory);
        net.backward(&image, upstream(), &mut memory, &mut gradients).unwrap();
        assert_eq!(all(&gradients), by_weights, "without the inputs");
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
                $check(found, expected);
            }
        }
    };
}

/// All gradients by weights in one row, in the order of the network.
fn all(gradients: &impl Gradients) -> Vec<f32> {
    let mut all = Vec::new();
    gradients.visit(&mut |_, gradient| all.extend_from_slice(gradient.values()));
    all
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
        [PoolsTwin, PoolsTwinWorkspace, PoolsTwinGradients, PoolsTwinOutputGradients]: |found: Results, expected: Results| {
            assert_eq!(found.inferred, expected.inferred);
            assert_eq!(found.trained, expected.trained);
            assert_eq!(found.by_image, expected.by_image);
            // The sums over pixels have fewer terms, in other groups.
            assert!(difference(&found.by_weights, &expected.by_weights) < 1e-5);
        }
    );
}
