//! Every optimizer against Keras's formulas in `f64` and against numbers that Keras gives; then clipping, errors and
//! saved state on a network of two parameters.

use super::*;
use crate::memory::mode::Mode;
use crate::memory::random::RandomKey;
use crate::network::info::NetworkInfo;
use crate::network::traits::{Gradients, Workspace};
use crate::parameters::gradient::Gradient;
use crate::tensor::name::Name;
use crate::tensor::param::Param;

const WEIGHTS: [f32; 4] = [0.5, -0.25, 1e-3, 2.0];
/// Ordinary, tiny and no gradients.
const GRADIENTS: [[f32; 4]; 5] = [
    [0.1, -0.2, 1e-9, 0.0],
    [0.3, 0.1, -1e-9, 0.0],
    [-0.5, 0.0, 2e-9, 0.0],
    [0.2, 0.2, 1e-9, 0.0],
    [1.0, -3.0, 0.0, 0.0],
];

/// The weights after the five steps, through `OptimizerFor`.
fn trained<O: Optimizer>(optimizer: O) -> Vec<f32> {
    let mut net = Pair::new(0);
    net.first.values_mut().copy_from_slice(&WEIGHTS);
    let mut optimizer = optimizer.for_network(&net);
    for gradient in GRADIENTS {
        optimizer.step(&mut net, &slopes(&gradient, &[0.0; 2])).unwrap();
    }
    net.first.values().to_vec()
}

/// The weights after five steps of a rule for one weight: weight, gradient, step from 1, two moments.
fn naive(decay: f64, mut rule: impl FnMut(&mut f64, f64, i32, &mut [f64; 3])) -> Vec<f64> {
    let train = |index: usize| {
        let mut weight = f64::from(WEIGHTS[index]);
        let mut moments = [0.0; 3];
        for (step, gradient) in (1..).zip(GRADIENTS) {
            weight -= weight * decay;
            rule(&mut weight, f64::from(gradient[index]), step, &mut moments);
        }
        weight
    };
    (0..4).map(train).collect()
}

/// Within `share` of the change that the steps made, and the rounding of the weight itself.
#[track_caller]
fn near(found: &[f32], expected: &[f64], share: f64) {
    for ((&found, &expected), begin) in found.iter().zip(expected).zip(WEIGHTS) {
        let tolerance = share * (expected - f64::from(begin)).abs() + 4e-7 * expected.abs();
        assert!((f64::from(found) - expected).abs() <= tolerance, "{found} for {expected}");
    }
}

#[test]
fn a_variance_that_rounding_makes_negative_leaves_the_weights_finite() {
    let rms_prop = RmsProp::new(1e-3).centered();
    let (mut param, mut moments) = ([0.0], rms_prop.moments(1));
    // Gradients that no longer change have no variance, and the averages of large ones are off by more than epsilon.
    for number in 1..=300 {
        let gradient = if number <= 50 { 20.0 } else { 10.0 };
        let step = Step { number, learning_rate: 1e-3, weight_decay: 0.0 };
        rms_prop.update(&step, &mut param, (&[gradient][..]).into(), &mut moments);
        assert!(param[0].is_finite(), "step {number}");
    }
}

#[test]
fn defaults_are_those_of_keras() {
    assert_eq!(Sgd::default(), Sgd::new(0.01));
    assert_eq!(Adam::default(), Adam::new(0.001));
    assert_eq!(AdamW::default(), AdamW::new(0.001).weight_decay(0.004));
    assert_eq!(RmsProp::default(), RmsProp::new(0.001).rho(0.9));
    assert_eq!(Adagrad::default(), Adagrad::new(0.001).initial_accumulator(0.1));
    assert_eq!(Adadelta::default(), Adadelta::new(0.001).rho(0.95));
    assert_eq!(Lion::default(), Lion::new(0.001).beta1(0.9).beta2(0.99));
}

#[test]
fn sgd_is_its_formula() {
    near(&trained(Sgd::new(0.1)), &naive(0.0, |w, g, _, _| *w -= 0.1 * g), 1e-6);
    let momentum = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        m[0] = 0.9 * m[0] - 0.1 * g;
        *w += m[0];
    };
    near(&trained(Sgd::new(0.1).momentum(0.9)), &naive(0.0, momentum), 1e-6);
    near(&trained(Sgd::new(0.1).momentum(0.9).weight_decay(0.1)), &naive(0.01, momentum), 1e-6);
    let nesterov = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        m[0] = 0.9 * m[0] - 0.1 * g;
        *w += 0.9 * m[0] - 0.1 * g;
    };
    near(&trained(Sgd::new(0.1).momentum(0.9).nesterov()), &naive(0.0, nesterov), 1e-6);
}

