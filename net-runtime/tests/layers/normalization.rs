//! Normalization by what is known of the data, against its formula, and what it adapts to.

use net_runtime::layers::{Normalization, NormalizationBy};
use net_runtime::weights::Adapted;
use net_runtime::{Param, Scratch, Shape1, Shape3, View, Write};

use crate::reference::*;
use crate::threads::assert_same_bits;

fn adapted(dims: &[usize]) -> Adapted {
    Adapted { mean: Param::zeros(dims), variance: Param::zeros(dims) }
}

fn filled(dims: &[usize], seed: u64) -> Adapted {
    let (mut weights, mut rng) = (adapted(dims), rng(seed));
    let len = weights.mean.values().len();
    weights.mean.values_mut().copy_from_slice(&uniform(&mut rng, len));
    let variance: Vec<f32> = uniform(&mut rng, len).iter().map(|value| value + 1.5).collect();
    weights.variance.values_mut().copy_from_slice(&variance);
    weights
}

#[test]
fn it_is_its_formula() {
    for (n, outer, len, inner) in
        [(0, 1, 3, 1), (1, 1, 1, 1), (3, 7, 3, 1), (2, 1, 5, 6), (3, 2, 130, 1), (2, 3, 4, 33), (5, 1, 64, 1)]
    {
        for invert in [false, true] {
            let layer = Normalization { outer, len, inner, invert };
            let (weights, mut rng, mut scratch) = (filled(&[len], 31), rng(32), Scratch::default());
            let (x, dy) = (uniform(&mut rng, n * outer * len * inner), uniform(&mut rng, n * outer * len * inner));
            let [mean, variance] = [&weights.mean, &weights.variance].map(|of| wide(of.values()));
            let f = |x: &[f64]| {
                let value = |(index, x): (usize, &f64)| {
                    let place = index / inner % len;
                    let deviation = variance[place].sqrt().max(1e-7);
                    if invert { x * deviation + mean[place] } else { (x - mean[place]) / deviation }
                };
                x.iter().enumerate().map(value).collect::<Vec<_>>()
            };
            let mut y = vec![f32::NAN; x.len()];
            layer.forward(n, &x, &weights, &mut y, &mut scratch);
            assert_close(&y, &f(&wide(&x)), 1e-6);
            let slopes = slope(f, &x, &dy);
            assert_writes(|dx, write| layer.backward_input(n, &weights, &dy, dx, write, &mut scratch), &slopes, 2e-6);
        }
    }
}

/// So large that work is divided, behind a place that is not the first.
#[test]
fn each_place_has_its_own_where_work_is_divided() {
    let layer = Normalization { outer: 1, len: 5, inner: 4000, invert: false };
    let (weights, mut rng, mut scratch) = (filled(&[5], 35), rng(36), Scratch::default());
    let (x, dy) = (uniform(&mut rng, 40_000), uniform(&mut rng, 40_000));
    let [mean, variance] = [&weights.mean, &weights.variance].map(|of| wide(of.values()));
    let place = |index: usize| index / 4000 % 5;
    let of = |(index, x): (usize, &f32)| (f64::from(*x) - mean[place(index)]) / variance[place(index)].sqrt();
    let mut y = vec![f32::NAN; x.len()];
    layer.forward(2, &x, &weights, &mut y, &mut scratch);
    assert_close(&y, &x.iter().enumerate().map(of).collect::<Vec<_>>(), 1e-6);
    let slope = |(index, dy): (usize, &f32)| f64::from(*dy) / variance[place(index)].sqrt();
    let slopes: Vec<_> = dy.iter().enumerate().map(slope).collect();
    assert_writes(|dx, write| layer.backward_input(2, &weights, &dy, dx, write, &mut scratch), &slopes, 2e-6);
}

#[test]
fn one_number_is_for_all_and_a_deviation_is_no_zero() {
    let sizes = Normalization { outer: 1, len: 3, inner: 1, invert: false };
    let (mut y, mut scratch) = ([f32::NAN; 3], Scratch::default());
    NormalizationBy { sizes, mean: &[1.0], variance: &[4.0, 0.0, 1.0] }.forward(
        1,
        &[3.0, 1.0, 0.0],
        &mut y,
        &mut scratch,
    );
    assert_eq!(y, [1.0, 0.0, -1.0]);
    NormalizationBy { sizes, mean: &[1.0], variance: &[0.0] }.backward_input(
        1,
        &[1.0; 3],
        &mut y,
        Write::Set,
        &mut scratch,
    );
    assert!(y.iter().all(|slope| (slope - 1e7).abs() < 10.0), "{y:?}");
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    for (outer, len, inner) in [(400, 33, 1), (3, 5, 20_000)] {
        let layer = Normalization { outer, len, inner, invert: false };
        let (weights, x) = (filled(&[len], 33), uniform(&mut rng(34), 20 * outer * len * inner));
        assert_same_bits(|| {
            let (mut y, mut dx, mut scratch) = (vec![0.0; x.len()], vec![0.0; x.len()], Scratch::default());
            layer.forward(20, &x, &weights, &mut y, &mut scratch);
            layer.backward_input(20, &weights, &x, &mut dx, Write::Set, &mut scratch);
            vec![y, dx]
        });
    }
}

#[test]
fn it_adapts_to_all_batches_also_far_from_zero() {
    // Deviations of 0.5 around 2,000: squares of these numbers have lost them in `f32`.
    let data: Vec<f32> = uniform(&mut rng(35), 3 * 4 * 2 * 5).iter().map(|value| 2000.0 + value).collect();
    let mut weights = adapted(&[1, 2, 1]);
    let (first, second) = data.split_at(4 * 2 * 5);
    let batches = [first, &[], second].map(|batch| View::<Shape3<4, 2, 5>>::from_slice(batch).unwrap());
    weights.adapt(batches).unwrap();
    for place in 0..2 {
        let of: Vec<f64> =
            data.iter().enumerate().filter(|(i, _)| i / 5 % 2 == place).map(|(_, &value)| value.into()).collect();
        let mean = of.iter().sum::<f64>() / of.len() as f64;
        let variance = of.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / of.len() as f64;
        assert_eq!(weights.mean.values()[place], mean as f32);
        assert!((f64::from(weights.variance.values()[place]) - variance).abs() < 1e-7 * variance);
    }
}

#[test]
fn what_it_cannot_adapt_to_changes_nothing() {
    let mut weights = filled(&[3], 36);
    let before = [&weights.mean, &weights.variance].map(|of| of.values().to_vec());
    let batch = View::<Shape1<2>>::from_slice(&[1.0, 2.0]).unwrap();
    let text = weights.adapt([batch]).unwrap_err().to_string();
    assert_eq!(text, "a sample that a `Normalization` is adapted to should have shape [3], but has [2]");
    let text = weights.adapt::<Shape1<3>>([]).unwrap_err().to_string();
    assert_eq!(text, "a `Normalization` is adapted to no sample: give `adapt` some");
    let batch = View::<Shape1<3>>::from_slice(&[1.0, 2.0, f32::NAN]).unwrap();
    let text = weights.adapt([batch]).unwrap_err().to_string();
    assert_eq!(text, "the mean of what a `Normalization` is adapted to is NaN at place 2");
    assert_eq!([&weights.mean, &weights.variance].map(|of| of.values().to_vec()), before);
}
