//! Batches that are computed in shares, each on a thread of its own: the results are those of small batches, which are not
//! cut, and the same to the bit on any number of threads.

use net_runtime::prelude::*;
use tests_common::{batch, everywhere, weights};

network! {
    /// In inference cut from 167 samples on, into four shares from 1331 on; in training from 125 and 999 on.
    network Mlp(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;
        loss class: CategoricalCrossentropy;
        metric class: Accuracy, TopK(3);
    }

    network Numbers(x: [64]) -> (class: [10]) {
        let class = x -> Dense(128) -> relu -> Dense(10) -> softmax;
        loss class: SparseCategoricalCrossentropy;
    }

    /// A convolution by Winograd's algorithm, and two outputs of which one is read again.
    network Heads(image: [8, 8, 16], more: [3]) -> (map: [4, 4, 3], code: [5]) {
        let map = image -> Conv2d(32, 3) -> relu -> Conv2d(3, 3) -> tanh;
        let code = (map -> Flatten, more) -> Concat -> Dropout(0.5) -> Dense(5);
        loss code: MeanSquaredError;
    }
}

mod around {
    use net_runtime::prelude::*;

    network! {
        extern network super::Mlp as Inner(x: [64]) -> (class: [10]);

        /// With a network of another block.
        pub network Around(x: [64]) -> (sum: [10]) {
            let sum = (x -> Inner, x -> Dense(10)) -> Add;
        }
    }
}

use around::{Around, AroundWorkspace};

/// Samples of a batch that is never cut.
const SMALL: usize = 32;

#[test]
fn every_sample_has_the_bits_that_it_has_in_a_small_batch() {
    let net = Mlp::new(3);
    let all = batch::<Shape1<64>>(5000, 7919);
    let mut expected = MlpOutputs::default();
    let mut small = MlpWorkspace::new(SMALL);
    for first in (0..5000).step_by(SMALL) {
        let batch = all.view().slice(first..5000.min(first + SMALL));
        expected.class.extend(net.predict_into(batch, &mut small).unwrap().class);
    }
    everywhere(|| {
        // Up, down, and with a number of shares that changes.
        let mut workspace = MlpWorkspace::new(1);
        for n in [1, 166, 167, 256, 331, 400, 1401, 333, 5000, 257, 40, 168] {
            let outputs = net.predict_into(all.view().slice(0..n), &mut workspace).unwrap();
            assert_eq!(outputs.class.data(), &expected.class.data()[..n * 10], "{n} samples");
        }
    });
    // A whole batch of its own, entered once.
    net_runtime::in_threads(|| {
        let mut workspace = MlpWorkspace::new(256);
        net.predict_into(all.view().slice(0..256), &mut workspace).unwrap();
        assert_eq!(workspace.outputs().unwrap().class.data(), &expected.class.data()[..2560]);
    });
}

#[test]
fn several_inputs_and_outputs_are_put_together() {
    let net = Heads::new(3);
    let (image, more) = (batch::<Shape3<8, 8, 16>>(203, 7919), batch::<Shape1<3>>(203, 31));
    let inputs = HeadsInputs { image: image.view(), more: more.view() };
    for arithmetic in [Arithmetic::Fast, Arithmetic::Exact] {
        let mut small = HeadsWorkspace::new(SMALL);
        Workspace::set_arithmetic(&mut small, arithmetic);
        let mut expected = HeadsOutputs::default();
        for first in (0..203).step_by(SMALL) {
            let batch = net_runtime::Inputs::slice(&inputs, first..203.min(first + SMALL));
            Heads::append(&mut expected, net.predict_into(batch, &mut small).unwrap());
        }
        everywhere(|| {
            let mut workspace = HeadsWorkspace::new(203);
            // The workspaces of the shares are told, too.
            net.predict_into(inputs, &mut workspace).unwrap();
            Workspace::set_arithmetic(&mut workspace, arithmetic);
            let outputs = net.predict_into(inputs, &mut workspace).unwrap();
            assert_eq!(outputs.map.data(), expected.map.data(), "{arithmetic:?}");
            assert_eq!(outputs.code.data(), expected.code.data(), "{arithmetic:?}");
        });
    }
}

#[test]
fn a_network_of_another_block_has_its_share() {
    let net = Around::new(3);
    let x = batch::<Shape1<64>>(700, 7919);
    let mut small = AroundWorkspace::new(SMALL);
    let expected: Vec<f32> = (0..700)
        .step_by(SMALL)
        .flat_map(|first| {
            let batch = x.view().slice(first..700.min(first + SMALL));
            net.predict_into(batch, &mut small).unwrap().sum.data().to_vec()
        })
        .collect();
    // Four shares, in each of which the inner network has two of its own.
    everywhere(|| {
        let mut workspace = AroundWorkspace::new(1);
        assert_eq!(net.predict_into(&x, &mut workspace).unwrap().sum.data(), expected);
    });
}

#[test]
fn a_training_pass_and_one_in_shares_take_turns() {
    let net = Mlp::new(3);
    let x = batch::<Shape1<64>>(256, 7919);
    let mut workspace = MlpWorkspace::new(256);
    let trained = net.forward(&x, Mode::Training, &mut workspace).unwrap().to_owned();
    let predicted = net.predict_into(&x, &mut workspace).unwrap().to_owned();
    assert_eq!(predicted, trained);
    assert_eq!(net.forward(&x, Mode::Training, &mut workspace).unwrap().to_owned(), trained);
}

fn classes(samples: usize) -> Batch<Shape1<10>> {
    net_runtime::data::one_hot(&tests_common::classes(samples)).unwrap()
}

