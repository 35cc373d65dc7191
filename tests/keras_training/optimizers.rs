//! Five steps of every optimizer, weights compared after each, and of some after fifty.

use net_runtime::optimizers::Schedule;
use net_runtime::prelude::*;

use crate::schedules::schedules;
use tests_common::keras::answers::Answers;
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

network! {
    network Net(x: [3]) -> (y: [4]) {
        let y = x -> Dense(4, name = layer);
    }
}

/// Trains with the gradients of the file and compares.
fn compare(case: &str, optimizer: impl Optimizer) -> Result<(), Error> {
    let answers = Answers::read("optimizers");
    let root = answers.root();
    let mut net = Net::new(0);
    harness::set_weights(&mut net, |name| root.at("given").at(harness::kind(name)));
    let mut gradients = NetGradients::zeros();
    let mut optimizer = optimizer.for_network(&net);
    let steps = root.at("gradients").list();
    let after = answers.case(case).at("weights").list();
    assert_eq!(steps.len(), after.len(), "steps of {case}");
    for (given, weights) in steps.iter().zip(&after) {
        gradients.visit_mut(&mut |name, gradient| {
            gradient.values_mut().copy_from_slice(&given.at(harness::kind(&name.to_string())).tensor());
        });
        optimizer.step(&mut net, &gradients)?;
        net.visit(&mut |name, param| {
            weights.at(harness::kind(&name.to_string())).check(param.values(), Tolerance::ELEMENTWISE)
        });
    }
    let case = answers.case(case);
    let Some(weights) = case.get("fifty") else { return Ok(()) };
    for step in steps.len()..50 {
        let (given, share) = (&steps[step % steps.len()], 0.5_f32.powi(step as i32 / 10));
        gradients.visit_mut(&mut |name, gradient| {
            gradient.values_mut().copy_from_slice(&given.at(harness::kind(&name.to_string())).tensor());
            gradient.values_mut().iter_mut().for_each(|value| *value *= share);
        });
        optimizer.step(&mut net, &gradients)?;
    }
    optimizer.use_averages(&mut net);
    net.visit(&mut |name, param| {
        weights.at(harness::kind(&name.to_string())).check(param.values(), Tolerance::NETWORK);
    });
    Ok(())
}

macro_rules! optimizers {
    ($($case:ident: $optimizer:expr;)+) => {
        $(#[test]
        fn $case() -> Result<(), Error> {
            compare(stringify!($case), $optimizer)
        })+

        #[test]
        fn every_case_is_compared() {
            let scheduled: Vec<_> =
                schedules().iter().flat_map(|(name, _)| [format!("sgd_{name}"), format!("adam_{name}")]).collect();
            let mut compared = vec![$(stringify!($case)),+];
            compared.extend(scheduled.iter().map(String::as_str));
            harness::assert_all_compared("optimizers", &compared);
        }
    };
}

#[test]
fn every_schedule_moves_the_weights_as_in_keras() -> Result<(), Error> {
    for (name, schedule) in schedules() {
        compare(&format!("sgd_{name}"), Sgd::new(schedule.clone()))?;
        compare(&format!("adam_{name}"), Adam::new(schedule))?;
    }
    Ok(())
}

optimizers! {
    sgd: Sgd::new(0.01);
    sgd_momentum: Sgd::new(0.1).momentum(0.9);
    sgd_nesterov: Sgd::new(0.1).momentum(0.9).nesterov();
    sgd_weight_decay: Sgd::new(0.01).weight_decay(0.1);
    adam: Adam::new(1e-3);
    adam_large_rate: Adam::new(0.1);
    adam_betas: Adam::new(1e-3).beta1(0.5).beta2(0.9).epsilon(1e-3);
    adamw: AdamW::new(1e-3);
    adamw_decay: AdamW::new(0.01).weight_decay(0.1);
    rmsprop: RmsProp::new(1e-3);
    rmsprop_rho: RmsProp::new(1e-3).rho(0.5).epsilon(1e-3);
    rmsprop_momentum: RmsProp::new(1e-3).momentum(0.9);
    rmsprop_centered: RmsProp::new(1e-3).centered();
    rmsprop_centered_momentum: RmsProp::new(1e-3).momentum(0.9).centered();
    sgd_clipvalue: Sgd::new(0.01).clip_value(0.5);
    sgd_clipnorm: Sgd::new(0.01).clip_norm(1.0);
    sgd_global_clipnorm: Sgd::new(0.01).clip_global_norm(1.0);
    adam_clipvalue: Adam::new(1e-3).clip_value(0.5);
    adam_clipnorm: Adam::new(1e-3).clip_norm(1.0);
    adam_global_clipnorm: Adam::new(1e-3).clip_global_norm(1.0);
    rmsprop_clipvalue: RmsProp::new(1e-3).clip_value(0.5);
    rmsprop_clipnorm: RmsProp::new(1e-3).clip_norm(1.0);
    rmsprop_global_clipnorm: RmsProp::new(1e-3).clip_global_norm(1.0);
    sgd_clipnorm_wide: Sgd::new(0.01).clip_norm(1000.0);
    sgd_global_clipnorm_wide: Sgd::new(0.01).clip_global_norm(1000.0);
    adam_amsgrad: Adam::new(1e-3).beta2(0.9).amsgrad();
    adamw_amsgrad: AdamW::new(1e-3).beta2(0.9).amsgrad();
    adamw_without_bias: AdamW::new(1e-3).weight_decay(0.1).exclude_from_weight_decay(["bias"]);
    adagrad: Adagrad::new(0.1);
    adagrad_decay: Adagrad::new(1e-3).initial_accumulator(0.0).weight_decay(0.1);
    adadelta: Adadelta::new(1.0);
    adadelta_decay: Adadelta::new(1e-3).rho(0.8).epsilon(1e-3).weight_decay(0.1);
    adamax: Adamax::new(1e-3);
    adamax_decay: Adamax::new(1e-3).beta1(0.8).beta2(0.9).weight_decay(0.1);
    nadam: Nadam::new(1e-3);
    nadam_decay: Nadam::new(1e-3).beta1(0.8).beta2(0.9).weight_decay(0.1);
    lamb: Lamb::new(1e-3);
    lamb_decay: Lamb::new(1e-3).beta1(0.8).beta2(0.9).weight_decay(0.1);
    lion: Lion::new(1e-3);
    lion_decay: Lion::new(1e-3).beta1(0.8).beta2(0.9).weight_decay(0.1);
    ftrl: Ftrl::new(0.1);
    ftrl_all: Ftrl::new(0.1).l1(0.05).l2(0.1).shrinkage(0.01).beta(0.2).weight_decay(0.1);
    adafactor: Adafactor::new(1e-3);
    adafactor_decay: Adafactor::new(0.1)
        .beta2_decay(-0.5)
        .epsilon1(1e-8)
        .epsilon2(0.1)
        .clip_threshold(0.5)
        .weight_decay(0.1);
    muon: Muon::new(1e-3);
    muon_decay: Muon::new(0.01)
        .momentum(0.8)
        .without_nesterov()
        .iterations(3)
        .rms_rate(None)
        .adam_beta1(0.8)
        .adam_rate_ratio(0.5)
        .adam_weight_decay(0.2)
        .weight_decay(0.1);
    muon_excluded: Muon::new(1e-3).exclude(["kernel"]);
    sgd_ema: Sgd::new(0.01).average_weights(0.9);
    adam_ema_overwrite: Adam::new(0.01).average_weights(0.5).overwrite_weights_every(3);
    adamw_exponential: AdamW::new(Schedule::exponential(0.1, 4, 0.5)).weight_decay(0.1);
}
