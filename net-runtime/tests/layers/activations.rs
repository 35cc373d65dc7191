//! Activations against their formulas in f64, at their kinks, and on NaN and infinity.

use net_runtime::activations::*;
use net_runtime::layers::{Glu, LogSoftmax, RowFunction, RowsAlong, Softmax, Sparsemax};
use net_runtime::{Scratch, Write};

use crate::reference::*;

mod formulas;

use formulas::{SELU_SCALE, formula};

fn all() -> [Activation; 36] {
    [
        Activation::Linear,
        relu(),
        leaky_relu(0.2),
        leaky_relu(0.0),
        elu(1.0),
        elu(0.5),
        selu(),
        gelu(false),
        gelu(true),
        silu(),
        sigmoid(),
        hard_sigmoid(),
        tanh(),
        softplus(),
        rectified_linear(0.0, 5.0, 0.0),
        rectified_linear(0.1, 5.0, 0.5),
        rectified_linear(0.3, f32::INFINITY, 0.25),
        hard_silu(),
        mish(),
        softsign(),
        celu(0.7),
        log_sigmoid(),
        hard_shrink(0.5),
        soft_shrink(0.5),
        tanh_shrink(),
        squareplus(4.0),
        sparse_plus(),
        sparse_sigmoid(),
        threshold(-0.3, 2.0),
        clip(-0.5, 1.5),
        exp(),
        square(),
        sqrt(),
        reciprocal(),
        abs(),
        neg(),
    ]
}

/// Where it has a value, and not too large a slope.
fn defined(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::Sqrt | Activation::Reciprocal => x.abs() + 0.5,
        _ => x,
    }
}

/// From -9.87 to 9.87, clear of the kinks.
fn points() -> Vec<f32> {
    (-987..=987).step_by(2).map(|i| i as f32 * 0.01 + 0.003).collect()
}

#[test]
fn values_and_derivatives_are_the_formulas() {
    let points = points();
    let dy = uniform(&mut rng(30), points.len());
    for activation in all() {
        let x: Vec<f32> = points.iter().map(|x| defined(activation, *x)).collect();
        let f = |x: &[f64]| x.iter().map(|&x| formula(activation, x)).collect::<Vec<_>>();
        let expected = f(&wide(&x));
        let mut y = vec![f32::NAN; x.len()];
        activation.forward(&x, &mut y);
        assert_close(&y, &expected, 3e-7);
        let mut applied = x.clone();
        activation.apply(&mut applied);
        assert_eq!(applied, y, "{activation:?}");

        let step = 1e-5;
        let slope = |&x: &f64| (formula(activation, x + step) - formula(activation, x - step)) / (2.0 * step);
        let slopes: Vec<_> = wide(&x).iter().zip(&dy).map(|(x, &dy)| slope(x) * f64::from(dy)).collect();
        let of = if activation.derivative_from_input() { &x } else { &y };
        assert_writes(|dx, write| activation.backward_input(of, &dy, dx, write), &slopes, 2e-6);
        if !activation.derivative_from_input() {
            let mut dz = dy.clone();
            activation.backward_in_place(&y, &mut dz);
            assert_close(&dz, &slopes, 2e-6);
        }
    }
}

#[test]
fn small_results_are_precise() {
    for (activation, x) in
        [(gelu(false), -9.0), (silu(), -60.0), (sigmoid(), -60.0), (softplus(), -60.0), (elu(1.0), -1e-6)]
    {
        let mut y = [0.0];
        activation.forward(&[x], &mut y);
        let x = f64::from(x);
        let expected = match activation {
            Activation::Gelu { .. } => 0.5 * x * libm::erfc(-x / 2_f64.sqrt()),
            _ => formula(activation, x),
        };
        assert!((f64::from(y[0]) / expected - 1.0).abs() < 1e-5, "{activation:?}: {} is not {expected}", y[0]);
    }
}

