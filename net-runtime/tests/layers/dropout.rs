//! Dropout: its rate, its scale, and that no two draws are alike.

use net_runtime::layers::{Dropout, SpatialDropout};
use net_runtime::{RandomKey, Write};

const N: usize = 100;
const LEN: usize = 1001;

fn mask(layer: Dropout, random: RandomKey) -> Vec<f32> {
    let mut y = vec![f32::NAN; N * layer.len];
    layer.forward(N, &vec![1.0; N * layer.len], &mut y, random);
    y
}

fn key(seed: u64, step: u64) -> RandomKey {
    RandomKey { seed, step }
}

#[test]
fn the_rate_holds_and_the_rest_is_scaled() {
    for rate in [0.0, 0.1, 0.5, 0.9, 1.0] {
        let y = mask(Dropout { len: LEN, rate, layer: 3 }, key(1, 2));
        let dropped = y.iter().filter(|&&y| y == 0.0).count() as f64;
        let (count, rate64) = (y.len() as f64, f64::from(rate));
        let deviation = (count * rate64 * (1.0 - rate64)).sqrt();
        assert!((dropped - count * rate64).abs() <= 4.0 * deviation, "{dropped} of {count} for {rate}");
        assert!(y.iter().all(|&y| y == 0.0 || y == 1.0 / (1.0 - rate)));
    }
}

/// Two masks agree on as many elements as two independent ones would, and so do neighbours within one.
#[test]
fn seeds_steps_layers_and_elements_are_independent() {
    let rate = 0.5;
    let base = mask(Dropout { len: LEN, rate, layer: 0 }, key(0, 0));
    let agreement = |other: &[f32]| base.iter().zip(other).filter(|(a, b)| a == b).count() as f64 / other.len() as f64;
    let tolerance = 4.0 * (0.25 / base.len() as f64).sqrt();
    for (layer, seed, step) in [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (2, 0, 0)] {
        let other = mask(Dropout { len: LEN, rate, layer }, key(seed, step));
        assert!((agreement(&other) - 0.5).abs() < tolerance, "layer {layer}, seed {seed}, step {step}");
    }
    for shift in [1, 2, 3, 4, LEN] {
        assert!((agreement(&base[shift..]) - 0.5).abs() < tolerance, "shift {shift}");
    }
}

#[test]
fn backward_draws_the_same_mask() {
    let layer = Dropout { len: LEN, rate: 0.3, layer: 7 };
    let y = mask(layer, key(5, 6));
    let dy: Vec<_> = (0..y.len()).map(|i| i as f32).collect();
    let mut dx = vec![f32::NAN; y.len()];
    layer.backward_input(N, &dy, &mut dx, Write::Set, key(5, 6));
    assert!(dx.iter().zip(&y).zip(&dy).all(|((dx, y), dy)| *dx == y * dy));
    layer.backward_input(N, &dy, &mut dx, Write::Add, key(5, 6));
    assert!(dx.iter().zip(&y).zip(&dy).all(|((dx, y), dy)| *dx == 2.0 * (y * dy)));
    assert_eq!(mask(layer, key(5, 6)), y);
}

/// An element's fate depends on its index alone, not on how many come after it.
#[test]
fn a_smaller_batch_sees_the_beginning_of_the_same_mask() {
    let layer = Dropout { len: 7, rate: 0.5, layer: 0 };
    let all = mask(layer, key(1, 1));
    let mut y = vec![f32::NAN; 3 * 7];
    layer.forward(3, &[1.0; 21], &mut y, key(1, 1));
    assert_eq!(y, all[..21]);
    layer.forward(0, &[], &mut [], key(1, 1));
}

#[test]
fn whole_channels_are_dropped() {
    let (n, places, channels) = (3, 5, 300);
    let layer = SpatialDropout { places, channels, rate: 0.3, layer: 2 };
    let random = RandomKey { seed: 4, step: 9 };
    let mut x = vec![1.0; n * places * channels];
    x[7] = f32::INFINITY;
    let (mut y, mut dx) = (vec![f32::NAN; x.len()], vec![f32::NAN; x.len()]);
    layer.forward(n, &x, &mut y, random);
    layer.backward_input(n, &vec![1.0; x.len()], &mut dx, Write::Set, random);
    // What is drawn for a channel is what `Dropout` draws for an element with its index.
    let drawn = Dropout { len: channels, rate: 0.3, layer: 2 };
    let mut factors = vec![f32::NAN; n * channels];
    drawn.forward(n, &vec![1.0; n * channels], &mut factors, random);
    assert!(factors.contains(&0.0) && factors.iter().any(|factor| *factor > 1.4));
    for (i, y) in y.iter().enumerate() {
        let factor = factors[i / (places * channels) * channels + i % channels];
        assert_eq!(*y, if i == 7 && factor != 0.0 { f32::INFINITY } else { factor });
        assert_eq!(dx[i], factor);
    }
}
