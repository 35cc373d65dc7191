//! Noise: mean and variance, that no two draws are alike, and that the backward pass draws the same.

use net_runtime::layers::{AlphaDropout, GaussianDropout, GaussianNoise};
use net_runtime::{RandomKey, Write};

use crate::reference::*;
use crate::threads::assert_same_bits;

const LEN: usize = 200_003;
const KEY: RandomKey = RandomKey { seed: 3, step: 4 };

/// Mean and variance.
fn moments(y: &[f32]) -> (f64, f64) {
    let count = y.len() as f64;
    let mean = wide(y).iter().sum::<f64>() / count;
    (mean, wide(y).iter().map(|y| (y - mean).powi(2)).sum::<f64>() / count)
}

fn noise(layer: u64, key: RandomKey) -> Vec<f32> {
    let mut y = vec![f32::NAN; LEN];
    GaussianNoise { len: LEN, stddev: 1.0, layer }.forward(1, &vec![0.0; LEN], &mut y, key);
    y
}

#[test]
fn normal_numbers_are_normal() {
    let y = noise(1, KEY);
    let (mean, variance) = moments(&y);
    let deviation = 1.0 / (LEN as f64).sqrt();
    assert!(mean.abs() < 4.0 * deviation && (variance - 1.0).abs() < 6.0 * deviation, "{mean} {variance}");
    // The shares within 1, 2 and 3 deviations, to each side.
    for (limit, share) in [(1.0, 0.341_345), (2.0, 0.477_250), (3.0, 0.498_650)] {
        for sign in [-1.0, 1.0] {
            let within = y.iter().filter(|y| (0.0..limit).contains(&(*y * sign))).count() as f64 / LEN as f64;
            assert!((within - share).abs() < 4.0 * 0.5 * deviation, "{limit} {sign}: {within}");
        }
    }
    assert!(y.iter().all(|y| y.abs() < 6.0));
}

#[test]
fn seeds_steps_layers_and_elements_are_independent() {
    let base = noise(0, KEY);
    let correlation = |other: &[f32]| dot(&wide(&base[..other.len()]), &wide(other)) / other.len() as f64;
    let limit = 4.0 / (LEN as f64).sqrt();
    for (layer, seed, step) in [(1, 3, 4), (0, 4, 4), (0, 3, 5)] {
        assert!(correlation(&noise(layer, RandomKey { seed, step })).abs() < limit);
    }
    for shift in 1..5 {
        assert!(correlation(&base[shift..]).abs() < limit, "{shift}");
    }
}

#[test]
fn mean_and_variance_are_what_they_should_be() {
    let limit = 8.0 / (LEN as f64).sqrt();
    let ones = vec![1.0; LEN];
    let mut y = vec![f32::NAN; LEN];
    GaussianDropout { len: LEN, rate: 0.2, layer: 1 }.forward(1, &ones, &mut y, KEY);
    let (mean, variance) = moments(&y);
    assert!((mean - 1.0).abs() < limit && (variance - 0.25).abs() < limit, "{mean} {variance}");
    // Those of normal numbers stay.
    let x = noise(7, KEY);
    for rate in [0.0, 0.1, 0.5] {
        AlphaDropout { len: LEN, rate, layer: 1 }.forward(1, &x, &mut y, KEY);
        let (mean, variance) = moments(&y);
        assert!(mean.abs() < limit && (variance - 1.0).abs() < 2.0 * limit, "{rate}: {mean} {variance}");
        assert!(rate > 0.0 || y == x);
        // What is dropped becomes one number.
        y.sort_by(f32::total_cmp);
        let dropped = y.chunk_by(|a, b| a == b).map(<[f32]>::len).max().unwrap_or(0);
        assert!((dropped as f64 / LEN as f64 - f64::from(rate)).abs() < limit, "{rate}: {dropped}");
    }
}

#[test]
fn backward_draws_the_same() {
    let (n, len) = (3, 37);
    let mut rng = rng(90);
    let (x, dy) = (uniform(&mut rng, n * len), uniform(&mut rng, n * len));
    let forward = |layer: &dyn Fn(&[f32], &mut [f32]), x: &[f32]| {
        let mut y = vec![f32::NAN; x.len()];
        layer(x, &mut y);
        y
    };
    macro_rules! check {
        ($layer:expr, $($key:expr)?) => {
            let layer = $layer;
            let of = |x: &[f32]| forward(&|x, y| layer.forward(n, x, y, KEY), x);
            // A linear function of each element: its slope is a difference.
            let (at, zero) = (of(&x), of(&vec![0.0; x.len()]));
            let slopes: Vec<f64> = (0..x.len())
                .map(|index| f64::from(at[index] - zero[index]) / f64::from(x[index]) * f64::from(dy[index]))
                .collect();
            assert_writes(|dx, write| layer.backward_input(n, &dy, dx, write $(, $key)?), &slopes, 1e-4);
        };
    }
    check!(GaussianNoise { len, stddev: 0.5, layer: 5 },);
    check!(GaussianDropout { len, rate: 0.3, layer: 5 }, KEY);
    check!(AlphaDropout { len, rate: 0.3, layer: 5 }, KEY);
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    let (x, layer) = (uniform(&mut rng(91), 3 * LEN), GaussianDropout { len: LEN, rate: 0.4, layer: 1 });
    assert_same_bits(|| {
        let (mut y, mut dx) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        layer.forward(3, &x, &mut y, KEY);
        layer.backward_input(3, &x, &mut dx, Write::Set, KEY);
        vec![y, dx]
    });
}