/// As TensorFlow has them.
#[test]
fn derivatives_at_the_kinks() {
    let at = |activation: Activation, x: f32| {
        let (mut y, mut dx) = ([0.0], [f32::NAN]);
        activation.forward(&[x], &mut y);
        activation.backward_input(&y, &[1.0], &mut dx, Write::Set);
        let mut dz = [1.0];
        activation.backward_in_place(&y, &mut dz);
        assert_eq!(dx, dz);
        dx[0]
    };
    assert_eq!(at(relu(), 0.0), 0.0);
    assert_eq!(at(leaky_relu(0.2), 0.0), 0.2);
    assert_eq!(at(elu(1.0), 0.0), 1.0);
    assert_eq!(at(elu(0.5), 0.0), 0.5);
    assert!((f64::from(at(selu(), 0.0)) - SELU_SCALE).abs() < 1e-6);
    assert_eq!(at(hard_sigmoid(), -3.0), 0.0);
    assert_eq!(at(hard_sigmoid(), 3.0), 0.0);
    assert_eq!([0.0, 6.0].map(|x| at(relu6(), x)), [0.0; 2]);
    assert_eq!([1.0, 2.0].map(|x| at(rectified_linear(0.5, 2.0, 1.0), x)), [0.5, 0.0]);
    assert_eq!([-0.0, 0.0].map(|x| at(celu(0.5), x)), [1.0; 2]);
    assert_eq!([-0.5, 0.5].map(|x| at(hard_shrink(0.5), x)), [0.0; 2]);
    assert_eq!([-0.5, 0.5].map(|x| at(soft_shrink(0.5), x)), [0.0; 2]);
    assert_eq!([-1.0, 1.0].map(|x| at(sparse_plus(), x)), [0.0, 1.0]);
    assert_eq!([-1.0, 1.0].map(|x| at(sparse_sigmoid(), x)), [0.0; 2]);
    let of_input = |activation: Activation, x: f32| {
        let mut dx = [f32::NAN];
        activation.backward_input(&[x], &[1.0], &mut dx, Write::Set);
        dx[0]
    };
    assert_eq!([-3.0, 3.0].map(|x| of_input(hard_silu(), x)), [0.0, 1.0]);
    assert_eq!([-1.0, 1.0].map(|x| of_input(hard_tanh(), x)), [1.0; 2]);
    assert_eq!(of_input(threshold(0.5, 0.5), 0.5), 0.0);
    assert_eq!(of_input(abs(), 0.0), 0.0);
}

/// What far out is exact, and no infinity or NaN where there is a limit.
#[test]
fn far_out() {
    for (activation, left, right) in [
        (relu6(), 0.0, 6.0),
        (rectified_linear(0.0, f32::INFINITY, 2.0), 0.0, 1e4),
        (rectified_linear(0.5, 100.0, 2.0), -5001.0, 100.0),
        (hard_silu(), 0.0, 1e4),
        (mish(), 0.0, 1e4),
        (softsign(), -0.999_9, 0.999_9),
        (celu(0.5), -0.5, 1e4),
        (log_sigmoid(), -1e4, 0.0),
        (hard_shrink(0.5), -1e4, 1e4),
        (soft_shrink(0.5), -9999.5, 9999.5),
        (tanh_shrink(), -9999.0, 9999.0),
        (squareplus(4.0), 1e-4, 1e4),
        (sparse_plus(), 0.0, 1e4),
        (sparse_sigmoid(), 0.0, 1.0),
        (threshold(0.0, -7.0), -7.0, 1e4),
        (hard_tanh(), -1.0, 1.0),
        (exp(), 0.0, f32::INFINITY),
        (reciprocal(), -1e-4, 1e-4),
        (neg(), 1e4, -1e4),
    ] {
        let mut y = [-1e4, 1e4];
        activation.apply(&mut y);
        let close = |y: f32, expected: f32| y == expected || (y - expected).abs() <= 2e-7 * expected.abs();
        assert!(close(y[0], left) && close(y[1], right), "{activation:?}: {y:?}");
        // Gradients of ordinary size stay so.
        let (mut dx, x) = ([f32::NAN; 2], [-1e4, 1e4]);
        activation.backward_input(
            if activation.derivative_from_input() { &x } else { &y },
            &[1.0; 2],
            &mut dx,
            Write::Set,
        );
        assert!(dx[0].abs() <= 1.0 && (dx[1].abs() <= 1.0 || activation == exp()), "{activation:?}: {dx:?}");
    }
    let mut y = [0.0, -0.0, -1.0, f32::INFINITY];
    log().apply(&mut y);
    assert!(y[..2] == [f32::NEG_INFINITY; 2] && y[2].is_nan() && y[3] == f32::INFINITY, "{y:?}");
    let mut y = [0.0, -1.0, 4.0];
    sqrt().apply(&mut y);
    assert!(y[0] == 0.0 && y[1].is_nan() && y[2] == 2.0, "{y:?}");
    let mut y = [0.0, -1.0, 4.0];
    rsqrt().apply(&mut y);
    assert!(y[0] == f32::INFINITY && y[1].is_nan() && y[2] == 0.5, "{y:?}");
}