#[test]
fn adam_is_its_formula() {
    let adam = |beta1: f64, beta2: f64, epsilon: f64| {
        move |w: &mut f64, g: f64, step: i32, m: &mut [f64; 3]| {
            m[0] += (g - m[0]) * (1.0 - beta1);
            m[1] += (g * g - m[1]) * (1.0 - beta2);
            let alpha = 1e-2 * (1.0 - beta2.powi(step)).sqrt() / (1.0 - beta1.powi(step));
            *w -= m[0] * alpha / (m[1].sqrt() + epsilon);
        }
    };
    // As Keras, alpha is from powers in `f32`: hence the share.
    near(&trained(Adam::new(1e-2)), &naive(0.0, adam(0.9, 0.999, 1e-7)), 2e-5);
    let custom = Adam::new(1e-2).beta1(0.8).beta2(0.95).epsilon(1e-4);
    near(&trained(custom), &naive(0.0, adam(0.8, 0.95, 1e-4)), 2e-5);
    near(&trained(AdamW::new(1e-2)), &naive(0.004 * 1e-2, adam(0.9, 0.999, 1e-7)), 2e-5);
    let custom = AdamW::new(1e-2).beta1(0.8).beta2(0.95).epsilon(1e-4).weight_decay(0.5);
    near(&trained(custom), &naive(0.5 * 1e-2, adam(0.8, 0.95, 1e-4)), 2e-5);
}

#[test]
fn rms_prop_is_its_formula() {
    let rms = |rho: f64, momentum: f64, epsilon: f64, centered: bool| {
        move |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
            m[0] = rho * m[0] + (1.0 - rho) * g * g;
            m[1] = rho * m[1] + (1.0 - rho) * g;
            let variance = if centered { m[0] - m[1] * m[1] } else { m[0] };
            m[2] = momentum * m[2] + 1e-2 * g / (variance + epsilon).sqrt();
            *w -= m[2];
        }
    };
    near(&trained(RmsProp::new(1e-2)), &naive(0.0, rms(0.9, 0.0, 1e-7, false)), 2e-6);
    near(&trained(RmsProp::new(1e-2).momentum(0.5)), &naive(0.0, rms(0.9, 0.5, 1e-7, false)), 2e-6);
    near(&trained(RmsProp::new(1e-2).centered()), &naive(0.0, rms(0.9, 0.0, 1e-7, true)), 2e-6);
    let all = RmsProp::new(1e-2).rho(0.8).epsilon(1e-3).momentum(0.5).centered();
    near(&trained(all), &naive(0.0, rms(0.8, 0.5, 1e-3, true)), 2e-6);
}

/// Keras 3.15 on TensorFlow, after the same five steps.
#[test]
fn weights_are_those_of_keras() {
    #[track_caller]
    fn same(found: Vec<f32>, keras: [f32; 4]) {
        for (found, keras) in found.iter().zip(keras) {
            assert!((found - keras).abs() <= 1.3e-7 * keras.abs(), "{found} for {keras}");
        }
    }
    same(trained(Sgd::new(0.1)), [0.39, 0.039_999_99, 0.000_999_999_7, 2.0]);
    same(trained(Sgd::new(0.1).momentum(0.9)), [0.353_379, 0.059_512_02, 0.000_999_999_2, 2.0]);
    same(trained(Sgd::new(0.1).momentum(0.9).nesterov()), [0.258_041_08, 0.318_560_84, 0.000_999_999, 2.0]);
    same(trained(Adam::new(1e-2)), [0.476_915_66, -0.232_691_4, 0.000_984_008_4, 2.0]);
    same(trained(AdamW::new(1e-2)), [0.476_818_26, -0.232_643_41, 0.000_983_809_5, 1.999_6]);
    same(trained(RmsProp::new(1e-2)), [0.426_993_55, -0.224_373_94, 0.000_999_905_2, 2.0]);
    let centered = RmsProp::new(1e-2).momentum(0.5).centered();
    same(trained(centered), [0.376_599_46, -0.214_751_6, 0.000_999_84, 2.0]);
    same(trained(Adam::new(1e-2).clip_value(0.15)), [0.468_076_9, -0.239_660_14, 0.000_984_008_4, 2.0]);
    let clipped = [0.462_052_67, -0.231_026_35, 0.000_999_999_8, 2.0];
    same(trained(Sgd::new(0.1).clip_norm(0.3)), clipped);
    same(trained(Sgd::new(0.1).clip_global_norm(0.3)), clipped);
    same(trained(Sgd::new(0.1).weight_decay(0.1)), [0.365_985_13, 0.051_961_407, 0.000_950_989_9, 1.901_980_2]);
}

