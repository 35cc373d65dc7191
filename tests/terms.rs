//! Terms of the loss that belong to layers and weights, and constraints, where Keras's answers do not reach: shares of a batch, threads,
//! networks of other modules, gradients of a caller's own, weights that nobody holds to anything at first.

use net_runtime::prelude::*;
use net_runtime::regularizers;
use tests_common::{batch, bits, named, numbers};

/// As another crate would have it.
mod models {
    net_runtime::network! {
        /// Its weights and its activities add something to the loss of whoever uses it.
        pub network Encoder(x: [6]) -> (code: [5]) {
            let code = x
                -> Dense(8, kernel_regularizer = l2(0.1), kernel_constraint = max_norm(0.5), activity_regularizer = l1(0.3))
                -> tanh(activity_regularizer = l2(0.2))
                -> Dense(5, bias_regularizer = l1(0.1));
        }

        /// Nothing does.
        pub network Plain(x: [5]) -> (y: [5]) {
            let y = x -> Dense(5);
        }
    }
}

/// The same text behind a network that is declared, and behind one that is announced.
macro_rules! around {
    ($($encoder:tt)*) => {
        net_runtime::network! {
            $($encoder)*

            pub network Around(a: [6], b: [6]) -> (y: [2]) {
                layer eye = Encoder;
                let y = (a -> eye, b -> eye) -> Add -> Dense(2, activity_regularizer = l2(0.1));
                loss y: MeanSquaredError;
            }
        }
    };
}

mod declared {
    around! {
        network Encoder(x: [6]) -> (code: [5]) {
            let code = x
                -> Dense(8, kernel_regularizer = l2(0.1), kernel_constraint = max_norm(0.5), activity_regularizer = l1(0.3))
                -> tanh(activity_regularizer = l2(0.2))
                -> Dense(5, bias_regularizer = l1(0.1));
        }
    }
}

mod announced {
    around! { extern network super::models::Encoder(x: [6]) -> (code: [5]); }
}

#[test]
fn a_network_of_another_module_adds_what_one_of_the_block_adds() -> Result<(), Error> {
    // So many samples that a pass of inference is computed in shares.
    for samples in [1, 5, 20_000] {
        let mut one = Trainer::new(declared::Around::new(3), Adam::new(0.01));
        let mut other = Trainer::new(announced::Around::new(3), Adam::new(0.01));
        let (a, b, y) = (batch(samples, 1), batch(samples, 2), batch(samples, 3));
        let declared = declared::AroundSamples { a: a.clone(), b: b.clone(), y: y.clone() };
        let announced = announced::AroundSamples { a, b, y };
        for _ in 0..3 {
            let [one, other] = [one.step(&declared)?, other.step(&announced)?];
            assert!((one - other).abs() <= 1e-5 * one.abs(), "{samples}: {one} {other}");
        }
        let [one_loss, other_loss] =
            [one.evaluate(&declared)?.get("loss"), other.evaluate(&announced)?.get("loss")].map(|loss| loss.unwrap());
        assert!((one_loss - other_loss).abs() <= 1e-5 * one_loss.abs(), "{samples}: {one_loss} {other_loss}");
        for ((name, one), (_, other)) in named(one.network()).into_iter().zip(named(other.network())) {
            for (one, other) in one.into_iter().zip(other) {
                assert!((one - other).abs() < 1e-3, "{samples}: {name} {one} {other}");
            }
        }
    }
    Ok(())
}

net_runtime::network! {
    /// Small enough to be trained in shares of 64 samples and more.
    network Shared(x: [40]) -> (y: [8]) {
        let y = x
            -> Dense(64, kernel_regularizer = l1_l2(1e-3, 1e-2), kernel_constraint = unit_norm)
            -> relu(activity_regularizer = l1(1e-2))
            -> Dense(8, kernel_regularizer = orthogonal(0.5), bias_constraint = non_neg, activity_regularizer = l2);
        loss y: MeanSquaredError;
    }
}