#[test]
fn nan_goes_through_and_large_values_stay_finite() {
    for activation in all() {
        let mut y = [f32::NAN, 1e30, -1e30, 100.0, -100.0];
        activation.apply(&mut y);
        assert!(y[0].is_nan(), "{activation:?}");
        // These have no limit there.
        if !matches!(activation, Activation::Exp | Activation::Square | Activation::Sqrt) {
            assert!(y[1..].iter().all(|y| y.is_finite()), "{activation:?}: {y:?}");
        }
    }
}

#[test]
#[should_panic(expected = "needs the input")]
fn gelu_has_no_derivative_from_its_output() {
    gelu(false).backward_in_place(&[0.0], &mut [0.0]);
}

fn naive_softmax(classes: usize, x: &[f64]) -> Vec<f64> {
    let row = |x: &[f64]| {
        let sum: f64 = x.iter().map(|x| x.exp()).sum();
        x.iter().map(|x| x.exp() / sum).collect::<Vec<_>>()
    };
    x.chunks(classes).flat_map(row).collect()
}

#[test]
fn softmax_is_its_formula() {
    for (n, layer) in [(0, softmax(2, 3)), (1, softmax(1, 1)), (3, softmax(4, 5)), (2, softmax(1, 1000))] {
        let Softmax { rows, classes } = layer;
        let mut rng = rng(31);
        let (x, dy) = (uniform(&mut rng, n * rows * classes), uniform(&mut rng, n * rows * classes));
        let mut y = vec![f32::NAN; x.len()];
        layer.forward(n, &x, &mut y);
        assert_close(&y, &naive_softmax(classes, &wide(&x)), 3e-7);
        let slopes = slope(|x| naive_softmax(classes, x), &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &y, &dy, dx, write), &slopes, 1e-6);
    }
}

#[test]
fn softmax_is_stable_and_passes_nan() {
    let mut y = [0.0; 6];
    softmax(2, 3).forward(1, &[1e30, 0.0, -1e30, f32::NAN, 0.0, 1.0], &mut y);
    assert_eq!(y[..3], [1.0, 0.0, 0.0]);
    assert!(y[3..].iter().all(|y| y.is_nan()));
}

/// By sorting, as the paper has it.
fn naive_sparsemax(classes: usize, x: &[f64]) -> Vec<f64> {
    let row = |x: &[f64]| {
        let mut sorted = x.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let (mut sum, mut threshold) = (0.0, 0.0);
        for (index, value) in sorted.iter().enumerate() {
            sum += value;
            let next = (sum - 1.0) / (index + 1) as f64;
            if *value > next {
                threshold = next;
            }
        }
        x.iter().map(|x| (x - threshold).max(0.0)).collect::<Vec<_>>()
    };
    x.chunks(classes).flat_map(row).collect()
}

#[test]
fn log_softmax_and_sparsemax_are_their_formulas() {
    for (n, rows, classes) in [(0, 2, 3), (1, 1, 1), (3, 4, 5), (2, 3, 16), (2, 1, 1000)] {
        let mut rng = rng(32);
        let [x, dy] = [(); 2].map(|()| uniform(&mut rng, n * rows * classes));
        let mut y = vec![f32::NAN; x.len()];
        let layer = LogSoftmax { rows, classes };
        layer.forward(n, &x, &mut y);
        let f = |x: &[f64]| naive_softmax(classes, x).into_iter().map(f64::ln).collect::<Vec<_>>();
        assert_close(&y, &f(&wide(&x)), 3e-7);
        assert_writes(|dx, write| layer.backward_input(n, &y, &dy, dx, write), &slope(f, &x, &dy), 2e-6);

        // Apart from each other, so that a few are left of many.
        let x: Vec<f32> = x.iter().map(|x| 3.0 * x).collect();
        let layer = Sparsemax { rows, classes };
        layer.forward(n, &x, &mut y);
        let f = |x: &[f64]| naive_sparsemax(classes, x);
        assert_close(&y, &f(&wide(&x)), 1e-6);
        assert_writes(|dx, write| layer.backward_input(n, &y, &dy, dx, write), &slope(f, &x, &dy), 2e-6);
    }
}

