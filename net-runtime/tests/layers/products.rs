//! Products and distances of two tensors, against naive loops in f64 and their finite differences.

use net_runtime::layers::{Distance, DistanceMetric, Dot};
use net_runtime::{Scratch, Write};

use crate::reference::*;
use crate::threads::assert_same_bits;

fn lens(layer: &Dot) -> [usize; 3] {
    let ([a, b], [c, d]) = (layer.first, layer.second);
    [a * layer.len * b, c * layer.len * d, a * b * c * d].map(|len| layer.products * len)
}

fn naive(layer: &Dot, n: usize, x: [&[f64]; 2]) -> Vec<f64> {
    let Dot { products, len, first: [a, b], second: [c, d], normalize } = *layer;
    let mut y = Vec::new();
    for product in 0..n * products {
        for (i, j) in (0..a).flat_map(|i| (0..b).map(move |j| (i, j))) {
            for (k, l) in (0..c).flat_map(|k| (0..d).map(move |l| (k, l))) {
                let first: Vec<f64> = (0..len).map(|m| x[0][((product * a + i) * len + m) * b + j]).collect();
                let second: Vec<f64> = (0..len).map(|m| x[1][((product * c + k) * len + m) * d + l]).collect();
                let lengths = if normalize { (dot(&first, &first) * dot(&second, &second)).sqrt() } else { 1.0 };
                y.push(dot(&first, &second) / lengths);
            }
        }
    }
    y
}

/// Vectors; matrices in every order; axes in the middle; around the width of a register tile.
const SHAPES: [(usize, usize, [usize; 2], [usize; 2]); 9] = [
    (1, 5, [1, 1], [1, 1]),
    (1, 33, [1, 1], [1, 1]),
    (1, 4, [3, 1], [1, 5]),
    (2, 4, [1, 3], [5, 1]),
    (3, 2, [3, 1], [2, 1]),
    (1, 3, [1, 4], [1, 2]),
    (1, 3, [2, 3], [4, 1]),
    (2, 3, [2, 2], [3, 2]),
    (1, 2, [7, 1], [1, 65]),
];

#[test]
fn dots() {
    let mut rng = rng(80);
    for (n, (products, len, first, second)) in [0, 1, 3].into_iter().flat_map(|n| SHAPES.map(|shape| (n, shape))) {
        for normalize in [false, true] {
            let layer = Dot { products, len, first, second, normalize };
            let [a_len, b_len, y_len] = lens(&layer);
            let (a, b) = (uniform(&mut rng, n * a_len), uniform(&mut rng, n * b_len));
            let (mut y, mut scratch) = (vec![f32::NAN; n * y_len], Scratch::default());
            layer.forward(n, &[&a, &b], &mut y, &mut scratch);
            assert_close(&y, &naive(&layer, n, [&wide(&a), &wide(&b)]), 1e-6);
            let dy = uniform(&mut rng, n * y_len);
            let backward = |index: usize, dx: &mut [f32], write| {
                layer.backward_input(n, index, &[&a, &b], &dy, dx, write, &mut Scratch::default());
            };
            let by_a = slope(|a| naive(&layer, n, [a, &wide(&b)]), &a, &dy);
            assert_writes(|dx, write| backward(0, dx, write), &by_a, 1e-5);
            let by_b = slope(|b| naive(&layer, n, [&wide(&a), b]), &b, &dy);
            assert_writes(|dx, write| backward(1, dx, write), &by_b, 1e-5);
        }
    }
}

#[test]
fn a_column_of_zeros_has_no_angle_and_no_nan() {
    let layer = Dot { products: 1, len: 3, first: [1, 1], second: [1, 1], normalize: true };
    let (mut y, mut dx, mut scratch) = ([f32::NAN], [f32::NAN; 3], Scratch::default());
    let operands: [&[f32]; 2] = [&[0.0; 3], &[3.0, 0.0, 4.0]];
    layer.forward(1, &operands, &mut y, &mut scratch);
    assert_eq!(y, [0.0]);
    layer.backward_input(1, 0, &operands, &[1.0], &mut dx, Write::Set, &mut scratch);
    assert_close(&dx, &[6e6, 0.0, 8e6], 1e-6);
    layer.backward_input(1, 1, &operands, &[1.0], &mut dx, Write::Set, &mut scratch);
    assert_eq!(dx, [0.0; 3]);
}

fn naive_distance(metric: DistanceMetric, len: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    let distance = |(a, b): (&[f64], &[f64])| {
        let differences = || a.iter().zip(b).map(|(a, b)| a - b);
        match metric {
            DistanceMetric::Euclidean => differences().map(|d| d * d).sum::<f64>().sqrt(),
            DistanceMetric::Squared => differences().map(|d| d * d).sum(),
            DistanceMetric::Manhattan => differences().map(f64::abs).sum(),
            DistanceMetric::Cosine => 1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt(),
        }
    };
    a.chunks(len).zip(b.chunks(len)).map(distance).collect()
}