fn samples(count: usize) -> SharedSamples {
    SharedSamples { x: batch(count, 5), y: batch(count, 6) }
}

#[test]
fn training_is_the_same_to_the_bit_on_any_number_of_threads() {
    let train = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut trainer = Trainer::new(Shared::new(7), Adam::new(0.01));
            let losses: Vec<u32> = (0..3).map(|_| trainer.step(&samples(700)).unwrap().to_bits()).collect();
            (losses, bits(trainer.network()))
        })
    };
    let one = train(1);
    assert!(one == train(2) && one == train(3));
}

#[test]
fn a_batch_in_shares_has_the_terms_of_a_whole_one() -> Result<(), Error> {
    let (samples, net) = (samples(700), Shared::new(7));
    let mut workspace = SharedWorkspace::new(1);
    let mut gradients = SharedGradients::zeros();
    net.forward(&samples, Mode::Training, &mut workspace)?;
    let losses = net.losses(&samples, &workspace)?;
    net.backward(&samples, &samples, &mut workspace, &mut gradients)?;
    // Without momentum, a step moves weights by their gradients.
    let mut trainer = Trainer::new(net.clone(), Sgd::new(1.0));
    let total = trainer.step(&samples)?;
    assert!((total - losses.total).abs() < 1e-5 * total, "{total} {}", losses.total);
    let mut whole = net;
    Sgd::new(1.0).for_network(&whole).step(&mut whole, &gradients)?;
    for ((name, whole), (_, shares)) in named(&whole).into_iter().zip(named(trainer.network())) {
        for (whole, shares) in whole.into_iter().zip(shares) {
            assert!((whole - shares).abs() < 1e-5, "{name}: {whole} {shares}");
        }
    }
    Ok(())
}

#[test]
fn terms_are_of_the_losses_alone() -> Result<(), Error> {
    let (samples, net) = (samples(9), Shared::new(7));
    let mut workspace = SharedWorkspace::new(1);
    let mut pass = |upstream: Option<SharedOutputGradients<'_>>, gradients: &mut SharedGradients| {
        net.forward(&samples, Mode::Training, &mut workspace)?;
        match upstream {
            Some(upstream) => net.backward(&samples, upstream, &mut workspace, gradients),
            None => net.backward_add(&samples, &samples, &mut workspace, gradients),
        }
    };
    // Gradients of the caller's are those of what the caller computes, and nothing comes to them.
    let mut gradients = SharedGradients::zeros();
    let zeros = Batch::zeros(9);
    pass(Some(SharedOutputGradients { y: Some(zeros.view()) }), &mut gradients)?;
    gradients.visit(&mut |name, gradient| assert!(gradient.values().iter().all(|value| *value == 0.0), "{name}"));
    // What is added to twice has them twice.
    let (mut once, mut twice) = (SharedGradients::zeros(), SharedGradients::zeros());
    pass(None, &mut once)?;
    pass(None, &mut twice)?;
    pass(None, &mut twice)?;
    let (mut one, mut two) = (Vec::new(), Vec::new());
    once.visit(&mut |_, gradient| one.extend_from_slice(gradient.values()));
    twice.visit(&mut |_, gradient| two.extend_from_slice(gradient.values()));
    assert!(one.iter().zip(&two).all(|(one, two)| (2.0 * one - two).abs() <= 1e-6 * one.abs().max(0.1)));
    Ok(())
}

