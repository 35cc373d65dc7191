//! Activations against their formulas in f64, at their kinks, and on NaN and infinity.

use net_runtime::Write;
use net_runtime::activations::*;
use net_runtime::layers::Softmax;

use crate::reference::*;

const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.673_263_242_354_377_2];

fn all() -> [Activation; 14] {
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
    ]
}

/// The formulas as the documentation has them.
fn formula(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Linear => x,
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu { slope } => x.max(0.0) + f64::from(slope) * x.min(0.0),
        Activation::Elu { alpha } => x.max(0.0) + f64::from(alpha) * x.min(0.0).exp_m1(),
        Activation::Selu => SELU[0] * (x.max(0.0) + SELU[1] * x.min(0.0).exp_m1()),
        Activation::Gelu { approximate: false } => 0.5 * x * (1.0 + libm::erf(x / 2_f64.sqrt())),
        Activation::Gelu { approximate: true } => {
            0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x)).tanh())
        }
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Tanh => x.tanh(),
        Activation::Softplus => x.exp().ln_1p(),
    }
}

/// From -9.87 to 9.87, clear of the kinks at 0 and ±3.
fn points() -> Vec<f32> {
    (-987..=987).step_by(2).map(|i| i as f32 * 0.01).filter(|x| (x.abs() - 3.0).abs() > 1e-3).collect()
}

#[test]
fn values_and_derivatives_are_the_formulas() {
    let x = points();
    let dy = uniform(&mut rng(30), x.len());
    for activation in all() {
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
    assert!((f64::from(at(selu(), 0.0)) - SELU[0]).abs() < 1e-6);
    assert_eq!(at(hard_sigmoid(), -3.0), 0.0);
    assert_eq!(at(hard_sigmoid(), 3.0), 0.0);
}

#[test]
fn nan_goes_through_and_large_values_stay_finite() {
    for activation in all() {
        let mut y = [f32::NAN, 1e30, -1e30, 100.0, -100.0];
        activation.apply(&mut y);
        assert!(y[0].is_nan(), "{activation:?}");
        assert!(y[1..].iter().all(|y| y.is_finite()), "{activation:?}: {y:?}");
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