/// Along any axis they are what they are along the last one, of the axes in another order.
#[test]
fn functions_of_rows_along_any_axis() {
    for (n, outer, len, inner) in
        [(0, 2, 3, 4), (1, 1, 1, 1), (3, 2, 5, 1), (2, 3, 4, 7), (2, 1, 70, 65), (1, 5, 17, 300)]
    {
        let size = len * inner;
        let to_rows = |x: &[f32]| -> Vec<f32> {
            let of = |at: usize| at / size * size + at % len * inner + at % size / len;
            (0..x.len()).map(|at| x[of(at)]).collect()
        };
        let mut rng = rng(33);
        let [x, dy] = [(); 2].map(|()| uniform(&mut rng, n * outer * size));
        let (mut scratch, mut y, mut of_rows) = (Scratch::default(), vec![f32::NAN; x.len()], vec![f32::NAN; x.len()]);
        let [x_rows, dy_rows] = [&x, &dy].map(|tensor| to_rows(tensor));
        let (rows, classes) = (outer * inner, len);
        for function in [RowFunction::Softmax, RowFunction::LogSoftmax, RowFunction::Sparsemax] {
            let layer = RowsAlong { outer, len, inner, function };
            layer.forward(n, &x, &mut y, &mut scratch);
            let mut dx_rows = vec![f32::NAN; x.len()];
            match function {
                RowFunction::Softmax => {
                    softmax(rows, classes).forward(n, &x_rows, &mut of_rows);
                    softmax(rows, classes).backward_input(n, &of_rows, &dy_rows, &mut dx_rows, Write::Set);
                }
                RowFunction::LogSoftmax => {
                    LogSoftmax { rows, classes }.forward(n, &x_rows, &mut of_rows);
                    LogSoftmax { rows, classes }.backward_input(n, &of_rows, &dy_rows, &mut dx_rows, Write::Set);
                }
                RowFunction::Sparsemax => {
                    Sparsemax { rows, classes }.forward(n, &x_rows, &mut of_rows);
                    Sparsemax { rows, classes }.backward_input(n, &of_rows, &dy_rows, &mut dx_rows, Write::Set);
                }
            }
            assert_eq!(to_rows(&y), of_rows, "{layer:?}");
            let mut dx = vec![f32::NAN; x.len()];
            layer.backward_input(n, &y, &dy, &mut dx, Write::Set, &mut scratch);
            assert_eq!(to_rows(&dx), dx_rows, "{layer:?}");
            layer.backward_input(n, &y, &dy, &mut dx, Write::Add, &mut scratch);
            assert_eq!(to_rows(&dx), dx_rows.iter().map(|dx| 2.0 * dx).collect::<Vec<_>>(), "{layer:?}");
        }
    }
}

#[test]
fn rows_are_stable_and_a_nan_spoils_its_own() {
    let x = [1e4, 0.0, -1e4, f32::NAN, 0.0, 1.0];
    let mut y = [0.0; 6];
    LogSoftmax { rows: 2, classes: 3 }.forward(1, &x, &mut y);
    assert_eq!(y[..3], [0.0, -1e4, -2e4]);
    assert!(y[3..].iter().all(|y| y.is_nan()));
    Sparsemax { rows: 2, classes: 3 }.forward(1, &x, &mut y);
    assert_eq!(y[..3], [1.0, 0.0, 0.0]);
    assert!(y[3..].iter().all(|y| y.is_nan()));
    // Equal ones share, and nothing is lost of numbers that are far from zero.
    Sparsemax { rows: 1, classes: 6 }.forward(1, &[1e4, 1e4, 1e4, 1e4, -1e4, 9_999.0], &mut y);
    assert_eq!(y, [0.25, 0.25, 0.25, 0.25, 0.0, 0.0]);
}

#[test]
fn glu_is_its_formula() {
    for (n, outer, half) in [(0, 2, 3), (1, 1, 1), (3, 2, 5), (2, 1, 100), (1, 50, 16)] {
        let layer = Glu { outer, half };
        let mut rng = rng(33);
        let (x, dy) = (uniform(&mut rng, n * outer * 2 * half), uniform(&mut rng, n * outer * half));
        let f = |x: &[f64]| {
            let row = |row: &[f64]| {
                let (a, b) = row.split_at(half);
                a.iter().zip(b).map(|(a, b)| a / (1.0 + (-b).exp())).collect::<Vec<_>>()
            };
            x.chunks(2 * half).flat_map(row).collect::<Vec<_>>()
        };
        let mut y = vec![f32::NAN; dy.len()];
        layer.forward(n, &x, &mut y);
        assert_close(&y, &f(&wide(&x)), 3e-7);
        assert_writes(|dx, write| layer.backward_input(n, &x, &dy, dx, write), &slope(f, &x, &dy), 2e-6);
    }
    let mut y = [0.0; 2];
    Glu { outer: 1, half: 2 }.forward(1, &[f32::NAN, 2.0, 1.0, -1e4], &mut y);
    assert!(y[0].is_nan() && y[1] == 0.0);
}