fn sample_weights(samples: usize) -> Vec<f32> {
    (0..samples).map(|sample| (sample % 5) as f32 * 0.5).collect()
}

/// The largest difference of two networks' weights.
fn difference(a: &impl Network, b: &impl Network) -> f32 {
    weights(a).iter().zip(weights(b)).fold(0.0, |largest, (a, b)| largest.max((a - b).abs()))
}

#[test]
fn a_step_in_shares_is_that_of_the_whole_batch() {
    for n in [125, 127, 256, 1001] {
        let class = classes(n).with_weights(sample_weights(n)).unwrap();
        let samples = MlpSamples { x: batch(n, 7919), class };
        // The whole batch in one workspace.
        let mut net = Mlp::new(3);
        let (mut workspace, mut gradients) = (MlpWorkspace::new(n), MlpGradients::zeros());
        net.forward(&samples, Mode::Training, &mut workspace).unwrap();
        let loss = net.losses(&samples, &workspace).unwrap().total;
        net.backward(&samples, &samples, &mut workspace, &mut gradients).unwrap();
        let mut largest = 0.0_f32;
        gradients.visit(&mut |_, gradient| largest = gradient.values().iter().fold(largest, |l, g| l.max(g.abs())));
        Sgd::new(1.0).for_network(&net).step(&mut net, &gradients).unwrap();
        let first = std::sync::Mutex::new(None);
        everywhere(|| {
            let mut trainer = Trainer::new(Mlp::new(3), Sgd::new(1.0));
            let found = trainer.step(&samples).unwrap();
            assert!((found - loss).abs() < 1e-6 * loss, "{n} samples: {found}, not {loss}");
            let error = difference(trainer.network(), &net);
            assert!(error < 2e-6 * largest, "{n} samples: {error} of {largest}");
            // To the bit on any number of threads.
            let bits = (found, weights(trainer.network()));
            assert_eq!(*first.lock().unwrap().get_or_insert(bits.clone()), bits);
        });
    }
}

#[test]
fn losses_and_metrics_of_a_run_in_shares_are_those_of_an_evaluation() {
    let samples = MlpSamples { x: batch(400, 7919), class: classes(400).with_weights(sample_weights(400)).unwrap() };
    let expected = Trainer::new(Mlp::new(3), Sgd::new(0.1)).evaluate_in_batches(&samples, 400).unwrap();
    everywhere(|| {
        let mut trainer = Trainer::new(Mlp::new(3), Sgd::new(0.1));
        let history = trainer.fit(&samples).batch_size(400).seed(5).silent().run().unwrap();
        for name in expected.names() {
            let (found, expected) = (history.get(name).unwrap()[0], expected.get(name).unwrap());
            assert!((found - expected).abs() < 1e-6, "{name}: {found}, not {expected}");
        }
    });
}

#[test]
fn weights_of_classes_reach_all_shares() {
    let samples = MlpSamples { x: batch(300, 7919), class: classes(300) };
    let by_class: Vec<f32> = (0..10).map(|class| class as f32 * 0.25).collect();
    let each = (0..300).map(|sample| by_class[sample * 7 % 10]).collect();
    let weighted = MlpSamples { class: samples.class.clone().with_weights(each).unwrap(), ..samples.clone() };
    let mut by_samples = Trainer::new(Mlp::new(3), Adam::new(1e-2));
    by_samples.step(&weighted).unwrap();
    let mut by_classes = Trainer::new(Mlp::new(3), Adam::new(1e-2));
    let fit = by_classes.fit(&samples).batch_size(300).shuffle(false).class_weights("class", &by_class);
    fit.silent().run().unwrap();
    assert_eq!(weights(by_classes.network()), weights(by_samples.network()));
}

#[test]
fn a_target_that_is_no_class_is_named_by_its_place_in_the_batch() {
    let mut targets: Vec<u32> = (0..300).map(|index| index % 10).collect();
    targets[222] = 10;
    let samples = NumbersSamples { x: batch(300, 7919), class: Batch::from_vec(targets).unwrap() };
    let net = Numbers::new(3);
    everywhere(|| {
        let mut trainer = Trainer::new(net.clone(), Sgd::new(0.1));
        let error = trainer.step(&samples).unwrap_err().to_string();
        assert!(error.contains("sample 222 is class 10"), "{error}");
        let error = trainer.fit(&samples).batch_size(300).silent().run().unwrap_err().to_string();
        assert!(error.contains("sample 222 is class 10"), "{error}");
        assert_eq!(weights(trainer.network()), weights(&net), "a step that failed changed weights");
    });
}

#[test]
fn arithmetic_and_dropout_are_those_of_every_share() {
    let n = 203;
    let (image, more) = (batch(n, 7919), batch(n, 31));
    let samples = HeadsSamples { image, more, code: batch(n, 17) };
    let step = |trainer: &mut Trainer<Heads, Sgd>| {
        trainer.step(&samples).unwrap();
        weights(trainer.network())
    };
    let new = || Trainer::new(Heads::new(3), Sgd::new(0.1));
    let fast = step(&mut new());
    let exact = step(&mut new().with_arithmetic(Arithmetic::Exact));
    assert_ne!(fast, exact);
    // Told when the memory of all shares is there, and when some of it is not.
    let mut late = new();
    late.step(&samples).unwrap();
    let mut late = late.with_arithmetic(Arithmetic::Exact);
    *late.network_mut() = Heads::new(3);
    // The first step draws other numbers than the second, so that only steps of one number can be compared.
    let mut other = new().with_arithmetic(Arithmetic::Exact);
    other.step(&samples).unwrap();
    *other.network_mut() = Heads::new(3);
    assert_eq!(step(&mut late), step(&mut other));
}
