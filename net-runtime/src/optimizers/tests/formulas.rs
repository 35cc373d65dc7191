//! Every optimizer against Keras's formulas in `f64` and against numbers that Keras gives.

use super::*;

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

#[test]
fn a_variance_that_rounding_makes_negative_leaves_the_weights_finite() {
    let rms_prop = RmsProp::new(1e-3).centered();
    let (mut param, mut moments) = ([0.0], rms_prop.moments(Parameter { name: "x", dims: &[1], values: &[0.0] }));
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

/// What no matrix is, and what is kept from being one, takes AdamW's steps, with a weight decay of its own.
#[test]
fn muon_leaves_to_adam_what_is_no_matrix() {
    let trained = |optimizer: Muon| {
        let mut net = Pair::new(0);
        net.first.values_mut().copy_from_slice(&WEIGHTS);
        net.second.values_mut().copy_from_slice(&WEIGHTS[..2]);
        let mut optimizer = optimizer.for_network(&net);
        for gradient in GRADIENTS {
            optimizer.step(&mut net, &slopes(&gradient, &gradient[..2])).unwrap();
        }
        net
    };
    let mut adam = Pair::new(0);
    adam.first.values_mut().copy_from_slice(&WEIGHTS);
    adam.second.values_mut().copy_from_slice(&WEIGHTS[..2]);
    let mut of_adam = AdamW::new(0.02).weight_decay(0.3).for_network(&adam);
    for gradient in GRADIENTS {
        of_adam.step(&mut adam, &slopes(&gradient, &gradient[..2])).unwrap();
    }
    let muon = Muon::new(0.1).adam_rate_ratio(0.2).adam_weight_decay(0.3 * 0.2);
    // Decay goes by the learning rate itself, 5 times that of Adam's steps.
    let found = trained(muon.clone().exclude(["kernel"]));
    for (found, expected) in [(&found.first, &adam.first), (&found.second, &adam.second)] {
        for (found, expected) in found.values().iter().zip(expected.values()) {
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
    }
    assert_ne!(trained(muon).first.values(), found.first.values());
    let mut unknown = Muon::new(0.1).exclude(["dense"]).for_network(&adam);
    let error = unknown.step(&mut adam, &slopes(&GRADIENTS[0], &[0.0; 2])).unwrap_err().to_string();
    assert_eq!(error, "`exclude` has `dense`, but no parameter has that in its name");
    // A name with `embedding` in it stays no matrix.
    let of = |name| Muon::new(0.1).moments(Parameter { name, dims: &[2, 3], values: &[0.0; 6] }).as_ref()[1].len();
    assert_eq!([of("text_embedding.embeddings"), of("class_dense.kernel")], [6, 0]);
}

#[test]
fn schedule_free_steps_are_their_formula() {
    let optimizer = ScheduleFreeAdamW::new(0.05).beta1(0.8).beta2(0.9).warmup_steps(4).weight_decay(0.1);
    // Where the steps lead, the average of all such places, the velocity.
    let expected = naive(0.1 * 0.05, |w, g, step, [z, x, v]| {
        let t = f64::from(step);
        if step == 1 {
            *z = *w / (1.0 - 0.1 * 0.05);
        }
        // The average that a decayed weight stands for.
        *x = (*w - 0.2 * *z) / 0.8;
        *v += (g * g - *v) * 0.1;
        let rate = 0.05 * (t / 4.0).min(1.0);
        *z -= rate * g / ((*v / (1.0 - 0.9_f64.powi(step))).sqrt() + 1e-8);
        *x += (*z - *x) / t;
        *w = 0.2 * *z + 0.8 * *x;
    });
    near(&trained(optimizer), &expected, 1e-5);
}

/// Of three axes, the last two are rows and columns.
#[test]
fn adafactor_is_its_formula() {
    let dims = [2, 2, 3];
    let start: Vec<f64> = (0..12).map(|i| 0.1 * f64::from(i) - 0.4).collect();
    let gradients: Vec<Vec<f64>> =
        (0..3).map(|t| (0..12).map(|i| f64::from((i * 7 + t * 5) % 11) - 4.5).collect()).collect();
    let mut param: Vec<f32> = start.iter().map(|&w| w as f32).collect();
    let adafactor = Adafactor::new(0.7).weight_decay(0.1);
    let mut moments = adafactor.moments(Parameter { name: "x", dims: &dims, values: &param });
    let (mut w, mut r, mut c) = (start, [0.0; 4], [0.0; 6]);
    let rms = |x: &[f64]| (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt();
    for (number, gradient) in (1..).zip(&gradients) {
        let step = Step { number, learning_rate: 0.7, weight_decay: 0.1 };
        let of_f32: Vec<f32> = gradient.iter().map(|&g| g as f32).collect();
        adafactor.update(&step, &mut param, of_f32[..].into(), &mut moments);
        w.iter_mut().for_each(|w| *w -= *w * 0.1 * 0.7);
        let t = number as f64;
        let (rate, beta) = (0.7_f64.min(1.0 / t.sqrt()), 1.0 - t.powf(-0.8));
        let square = |matrix: usize, row: usize, column: usize| gradient[matrix * 6 + row * 3 + column].powi(2) + 1e-30;
        for (at, r) in r.iter_mut().enumerate() {
            let mean = (0..3).map(|column| square(at / 2, at % 2, column)).sum::<f64>() / 3.0;
            *r = beta * *r + (1.0 - beta) * mean;
        }
        for (at, c) in c.iter_mut().enumerate() {
            let mean = (0..2).map(|row| square(at / 3, row, at % 3)).sum::<f64>() / 2.0;
            *c = beta * *c + (1.0 - beta) * mean;
        }
        let v = |at: usize| {
            let (matrix, row, column) = (at / 6, at / 3 % 2, at % 3);
            r[matrix * 2 + row] / ((r[matrix * 2] + r[matrix * 2 + 1]) / 2.0) * c[matrix * 3 + column]
        };
        let u: Vec<f64> = (0..12).map(|at| gradient[at] / v(at).sqrt()).collect();
        let (size, limit) = (rms(&w).max(1e-3), rms(&u).max(1.0));
        w.iter_mut().zip(&u).for_each(|(w, u)| *w -= size * rate * u / limit);
        for (found, expected) in param.iter().zip(&w) {
            assert!((f64::from(*found) - expected).abs() < 1e-6, "step {number}: {found} for {expected}");
        }
    }
}

/// Parameters so long that several threads take parts of them.
#[test]
fn long_parameters_move_the_same_on_any_number_of_threads() {
    fn moved<O: Optimizer>(optimizer: &O, threads: usize) -> Vec<f32> {
        let dims = [600, 500];
        let numbers = |salt: usize| -> Vec<f32> {
            (0..300_000).map(|i| ((i * 7919 + salt * 104_729) % 1009) as f32 / 504.5 - 1.0).collect()
        };
        let (mut param, gradient) = (numbers(1), numbers(2));
        let mut moments = optimizer.moments(Parameter { name: "x", dims: &dims, values: &param });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let step = Step { number: 1, learning_rate: 0.1, weight_decay: 0.01 };
        pool.install(|| optimizer.update(&step, &mut param, gradient[..].into(), &mut moments));
        param
    }
    fn check<O: Optimizer>(optimizer: O) {
        let expected = moved(&optimizer, 1);
        for threads in [2, 3] {
            assert!(moved(&optimizer, threads) == expected, "{}: {threads} threads", O::NAME);
        }
    }
    check(Lamb::new(0.1));
    check(Adafactor::new(0.1));
    check(Muon::new(0.1));
    check(ScheduleFreeAdamW::new(0.1));
}
