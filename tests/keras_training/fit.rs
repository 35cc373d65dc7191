//! `fit` over two epochs with a partial last batch: its history, an evaluation afterwards, and the weights it leaves.

use std::collections::BTreeMap;

use net_runtime::prelude::*;

use crate::networks::{digits, functional, price, samples};
use tests_common::keras::answers::{Answers, Node};
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// The detector, small enough to train quickly.
mod detector {
    use super::*;

    network! {
        pub network Net(image: [12, 12, 3]) -> (class: [10], location: [4]) {
            let features = image
                -> Conv2d(4, 3) -> relu -> MaxPool2d(2)
                -> Conv2d(6, 3) -> relu -> MaxPool2d(2)
                -> Flatten;
            let class = features -> Dense(8) -> relu -> Dense(10) -> softmax;
            let location = features -> Dense(8) -> relu -> Dense(4) -> sigmoid;
            loss class: CategoricalCrossentropy;
            loss location: 2.0 * MeanSquaredError;
            metric class: Accuracy;
            metric location: MeanAbsoluteError;
        }
    }
    samples! { (image) -> (class, location) }
}

macro_rules! fit_tests {
    ($($case:ident: $network:ident;)+) => {
        $(#[test]
        fn $case() -> Result<(), Error> {
            let answers = Answers::read("fit");
            compare::<$network::Net>(&answers.case(stringify!($case)), $network::samples)
        })+

        #[test]
        fn every_case_is_compared() {
            harness::assert_all_compared("fit", &[$(stringify!($case)),+]);
        }
    };
}

fn compare<N: Trainable>(case: &Node, samples: fn(&Node) -> N::Samples) -> Result<(), Error> {
    let optimizer = case.at("optimizer");
    let config = optimizer.at("config");
    assert_eq!(config.fields().len(), 1, "{}: the learning rate alone", config.path());
    let rate = config.at("learning_rate").number() as f32;
    match optimizer.at("kind").text() {
        "Adam" => compare_with(case, samples, Trainer::<N, _>::new(N::new(0), Adam::new(rate))),
        "SGD" => compare_with(case, samples, Trainer::<N, _>::new(N::new(0), Sgd::new(rate))),
        kind => panic!("{}: no optimizer for `{kind}`", optimizer.path()),
    }
}

fn compare_with<N: Trainable, O: Optimizer>(
    case: &Node,
    samples: fn(&Node) -> N::Samples,
    mut trainer: Trainer<N, O>,
) -> Result<(), Error> {
    let given = case.at("given");
    harness::set_weights(trainer.network_mut(), |name| given.at("weights").at(name));
    let (training, validation) = (samples(&given.at("training")), samples(&given.at("validation")));
    let batch_size = case.at("batch_size").count();
    let mut fit = trainer
        .fit(&training)
        .epochs(case.at("epochs").count())
        .batch_size(batch_size)
        .shuffle(false)
        .validation(&validation)
        .silent();
    if let Some(classes) = case.get("class_weight") {
        fit = fit.class_weights(N::HEADS[0].name, &class_weights(&classes));
    }
    let history = fit.run()?;

    let answers = by_name(case, "history");
    assert_eq!(history.names().len(), answers.len(), "names {:?} of {}", history.names(), case.path());
    for (name, series) in history.iter() {
        let expected = named(&answers, name).list();
        assert_eq!(series.len(), expected.len(), "epochs of `{name}` of {}", case.path());
        for (&value, expected) in series.iter().zip(expected) {
            expected.check_number(value, Tolerance::NETWORK);
        }
    }
    let answers = by_name(case, "evaluated");
    let evaluated = trainer.evaluate_in_batches(&training, batch_size)?;
    assert_eq!(evaluated.names().len(), answers.len(), "names {:?} of {}", evaluated.names(), case.path());
    for (name, value) in evaluated.iter() {
        named(&answers, name).check_number(value, Tolerance::NETWORK);
    }
    let weights = case.at("weights");
    assert_eq!(weights.fields().len(), harness::weight_count(trainer.network()), "{}", weights.path());
    trainer.network().visit(&mut |name, param| weights.at(&name.to_string()).check(param.values(), Tolerance::NETWORK));
    Ok(())
}

/// A table of all classes up to the last that is weighed.
fn class_weights(classes: &Node) -> Vec<f32> {
    let mut weights = Vec::new();
    for (class, weight) in classes.fields() {
        let class: usize = class.parse().expect("classes are numbers");
        weights.resize(weights.len().max(class + 1), 1.0);
        weights[class] = weight.number() as f32;
    }
    weights
}

/// What `fit` or `evaluate` said, by name; with several heads the losses that are averaged over samples.
fn by_name<'a>(case: &Node<'a>, what: &str) -> BTreeMap<&'a str, Node<'a>> {
    let said = case.get(&format!("{what}_by_samples")).unwrap_or_else(|| case.at(what));
    if said.is_object() {
        return said.fields().into_iter().collect();
    }
    let pairs = said.list();
    pairs.iter().map(|pair| pair.list()).map(|pair| (pair[0].text(), pair[1].clone())).collect()
}

/// The answer of this name. Keras calls a metric that was asked for as `mae` by that text.
#[track_caller]
fn named<'m, 'a>(answers: &'m BTreeMap<&'a str, Node<'a>>, name: &str) -> &'m Node<'a> {
    let short = name.replace("mean_absolute_error", "mae").replace("mean_squared_error", "mse");
    let found = answers.get(name).or_else(|| answers.get(short.as_str()));
    found.unwrap_or_else(|| panic!("Keras has no `{name}`, only {:?}", answers.keys()))
}

fit_tests! {
    digits: digits;
    digits_sgd: digits;
    digits_sample_weights: digits;
    digits_class_weights: digits;
    functional_class_weights: functional;
    detector: detector;
    detector_sgd: detector;
    detector_sample_weights: detector;
    price: price;
}
