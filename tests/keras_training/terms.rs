//! Regularizers of weights and activities, and constraints: the total loss and its gradients, what `fit` says over two epochs with a
//! partial last batch, and the weights it leaves.

use std::collections::BTreeMap;

use net_runtime::prelude::*;

use crate::networks::samples;
use tests_common::keras::answers::{Answers, Node};
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// A case, its network and what it is trained by.
macro_rules! term_tests {
    ($($case:ident: $network:ident, $optimizer:expr;)+) => {
        $(#[test]
        fn $case() -> Result<(), Error> {
            let answers = Answers::read("terms");
            let case = answers.case(stringify!($case));
            $network::compare_gradients(&case)?;
            compare_fit::<$network::Net, _>(&case, $network::samples, $optimizer)
        })+

        #[test]
        fn every_case_is_compared() {
            harness::assert_all_compared("terms", &[$(stringify!($case)),+]);
        }
    };
}

/// Compares the total loss of the network `Net` of this module, and its gradients.
macro_rules! gradients {
    (($($input:ident),+) -> ($($head:ident),+)) => {
        samples! { ($($input),+) -> ($($head),+) }

        pub fn compare_gradients(case: &Node) -> Result<(), Error> {
            let given = case.at("given");
            let samples = samples(&given.at("training"));
            let mut net = Net::new(0);
            harness::set_weights(&mut net, |name| given.at("weights").at(name));
            let mut workspace = NetWorkspace::new(1);
            workspace.set_arithmetic(Arithmetic::Exact);
            let mut gradients = harness::poisoned::<NetGradients>();
            // The second time gradients hold those of the first.
            for _ in 0..2 {
                net.forward(&samples, Mode::Training, &mut workspace)?;
                let losses = net.losses(&samples, &workspace)?;
                case.at("total").check_number(f64::from(losses.total), Tolerance::NETWORK);
                net.backward(&samples, &samples, &mut workspace, &mut gradients)?;
                let answers = case.at("gradients");
                harness::check_gradients(&gradients, |name| answers.at(name), Tolerance::NETWORK);
            }
            Ok(())
        }
    };
}

fn compare_fit<N: Trainable, O: Optimizer>(
    case: &Node,
    samples: fn(&Node) -> N::Samples,
    optimizer: O,
) -> Result<(), Error> {
    let given = case.at("given");
    let mut trainer = Trainer::<N, _>::new(N::new(0), optimizer).with_arithmetic(Arithmetic::Exact);
    harness::set_weights(trainer.network_mut(), |name| given.at("weights").at(name));
    let (training, validation) = (samples(&given.at("training")), samples(&given.at("validation")));
    let fit = trainer.fit(&training).epochs(2).batch_size(4).shuffle(false).validation(&validation);
    let history = fit.silent().run()?;
    let answers = by_name(case, "history");
    assert_eq!(history.names().len(), answers.len(), "names {:?} of {}", history.names(), case.path());
    for (name, series) in history.iter() {
        for (&value, expected) in series.iter().zip(answers[name].list()) {
            expected.check_number(value, Tolerance::NETWORK);
        }
    }
    let answers = by_name(case, "evaluated");
    let evaluated = trainer.evaluate_in_batches(&training, 4)?;
    assert_eq!(evaluated.names().len(), answers.len(), "names {:?} of {}", evaluated.names(), case.path());
    for (name, value) in evaluated.iter() {
        answers[name].check_number(value, Tolerance::NETWORK);
    }
    let weights = case.at("weights");
    assert_eq!(weights.fields().len(), harness::weight_count(trainer.network()), "{}", weights.path());
    trainer.network().visit(&mut |name, param| weights.at(&name.to_string()).check(param.values(), Tolerance::NETWORK));
    Ok(())
}

/// What `fit` or `evaluate` said, by name; with several heads the losses that are averaged over samples.
fn by_name<'a>(case: &Node<'a>, what: &str) -> BTreeMap<&'a str, Node<'a>> {
    let said = case.get(&format!("{what}_by_samples")).unwrap_or_else(|| case.at(what));
    let pairs = said.list();
    pairs.iter().map(|pair| pair.list()).map(|pair| (pair[0].text(), pair[1].clone())).collect()
}

