//! A network whose first layers are trained, frozen, and trained again, each time with a fresh optimizer: losses, weights and statistics.

use net_runtime::prelude::*;

use crate::networks::samples;
use tests_common::keras::answers::{Answers, Node};
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

network! {
    pub network Net(x: [7]) -> (y: [3]) {
        let y = x -> Dense(9, bias = false) -> BatchNorm(momentum = 0.8) -> relu
            -> Dense(5, bias = false) -> BatchNorm(momentum = 0.8) -> tanh -> Dense(3);
        loss y: MeanSquaredError;
    }
}
samples! { (x) -> (y) }

fn compare(name: &str, optimizer: impl Optimizer, tolerance: Tolerance) -> Result<(), Error> {
    let answers = Answers::read("thawing");
    let case = answers.case(name);
    let given = case.at("given");
    let samples = samples(&given);
    let mut net = Net::new(0);
    harness::set_weights(&mut net, |name| given.at("weights").at(name));
    for run in case.at("runs").list() {
        net.thaw("*")?;
        for layer in run.at("frozen").list() {
            net.freeze(layer.text())?;
        }
        let mut trainer = Trainer::new(net, optimizer.clone());
        let history = trainer.fit(&samples).epochs(2).batch_size(4).shuffle(false).silent().run()?;
        let losses = history.iter().next().expect("a loss").1;
        for (&loss, expected) in losses.iter().zip(run.at("losses").list()) {
            expected.check_number(loss, tolerance);
        }
        net = trainer.into_network();
        let weights = run.at("weights");
        assert_eq!(weights.fields().len(), harness::weight_count(&net), "{}", weights.path());
        net.visit(&mut |name, param| weights.at(&name.to_string()).check(param.values(), tolerance));
    }
    Ok(())
}

#[test]
fn momentum_begins_anew() -> Result<(), Error> {
    compare("sgd", Sgd::new(0.1).momentum(0.9), Tolerance::NETWORK)
}

#[test]
fn moments_begin_anew() -> Result<(), Error> {
    // RMSprop's steps are as large for small gradients, whose last digits are rounding: 1.1e-5 of the largest entry.
    compare("rms_prop", RmsProp::new(0.01), Tolerance::new(1e-5, 2e-5))
}

#[test]
fn every_case_is_compared() {
    harness::assert_all_compared("thawing", &["sgd", "rms_prop"]);
}
