//! Rates, decay, limits to gradients, and what is an error.

use super::*;
use crate::optimizers::settings::LARGEST_SQUARED;

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
    let below = LARGEST_SQUARED;
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
        assert_eq!(step_is_done(Adafactor::new(0.1), gradient), squared);
        assert_eq!(step_is_done(Muon::new(0.1), gradient), squared);
        assert_eq!(step_is_done(ScheduleFreeAdamW::new(0.1), gradient), squared);
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
fn a_rate_that_grows_without_end_is_an_error_of_its_step() {
    let mut net = Pair::new(0);
    let mut sgd = Sgd::new(Schedule::exponential(1e38, 1, 10.0)).for_network(&net);
    sgd.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap();
    let error = sgd.step(&mut net, &slopes(&[0.0; 4], &[0.0; 2])).unwrap_err().to_string();
    assert_eq!(error, "the learning rate of step 2 is inf");
    assert_eq!(sgd.steps(), 1);
}