#[test]
fn the_others_are_their_formulas() {
    let adagrad = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        m[0] += g * g;
        *w -= 1e-2 * g / (0.1 + m[0] + 1e-7).sqrt();
    };
    near(&trained(Adagrad::new(1e-2)), &naive(0.0, adagrad), 2e-6);
    let adadelta = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        m[0] = 0.9 * m[0] + 0.1 * g * g;
        let change = -g * (m[1] + 1e-3).sqrt() / (m[0] + 1e-3).sqrt();
        m[1] = 0.9 * m[1] + 0.1 * change * change;
        *w += change;
    };
    near(&trained(Adadelta::new(1.0).rho(0.9).epsilon(1e-3)), &naive(0.0, adadelta), 2e-6);
    let adamax = |w: &mut f64, g: f64, step: i32, m: &mut [f64; 3]| {
        m[0] += (g - m[0]) * 0.2;
        m[1] = (0.95 * m[1]).max(g.abs());
        *w -= 1e-2 * m[0] / ((1.0 - 0.8_f64.powi(step)) * (m[1] + 1e-7));
    };
    near(&trained(Adamax::new(1e-2).beta1(0.8).beta2(0.95)), &naive(0.0, adamax), 2e-5);
    let nadam = |w: &mut f64, g: f64, step: i32, m: &mut [f64; 3]| {
        let u = |step: i32| 0.9 * (1.0 - 0.5 * 0.96_f64.powi(step));
        let product = |steps: i32| (1..=steps).map(u).product::<f64>();
        m[0] += (g - m[0]) * 0.1;
        m[1] += (g * g - m[1]) * 0.001;
        let direction = u(step + 1) * m[0] / (1.0 - product(step + 1)) + (1.0 - u(step)) * g / (1.0 - product(step));
        *w -= 1e-2 * direction / ((m[1] / (1.0 - 0.999_f64.powi(step))).sqrt() + 1e-7);
    };
    near(&trained(Nadam::new(1e-2)), &naive(0.0, nadam), 2e-5);
    let lion = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        let direction = 0.9 * m[0] + 0.1 * g;
        *w -= if direction == 0.0 { 0.0 } else { 1e-2 * direction.signum() };
        m[0] = 0.99 * m[0] + 0.01 * g;
    };
    near(&trained(Lion::new(1e-2)), &naive(0.0, lion), 2e-6);
    let amsgrad = |w: &mut f64, g: f64, step: i32, m: &mut [f64; 3]| {
        m[0] += (g - m[0]) * 0.1;
        m[1] += (g * g - m[1]) * 0.3;
        m[2] = m[2].max(m[1]);
        let alpha = 1e-2 * (1.0 - 0.7_f64.powi(step)).sqrt() / (1.0 - 0.9_f64.powi(step));
        *w -= m[0] * alpha / (m[2].sqrt() + 1e-7);
    };
    near(&trained(Adam::new(1e-2).beta2(0.7).amsgrad()), &naive(0.0, amsgrad), 2e-5);
    near(&trained(AdamW::new(1e-2).beta2(0.7).amsgrad().weight_decay(0.5)), &naive(5e-3, amsgrad), 2e-5);
    let ftrl = |w: &mut f64, g: f64, _: i32, m: &mut [f64; 3]| {
        let (before, after) = (0.1 + m[0], 0.1 + m[0] + g * g);
        m[1] += g + 0.2 * *w - (after.sqrt() - before.sqrt()) / 0.5 * *w;
        *w = (m[1].clamp(-0.05, 0.05) - m[1]) / (after.sqrt() / 0.5 + 0.4);
        m[0] += g * g;
    };
    let found = trained(Ftrl::new(0.5).l1(0.05).l2(0.2).shrinkage(0.1));
    near(&found, &naive(0.0, ftrl), 2e-6);
    near(&trained(Ftrl::new(0.5).l1(0.05).beta(0.2).shrinkage(0.1)), &naive(0.0, ftrl), 2e-6);
    assert_eq!(trained(Ftrl::new(0.0)), WEIGHTS);
}