#[test]
fn a_total_is_finite_or_told() -> Result<(), Error> {
    net_runtime::network! {
        network Huge(x: [3]) -> (y: [2]) {
            let y = x -> Dense(2, kernel_regularizer = l2(3e38), kernel_constraint = max_norm(0));
            loss y: MeanSquaredError;
        }
    }
    let samples = HugeSamples { x: batch(2, 1), y: batch(2, 2) };
    let mut net = Huge::new(1);
    net.y_dense.kernel.values_mut().fill(2.0);
    let mut trainer = Trainer::new(net, Sgd::new(0.1));
    let error = trainer.step(&samples).unwrap_err().to_string();
    assert!(error.contains("the total loss"), "{error}");
    // Before a step nothing is held to anything; a largest norm of 0 leaves zeros.
    assert!(trainer.network().y_dense.kernel.values().iter().all(|value| *value == 2.0));
    trainer.network_mut().y_dense.kernel.values_mut().fill(0.0);
    trainer.step(&samples)?;
    assert!(trainer.network().y_dense.kernel.values().iter().all(|value| *value == 0.0));
    assert_eq!(regularizers::penalty(trainer.network()), 0.0);
    Ok(())
}

#[test]
fn what_adds_nothing_is_nothing() -> Result<(), Error> {
    net_runtime::network! {
        network Zero(x: [3]) -> (y: [2]) {
            let y = x -> ActivityRegularization -> Dense(2, kernel_regularizer = l2(0), activity_regularizer = l1_l2);
            loss y: MeanSquaredError;
        }
        network Without(x: [3]) -> (y: [2]) {
            let y = x -> Dense(2);
            loss y: MeanSquaredError;
        }
    }
    let x = Batch::from_vec(numbers(6, 4))?;
    let y = Batch::from_vec(numbers(4, 5))?;
    let mut with = Trainer::new(Zero::new(1), Adam::new(0.1));
    let mut without = Trainer::new(Without::new(1), Adam::new(0.1));
    with.step(&ZeroSamples { x: x.clone(), y: y.clone() })?;
    without.step(&WithoutSamples { x, y })?;
    assert_eq!(bits(with.network()), bits(without.network()));
    Ok(())
}

mod frozen {
    net_runtime::network! {
        extern network super::models::Encoder(x: [6]) -> (code: [5]);

        network Inner(x: [5]) -> (y: [5]) {
            let y = x -> Dense(5, kernel_regularizer = l2(0.5), kernel_constraint = unit_norm);
        }

        pub network Frozen(x: [6]) -> (y: [2]) {
            let y = x
                -> Encoder(frozen = true)
                -> Inner(frozen = true)
                -> Dense(4, frozen = true, kernel_regularizer = l2(0.5), kernel_constraint = unit_norm)
                -> Dense(2, kernel_regularizer = l2(0.25), kernel_constraint = max_norm(0.3));
            loss y: MeanSquaredError;
        }
    }
}

/// As in Keras, whose regularizers are those of what is trained.
#[test]
fn what_is_frozen_has_neither_terms_nor_constraints() -> Result<(), Error> {
    let net = frozen::Frozen::new(3);
    let before = named(&net);
    let trained = |name: &str| name.starts_with("y_dense_2.");
    let (_, kernel) = before.iter().find(|(name, _)| name == "y_dense_2.kernel").expect("the last layer has a kernel");
    let expected = 0.25 * kernel.iter().map(|weight| weight * weight).sum::<f32>();
    assert!((regularizers::penalty(&net) - expected).abs() < 1e-6);
    let samples = frozen::FrozenSamples { x: batch(5, 1), y: batch(5, 2) };
    let mut trainer = Trainer::new(net, Sgd::new(0.1));
    trainer.step(&samples)?;
    for ((name, before), (_, after)) in before.iter().zip(named(trainer.network())) {
        assert_eq!(*before != after, trained(name), "{name}");
    }
    // Frozen while the program runs, the last one adds nothing and stays, too.
    let mut net = trainer.into_network();
    net.freeze("y_dense_2.kernel")?;
    assert_eq!(regularizers::penalty(&net), 0.0);
    let before = net.y_dense_2.kernel.values().to_vec();
    let mut trainer = Trainer::new(net, Sgd::new(0.1));
    trainer.step(&samples)?;
    assert_eq!(trainer.network().y_dense_2.kernel.values(), before);
    Ok(())
}
