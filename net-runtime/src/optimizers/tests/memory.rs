//! What is remembered of a parameter, saved and restored.

use super::*;

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
    named(ScheduleFreeAdamW::new(0.1), all(&["place", "velocity"]), goes_on);
    let of_both = ["first.kernel.momentum", "second.bias.momentum", "second.bias.velocity"];
    goes_on(Muon::new(0.1), &of_both);
    goes_on(Muon::new(0.1).exclude(["first"]), &both);
    let of_both = ["first.kernel.row_velocity", "first.kernel.column_velocity", "second.bias.velocity"];
    goes_on(Adafactor::new(0.1), &of_both);
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