#[test]
fn lamb_moves_a_parameter_by_its_own_size() {
    let (beta1, beta2, epsilon, rate, decay) = (0.8, 0.95, 1e-4, 0.1, 0.5);
    let mut weights = WEIGHTS.map(f64::from);
    let (mut m, mut v) = ([0.0; 4], [0.0; 4]);
    for (step, gradient) in (1..).zip(GRADIENTS) {
        let mut update = [0.0; 4];
        for i in 0..4 {
            let g = f64::from(gradient[i]);
            weights[i] -= weights[i] * decay * rate;
            m[i] += (g - m[i]) * (1.0 - beta1);
            v[i] += (g * g - v[i]) * (1.0 - beta2);
            let root = (v[i] / (1.0 - beta2.powi(step))).sqrt() + epsilon;
            update[i] = m[i] / (1.0 - beta1.powi(step)) / root;
        }
        let norm = |values: &[f64; 4]| values.iter().map(|v| v * v).sum::<f64>().sqrt();
        let ratio = norm(&weights) / norm(&update);
        weights.iter_mut().zip(update).for_each(|(w, u)| *w -= rate * ratio * u);
    }
    let lamb = Lamb::new(rate as f32).beta1(beta1).beta2(beta2).epsilon(epsilon as f32).weight_decay(decay as f32);
    near(&trained(lamb), &weights, 2e-5);
    // Without a size there is a step all the same, and without a gradient none.
    let mut net = Pair::new(0);
    let mut lamb = Lamb::new(0.5).for_network(&net);
    lamb.step(&mut net, &slopes(&[1.0; 4], &[0.0; 2])).unwrap();
    assert!(net.first.values().iter().all(|w| (w + 0.5).abs() < 1e-5), "{:?}", net.first.values());
    assert_eq!(net.second.values(), [0.0; 2]);
}

#[test]
fn what_is_left_out_of_decay_does_not_decay() {
    let decayed = |optimizer: Adam| {
        let mut net = Pair::new(0);
        net.first.values_mut().fill(1.0);
        net.second.values_mut().fill(1.0);
        optimizer
            .for_network(&net)
            .step(&mut net, &slopes(&[0.0; 4], &[0.0; 2]))
            .map(|()| (net.first.values()[0], net.second.values()[0]))
    };
    let adam = || Adam::new(0.1).weight_decay(0.5);
    assert_eq!(decayed(adam()).unwrap(), (0.95, 0.95));
    assert_eq!(decayed(adam().exclude_from_weight_decay(["bias"])).unwrap(), (0.95, 1.0));
    assert_eq!(decayed(adam().exclude_from_weight_decay(["first", "bias"])).unwrap(), (1.0, 1.0));
    let error = decayed(adam().exclude_from_weight_decay(["bias", "gama"])).unwrap_err().to_string();
    assert_eq!(error, "`exclude_from_weight_decay` has `gama`, but no parameter has that in its name");
}

#[test]
fn averages_follow_the_weights_and_replace_them() {
    for every in [None, Some(2)] {
        let mut sgd = Sgd::new(0.1).average_weights(0.75);
        if let Some(steps) = every {
            sgd = sgd.overwrite_weights_every(steps);
        }
        let mut net = Pair::new(0);
        net.first.values_mut().copy_from_slice(&WEIGHTS);
        let mut sgd = sgd.for_network(&net);
        let (mut weights, mut average) = (WEIGHTS.map(f64::from), [0.0; 4]);
        sgd.use_averages(&mut net);
        assert_eq!(net.first.values(), WEIGHTS, "there are none yet");
        for (step, gradient) in (1..).zip(GRADIENTS) {
            sgd.step(&mut net, &slopes(&gradient, &[0.0; 2])).unwrap();
            let momentum = if step == 1 { 0.0 } else { 0.75 };
            for i in 0..4 {
                weights[i] -= 0.1 * f64::from(gradient[i]);
                average[i] = momentum * average[i] + (1.0 - momentum) * weights[i];
            }
            if every.is_some_and(|every| step % every == 0) {
                weights = average;
            }
            near(net.first.values(), &weights, 1e-5);
        }
        sgd.use_averages(&mut net);
        near(net.first.values(), &average, 1e-5);
    }
    let problem = |sgd: Sgd| sgd.validate().unwrap_err().to_string();
    assert_eq!(
        problem(Sgd::new(0.1).average_weights(1.5)),
        "the momentum of averaged weights should be from 0 to 1, but is 1.5"
    );
    assert_eq!(problem(Sgd::new(0.1).overwrite_weights_every(0)), "`overwrite_weights_every` needs at least one step");
}