mod dense {
    use super::*;

    network! {
        pub network Net(x: [5]) -> (y: [3]) {
            let y = x
                -> Dense(4, kernel_regularizer = l1_l2(0.01, 0.02), bias_regularizer = l1(0.03),
                    kernel_constraint = max_norm(0.8), bias_constraint = non_neg)
                -> relu(activity_regularizer = l2(0.05))
                -> Dense(3, kernel_regularizer = orthogonal(0.1), activity_regularizer = l1,
                    kernel_constraint = min_max_norm(0.4, 0.9, rate = 0.5, axis = 1));
            loss y: MeanSquaredError;
        }
    }
    gradients! { (x) -> (y) }
}

mod image {
    use super::*;

    network! {
        pub network Net(x: [6, 5, 2]) -> (y: [5]) {
            let y = x
                -> Conv2d(3, 3, kernel_regularizer = l2, kernel_constraint = max_norm(0.7, axis = (0, 1, 2)),
                    activity_regularizer = l1(0.001))
                -> DepthwiseConv2d(2, depthwise_regularizer = l1, depthwise_constraint = unit_norm(axis = (0, 1)))
                -> SeparableConv2d(2, 2, depthwise_regularizer = l2(0.1), pointwise_regularizer = l1_l2(0.01, 0.02),
                    depthwise_constraint = non_neg, pointwise_constraint = max_norm)
                -> Flatten(activity_regularizer = l2)
                -> Dense(5, kernel_regularizer = orthogonal(factor = 0.2, mode = columns));
            loss y: MeanSquaredError;
        }
    }
    gradients! { (x) -> (y) }
}

mod text {
    use super::*;

    network! {
        pub network Net(x: u32[6]) -> (y: [6, 2]) {
            let y = x
                -> Embedding(7, 4, embeddings_regularizer = l2, embeddings_constraint = max_norm(0.9, axis = -1))
                -> Lstm(3, sequences = true, kernel_regularizer = l1, recurrent_regularizer = orthogonal(0.3),
                    bias_regularizer = l2, recurrent_constraint = unit_norm, activity_regularizer = l2)
                -> BatchNorm(gamma_regularizer = l2(0.1), beta_regularizer = l1, gamma_constraint = max_norm(1.5),
                    beta_constraint = non_neg)
                -> PRelu(alpha_regularizer = l2, alpha_constraint = non_neg)
                -> Dense(2);
            loss y: MeanSquaredError;
        }
    }
    gradients! { (x) -> (y) }
}

/// A layer that is used twice, whose weights add once and whose activities twice; samples with weights, which change nothing of that.
mod shared {
    use super::*;

    network! {
        pub network Net(a: [4], b: [4]) -> (y: [2], z: [1]) {
            layer eye = Dense(3, kernel_regularizer = l2(0.1), activity_regularizer = l2(0.2));
            let y = (a -> eye, b -> eye) -> Add -> ActivityRegularization(l1 = 0.01, l2 = 0.02)
                -> Dense(2, bias_regularizer = l1);
            let z = a -> ActivityRegularization(l2 = 0.5) -> Dense(1, kernel_constraint = unit_norm);
            loss y: MeanSquaredError;
            loss z: 1.5 * MeanSquaredError;
        }
    }
    gradients! { (a, b) -> (y, z) }
}

mod heads {
    use super::*;

    network! {
        pub network Net(x: [3, 4]) -> (y: [3, 4]) {
            let y = x -> MultiHeadAttention(heads = 2, key_dim = 3, kernel_regularizer = l2, bias_regularizer = l1(0.02),
                kernel_constraint = max_norm(0.5));
            loss y: MeanSquaredError;
        }
    }
    gradients! { (x) -> (y) }
}

term_tests! {
    dense: dense, Sgd::new(0.1);
    dense_averaged: dense, Sgd::new(0.1).average_weights(0.5);
    image: image, Sgd::new(0.1);
    text: text, Adam::new(0.05).weight_decay(0.1).clip_global_norm(0.3);
    shared: shared, Sgd::new(0.1);
    heads: heads, Sgd::new(0.1);
}