const METRICS: [DistanceMetric; 4] =
    [DistanceMetric::Euclidean, DistanceMetric::Squared, DistanceMetric::Manhattan, DistanceMetric::Cosine];

#[test]
fn distances() {
    let mut rng = rng(81);
    for (metric, len) in METRICS.into_iter().flat_map(|metric| [1, 3, 8, 16, 17, 40].map(|len| (metric, len))) {
        for (n, rows) in [(0, 2), (1, 1), (3, 4)] {
            let layer = Distance { rows, len, metric };
            let mut values = distinct(&mut rng, 2 * n * rows * len);
            let b = values.split_off(n * rows * len);
            let a = values;
            let (mut y, dy) = (vec![f32::NAN; n * rows], uniform(&mut rng, n * rows));
            layer.forward(n, &[&a, &b], &mut y);
            assert_close(&y, &naive_distance(metric, len, &wide(&a), &wide(&b)), 2e-6);
            let by_a = slope(|a| naive_distance(metric, len, a, &wide(&b)), &a, &dy);
            assert_writes(|dx, write| layer.backward_input(n, 0, &[&a, &b], &dy, dx, write), &by_a, 1e-5);
            let by_b = slope(|b| naive_distance(metric, len, &wide(&a), b), &b, &dy);
            assert_writes(|dx, write| layer.backward_input(n, 1, &[&a, &b], &dy, dx, write), &by_b, 1e-5);
        }
    }
}

#[test]
fn a_distance_of_zero_has_a_gradient_of_zero() {
    let (zeros, some) = ([0.0; 3], [1.0, 2.0, -3.0]);
    for metric in METRICS {
        let layer = Distance { rows: 1, len: 3, metric };
        for operands in [[&some[..], &some[..]], [&zeros, &zeros]] {
            let (mut y, mut dx) = ([f32::NAN], [f32::NAN; 3]);
            layer.forward(1, &operands, &mut y);
            let nothing = metric == DistanceMetric::Cosine && operands[0] == zeros;
            assert_close(&y, &[if nothing { 1.0 } else { 0.0 }], 1e-6);
            layer.backward_input(1, 0, &operands, &[5.0], &mut dx, Write::Set);
            assert_close(&dx, &[0.0; 3], 1e-6);
        }
    }
}

/// The gradient by a row that is close to the other is as exact as their difference is.
#[test]
fn rows_that_are_nearly_equal_have_exact_gradients() {
    let a: Vec<f32> = uniform(&mut rng(83), 37);
    for by in [0.0, 1.0 / 1024.0 / 1024.0] {
        let b: Vec<f32> = a.iter().map(|a| a + by).collect();
        let layer = Distance { rows: 1, len: 37, metric: DistanceMetric::Squared };
        let mut dx = [f32::NAN; 37];
        layer.backward_input(1, 0, &[&a, &b], &[0.7], &mut dx, Write::Set);
        let right: Vec<f32> = a.iter().zip(&b).map(|(a, b)| 1.4 * (a - b)).collect();
        assert_eq!(dx[..], right, "a difference of {by}");
    }
}

#[test]
fn a_nan_is_not_lost() {
    for metric in METRICS {
        let (layer, mut y, mut dx) = (Distance { rows: 2, len: 2, metric }, [0.0; 2], [0.0; 4]);
        let operands: [&[f32]; 2] = [&[f32::NAN, 1.0, 2.0, 3.0], &[1.0, 1.0, 1.0, 2.0]];
        layer.forward(1, &operands, &mut y);
        layer.backward_input(1, 1, &operands, &[1.0; 2], &mut dx, Write::Set);
        assert!(y[0].is_nan() && y[1].is_finite() && dx[0].is_nan() && dx[2].is_finite(), "{metric:?}: {y:?} {dx:?}");
    }
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    let mut rng = rng(82);
    let layer = Dot { products: 2, len: 100, first: [80, 1], second: [1, 90], normalize: true };
    let [a, b, dy] = lens(&layer).map(|len| uniform(&mut rng, 9 * len));
    let distance = Distance { rows: 200, len: 100, metric: DistanceMetric::Cosine };
    let (near, far) = (uniform(&mut rng, 9 * 20_000), uniform(&mut rng, 9 * 20_000));
    assert_same_bits(|| {
        let mut scratch = Scratch::default();
        let mut results = [dy.len(), a.len(), b.len(), 9 * 200, near.len()].map(|len| vec![0.0; len]);
        layer.forward(9, &[&a, &b], &mut results[0], &mut scratch);
        layer.backward_input(9, 0, &[&a, &b], &dy, &mut results[1], Write::Set, &mut scratch);
        layer.backward_input(9, 1, &[&a, &b], &dy, &mut results[2], Write::Set, &mut scratch);
        distance.forward(9, &[&near, &far], &mut results[3]);
        distance.backward_input(9, 0, &[&near, &far], &vec![1.0; 1800], &mut results[4], Write::Set);
        results.into()
    });
}