#[test]
fn each_norm_and_the_norm_of_all_are_two_things() {
    let change = |optimizer: Sgd| {
        let mut net = Pair::new(0);
        optimizer.for_network(&net).step(&mut net, &slopes(&[3.0, 0.0, 0.0, -4.0], &[0.0, 12.0])).unwrap();
        (net.first.values().to_vec(), net.second.values().to_vec())
    };
    let plain = (vec![-3.0, 0.0, 0.0, 4.0], vec![0.0, -12.0]);
    assert_eq!(change(Sgd::new(1.0)), plain);
    assert_eq!(change(Sgd::new(1.0).clip_value(3.5)), (vec![-3.0, 0.0, 0.0, 3.5], vec![0.0, -3.5]));
    assert_eq!(change(Sgd::new(1.0).clip_norm(10.0)), (plain.0.clone(), vec![0.0, -10.0]));
    assert_eq!(change(Sgd::new(1.0).clip_global_norm(6.5)), (vec![-1.5, 0.0, 0.0, 2.0], vec![0.0, -6.0]));
    assert_eq!(change(Sgd::new(1.0).clip_global_norm(13.0)), plain);
}

#[test]
fn a_statistic_takes_its_own_step_and_nothing_else() {
    let mut net = Pair::new(0);
    net.first.values_mut().fill(1.0);
    net.second.values_mut().fill(1.0);
    net.second = net.second.clone().into_statistic();
    let adam = Adam::new(1.0).weight_decay(0.5).clip_global_norm(1.0);
    let mut adam = adam.for_network(&net);
    assert!(adam.state().all(|(name, ..)| name.starts_with("first.")));
    let mut gradients = slopes(&[3.0, 0.0, 0.0, -4.0], &[12.0, -0.25]);
    gradients.second = gradients.second.clone().into_statistic();
    adam.step(&mut net, &gradients).unwrap();
    assert_eq!(net.second.values(), [13.0, 0.75]);
    // The norm is that of the trained alone: 5, and not 13.
    let velocity = adam.state().find(|(name, ..)| name == "first.kernel.velocity").unwrap().2[0];
    assert!((velocity - 0.36 * 1e-3).abs() < 1e-8, "{velocity}");
}

