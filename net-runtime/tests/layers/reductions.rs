//! Reductions along an axis, and what counts whole numbers.

use net_runtime::layers::{CategoryEncoding, Max, Mean, Min, Sum};
use net_runtime::{Error, Write};

use crate::reference::*;

/// A reduction in f64.
fn reduce([outer, len, inner]: [usize; 3], x: &[f64], of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let along = |i: usize| (0..len).map(|k| x[(i / inner * len + k) * inner + i % inner]).collect::<Vec<_>>();
    (0..x.len() / (outer * len * inner) * outer * inner).map(|i| of(&along(i))).collect()
}

#[test]
fn reductions_are_the_naive_loops_and_their_differences() {
    for dims @ [outer, len, inner] in [[1, 1, 1], [3, 5, 1], [2, 300, 1], [2, 7, 3], [1, 4, 70]] {
        let (n, mut rng) = (2, rng(70));
        let x = distinct(&mut rng, n * outer * len * inner);
        let dy = uniform(&mut rng, n * outer * inner);
        let mut y = vec![f32::NAN; dy.len()];

        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        let layer = Mean { outer, len, inner };
        layer.forward(n, &x, &mut y);
        assert_close(&y, &reduce(dims, &wide(&x), mean), 1e-6);
        let expected = slope(|x| reduce(dims, x, mean), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &dy, dx, write), &expected, 1e-6);

        let sum = |all: &[f64]| all.iter().sum::<f64>();
        let layer = Sum { outer, len, inner };
        layer.forward(n, &x, &mut y);
        assert_close(&y, &reduce(dims, &wide(&x), sum), 1e-6);
        let expected = slope(|x| reduce(dims, x, sum), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &dy, dx, write), &expected, 1e-6);

        let largest = |all: &[f64]| all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let layer = Max { outer, len, inner };
        layer.forward(n, &x, &mut y);
        assert_exact(&y, &reduce(dims, &wide(&x), largest));
        let expected = slope(|x| reduce(dims, x, largest), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &x, &y, &dy, dx, write), &expected, 1e-5);

        let smallest = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
        let layer = Min { outer, len, inner };
        layer.forward(n, &x, &mut y);
        assert_exact(&y, &reduce(dims, &wide(&x), smallest));
        let expected = slope(|x| reduce(dims, x, smallest), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &x, &y, &dy, dx, write), &expected, 1e-5);
    }
}

#[test]
fn a_nan_wins_and_equal_numbers_share() {
    let (max, min) = (Max { outer: 1, len: 3, inner: 1 }, Min { outer: 1, len: 3, inner: 1 });
    for x in [[f32::NAN, 1.0, 2.0], [1.0, f32::NAN, 2.0], [1.0, 2.0, f32::NAN]] {
        let (mut largest, mut smallest) = ([0.0], [0.0]);
        max.forward(1, &x, &mut largest);
        min.forward(1, &x, &mut smallest);
        assert!(largest[0].is_nan() && smallest[0].is_nan());
    }
    // In rows that are compared in many columns, too.
    for place in [0, 5, 70, 129] {
        let (mut x, mut y) = ([1.0; 130], [0.0]);
        x[place] = f32::NAN;
        Max { outer: 1, len: 130, inner: 1 }.forward(1, &x, &mut y);
        assert!(y[0].is_nan());
        Min { outer: 1, len: 130, inner: 1 }.forward(1, &x, &mut y);
        assert!(y[0].is_nan());
    }
    let mut dx = [f32::NAN; 3];
    min.backward_input(1, &[2.0, 5.0, 2.0], &[2.0], &[3.0], &mut dx, Write::Set);
    assert_eq!(dx, [1.5, 0.0, 1.5]);
}

#[test]
fn whole_numbers_are_marked_or_counted() {
    let mut y = [f32::NAN; 8];
    let multi_hot = CategoryEncoding { rows: 1, numbers: 3, tokens: 4, count: false };
    multi_hot.forward(2, &[1, 3, 1, 0, 0, 0], &mut y).unwrap();
    assert_eq!(y, [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    let count = CategoryEncoding { count: true, ..multi_hot };
    count.forward(2, &[1, 3, 1, 0, 0, 0], &mut y).unwrap();
    assert_eq!(y, [0.0, 2.0, 0.0, 1.0, 3.0, 0.0, 0.0, 0.0]);
    let one_hot = CategoryEncoding { rows: 2, numbers: 1, tokens: 4, count: false };
    one_hot.forward(1, &[2, 0], &mut y).unwrap();
    assert_eq!(y, [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    let error = multi_hot.forward(2, &[1, 3, 1, 0, 4, 0], &mut y).unwrap_err();
    assert!(matches!(error, Error::Token { sample: 1, number: 4, tokens: 4 }), "{error}");
    multi_hot.forward(0, &[], &mut []).unwrap();
}