#[test]
fn a_schedule_is_asked_for_the_step_before_it_is_done() {
    let mut net = Pair::new(0);
    let mut sgd = Sgd::new(Schedule::piecewise([0, 1], [1.0, 10.0, 100.0])).for_network(&net);
    for (rate, weight) in [(1.0, -1.0), (10.0, -11.0), (100.0, -111.0), (100.0, -211.0)] {
        assert_eq!(sgd.learning_rate(), rate);
        sgd.step(&mut net, &slopes(&[1.0; 4], &[1.0; 2])).unwrap();
        assert_eq!(net.first.values(), [weight; 4]);
    }
    sgd.settings_mut().learning_rate = 0.0.into();
    sgd.step(&mut net, &slopes(&[1.0; 4], &[1.0; 2])).unwrap();
    assert_eq!((net.second.values(), sgd.steps()), (&[-211.0; 2][..], 5));
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing() {
    for (value, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let mut net = Pair::new(0);
        let before = net.first.version();
        let gradients = slopes(&[1.0; 4], &[0.0, value]);
        let mut adam = Adam::new(0.1).for_network(&net);
        assert!(adam.find_not_finite(&gradients).is_some_and(|(what, _)| what == "the gradient of `second.bias`"));
        let error = adam.step(&mut net, &gradients).unwrap_err().to_string();
        let expected = format!("the gradient of `second.bias` is {shown}; the weights are those of before this step");
        assert_eq!(error, expected);
        assert_eq!((net.first.version(), adam.steps()), (before, 0));
        assert!(adam.state().all(|(_, _, values)| values.iter().all(|&v| v == 0.0)));
    }
}

/// One step with this gradient, of its finite bits: whether it was done. If so, weights and moments are finite, and if not, they are as before.
fn step_is_done<O: Optimizer>(optimizer: O, gradient: f32) -> bool {
    let mut net = Pair::new(0);
    let (mut optimizer, before) = (optimizer.for_network(&net), net.first.values().to_vec());
    let done = optimizer.step(&mut net, &slopes(&[1.0, -gradient, gradient, 0.0], &[gradient; 2]));
    let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
    assert!(finite(net.first.values()) && finite(net.second.values()));
    assert!(optimizer.state().all(|(_, _, values)| finite(values)));
    if let Err(error) = &done {
        let told = format!("computes of {:e} in the gradient of `first.kernel` is inf; ", -gradient);
        assert!(error.to_string().contains(&told), "{error}");
        assert_eq!(net.first.values(), before);
    }
    done.is_ok()
}

#[test]
fn a_gradient_is_used_as_long_as_nothing_becomes_infinite_of_it() {
    let below = settings::LARGEST_SQUARED;
    assert!((below * below).is_finite() && (below.next_up() * below.next_up()).is_infinite());
    for gradient in [below, below.next_up(), 1e30, f32::MAX] {
        let squared = gradient <= below;
        assert_eq!(step_is_done(Adam::new(0.1), gradient), squared);
        assert_eq!(step_is_done(AdamW::new(0.1), gradient), squared);
        assert_eq!(step_is_done(RmsProp::new(0.1), gradient), squared);
        assert_eq!(step_is_done(RmsProp::new(0.1).centered().momentum(0.5), gradient), squared);
        assert_eq!(step_is_done(Sgd::new(0.1).momentum(0.5).nesterov(), gradient), gradient < f32::MAX);
        assert_eq!(step_is_done(Adam::new(0.1).amsgrad(), gradient), squared);
        assert_eq!(step_is_done(Adagrad::new(0.1), gradient), squared);
        assert_eq!(step_is_done(Adadelta::new(0.1), gradient), squared);
        assert_eq!(step_is_done(Adamax::new(0.1), gradient), gradient < f32::MAX);
        assert_eq!(step_is_done(Nadam::new(0.1), gradient), squared);
        assert_eq!(step_is_done(Lamb::new(0.1), gradient), squared);
        assert_eq!(step_is_done(Lion::new(0.1), gradient), gradient < f32::MAX);
        assert_eq!(step_is_done(Ftrl::new(0.1), gradient), squared);
        assert_eq!(step_is_done(Sgd::new(1e9), gradient), gradient <= 1e28);
        // Clipped first, and of any length.
        assert!(step_is_done(Adam::new(0.1).clip_value(1.0), gradient));
        assert!(step_is_done(Adam::new(0.1).clip_norm(1.0), gradient));
        assert!(step_is_done(RmsProp::new(0.1).clip_global_norm(1.0), gradient));
        assert_eq!(step_is_done(Adam::new(0.1).clip_value(1e30), gradient), squared);
    }
}

#[test]
fn settings_that_make_no_sense_are_an_error_of_the_first_step() {
    fn problem<O: Optimizer>(optimizer: O) -> String {
        let mut net = Pair::new(0);
        let mut optimizer = optimizer.for_network(&net);
        optimizer.step(&mut net, &slopes(&[1.0; 4], &[1.0; 2])).unwrap_err().to_string()
    }
    assert_eq!(problem(Adam::new(-0.1)), "the learning rate should be at least 0, but is -0.1");
    assert_eq!(problem(Adam::new(0.1).beta1(1.0)), "`beta1` should be from 0 to below 1, but is 1");
    assert_eq!(problem(Adam::new(0.1).beta2(-1.0)), "`beta2` should be from 0 to below 1, but is -1");
    assert_eq!(problem(AdamW::new(0.1).epsilon(0.0)), "`epsilon` should be above 0, but is 0");
    assert_eq!(problem(AdamW::new(0.1).weight_decay(-1.0)), "`weight_decay` should be at least 0, but is -1");
    assert_eq!(problem(Sgd::new(0.1).momentum(1.5)), "`momentum` should be from 0 to 1, but is 1.5");
    assert_eq!(problem(RmsProp::new(0.1).rho(f64::NAN)), "`rho` should be from 0 to below 1, but is NaN");
    assert_eq!(problem(Sgd::new(0.1).clip_norm(0.0)), "`clip_norm` should be above 0, but is 0");
    assert_eq!(
        problem(Sgd::new(0.1).clip_norm(1.0).clip_value(1.0)),
        "only one of `clip_value`, `clip_norm` and `clip_global_norm` can be used, as in Keras"
    );
}

#[test]
fn saved_and_restored_it_goes_on_to_the_bit() {
    fn goes_on<O: Optimizer>(optimizer: O, names: &[&str]) {
        let mut net = Pair::new(0);
        let mut first = optimizer.clone().for_network(&net);
        for gradient in &GRADIENTS[..3] {
            first.step(&mut net, &slopes(gradient, &gradient[..2])).unwrap();
        }
        assert_eq!(first.state().map(|(name, ..)| name).collect::<Vec<_>>(), names);
        let mut other_net = net.clone();
        let mut second = optimizer.for_network(&other_net);
        let saved: Vec<_> = first.state().collect();
        let find = |wanted: &str| saved.iter().find(|(name, ..)| name == wanted).map(|&(_, d, v)| (d, v));
        second.restore(first.steps(), find).unwrap();
        for gradient in &GRADIENTS[3..] {
            first.step(&mut net, &slopes(gradient, &gradient[..2])).unwrap();
            second.step(&mut other_net, &slopes(gradient, &gradient[..2])).unwrap();
        }
        assert_eq!(net.first.values(), other_net.first.values());
        assert_eq!(net.second.values(), other_net.second.values());
    }
    goes_on(Sgd::new(0.1), &[]);
    goes_on(Sgd::new(0.1).momentum(0.5), &["first.kernel.momentum", "second.bias.momentum"]);
    let both = ["first.kernel.momentum", "first.kernel.velocity", "second.bias.momentum", "second.bias.velocity"];
    goes_on(Adam::new(Schedule::exponential(0.1, 2, 0.5)), &both);
    goes_on(RmsProp::new(0.1), &["first.kernel.velocity", "second.bias.velocity"]);
    goes_on(Nadam::new(0.1), &both);
    goes_on(Lamb::new(0.1), &both);
    let all = |moments: &[&str]| -> Vec<String> {
        let of = |param: &str| moments.iter().map(|moment| format!("{param}.{moment}")).collect::<Vec<_>>();
        ["first.kernel", "second.bias"].iter().flat_map(|param| of(param)).collect()
    };
    fn named<O: Optimizer>(optimizer: O, names: Vec<String>, goes_on: impl Fn(O, &[&str])) {
        goes_on(optimizer, &names.iter().map(String::as_str).collect::<Vec<_>>());
    }
    named(Adam::new(0.1).amsgrad(), all(&["momentum", "velocity", "largest_velocity"]), goes_on);
    named(Adagrad::new(0.1), all(&["accumulator"]), goes_on);
    named(Adadelta::new(0.1), all(&["accumulated_gradient", "accumulated_change"]), goes_on);
    named(Adamax::new(0.1), all(&["momentum", "norm"]), goes_on);
    named(Lion::new(0.1), all(&["momentum"]), goes_on);
    named(Ftrl::new(0.1), all(&["accumulator", "linear"]), goes_on);
    named(Sgd::new(0.1).average_weights(0.5).overwrite_weights_every(4), all(&["average"]), goes_on);
}

#[test]
fn a_state_that_does_not_fit_is_an_error_that_changes_nothing() {
    let net = Pair::new(0);
    let mut adam = Adam::new(0.1).for_network(&net);
    let error = adam.restore(7, |name| (!name.ends_with("bias.velocity")).then_some((&[2], &[1.0; 2])));
    assert_eq!(
        error.unwrap_err().to_string(),
        "`first.kernel.momentum` of the saved training state should have shape [2, 2], but has [2] with 2 elements"
    );
    let error = adam.restore(7, |name| match name {
        "second.bias.velocity" => None,
        "second.bias.momentum" => Some((&[2][..], &[1.0; 2][..])),
        _ => Some((&[2, 2], &[1.0; 4])),
    });
    assert_eq!(error.unwrap_err().to_string(), "the saved training state has no `second.bias.velocity`");
    assert_eq!(adam.steps(), 0);
    assert!(adam.state().all(|(_, _, values)| values.iter().all(|&v| v == 0.0)));
}

#[test]
fn moments_decay_to_zero_and_not_into_subnormals() {
    let mut net = Pair::new(0);
    let mut adam = Adam::new(0.1).beta2(0.9).for_network(&net);
    adam.step(&mut net, &slopes(&[1e-3; 4], &[-1e-3; 2])).unwrap();
    for _ in 0..900 {
        adam.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap();
        assert!(adam.state().all(|(_, _, values)| values.iter().all(|v| *v == 0.0 || v.is_normal())));
    }
    assert!(adam.state().all(|(_, _, values)| values.iter().all(|&v| v == 0.0)));
}

/// Two parameters, and nothing to compute with them.
#[derive(Clone)]
struct Pair {
    first: Param,
    second: Param,
}

#[derive(Clone)]
struct PairGradients {
    first: Gradient,
    second: Gradient,
}

fn slopes(first: &[f32], second: &[f32]) -> PairGradients {
    let mut gradients = PairGradients::zeros();
    gradients.first.values_mut().copy_from_slice(first);
    gradients.second.values_mut().copy_from_slice(second);
    gradients
}

struct Nothing;

impl Workspace for Nothing {
    fn new(_capacity: usize) -> Self {
        Self
    }

    fn set_arithmetic(&mut self, _: crate::memory::mode::Arithmetic) {}

    fn set_random(&mut self, _key: RandomKey) {}
}

#[derive(Clone, Copy)]
struct NoInputs;

impl crate::network::traits::Inputs for NoInputs {
    fn samples(&self) -> Result<usize, Error> {
        Ok(0)
    }

    fn slice(&self, _range: std::ops::Range<usize>) -> Self {
        *self
    }
}

impl Gradients for PairGradients {
    fn zeros() -> Self {
        Self { first: Gradient::zeros(&[2, 2]), second: Gradient::zeros(&[2]) }
    }

    fn visit(&self, visitor: &mut dyn FnMut(Name<'_>, &Gradient)) {
        visitor(Name::new("first.kernel"), &self.first);
        visitor(Name::new("second.bias"), &self.second);
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Gradient)) {
        visitor(Name::new("first.kernel"), &mut self.first);
        visitor(Name::new("second.bias"), &mut self.second);
    }
}

impl Network for Pair {
    type Inputs<'a> = NoInputs;
    type Outputs = ();
    type OutputViews<'w> = ();
    type Workspace = Nothing;
    type Gradients = PairGradients;

    const INFO: &'static NetworkInfo = &NetworkInfo {
        name: "Pair",
        rows: &[],
        outputs: &[],
        parameters: 6,
        non_trainable_parameters: 0,
        multiply_adds: 0,
        inference_bytes: 0,
        training_bytes: 0,
    };

    fn new(_seed: u64) -> Self {
        Self { first: Param::zeros(&[2, 2]), second: Param::zeros(&[2]) }
    }

    fn forward(&self, _inputs: NoInputs, _mode: Mode, _workspace: &mut Nothing) -> Result<(), Error> {
        Ok(())
    }

    fn reserve((): &mut (), _: usize) -> Result<(), Error> {
        Ok(())
    }

    fn append((): &mut (), (): ()) {}

    fn visit<'p>(&'p self, visitor: crate::network::traits::ParamVisitor<'_, 'p>) {
        visitor(Name::new("first.kernel"), &self.first);
        visitor(Name::new("second.bias"), &self.second);
    }

    fn visit_mut(&mut self, visitor: &mut dyn FnMut(Name<'_>, &mut Param)) {
        visitor(Name::new("first.kernel"), &mut self.first);
        visitor(Name::new("second.bias"), &mut self.second);
    }

    fn visit_with_gradients(
        &mut self,
        gradients: &PairGradients,
        visitor: &mut dyn FnMut(Name<'_>, &mut Param, &Gradient),
    ) {
        visitor(Name::new("first.kernel"), &mut self.first, &gradients.first);
        visitor(Name::new("second.bias"), &mut self.second, &gradients.second);
    }
}

#[test]
fn a_rate_that_grows_without_end_is_an_error_of_its_step() {
    let mut net = Pair::new(0);
    let mut sgd = Sgd::new(Schedule::exponential(1e38, 1, 10.0)).for_network(&net);
    sgd.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap();
    let error = sgd.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap_err().to_string();
    assert_eq!(error, "the learning rate of step 2 is inf");
    assert_eq!(sgd.steps(), 1);
}
