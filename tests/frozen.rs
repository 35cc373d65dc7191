//! Frozen parts of networks, declared and at run time: what is frozen stays as it is to the bit, and the rest is trained as if what is
//! frozen were data.

use net_runtime::optimizers::Sgd;
use net_runtime::prelude::*;
use tests_common::positive_batch;

/// Features of an image, declared in a block of their own for those that announce them.
mod features {
    use net_runtime::prelude::*;

    network! {
        pub network Features(image: [10, 10, 3]) -> (features: [4, 4, 6]) {
            let features = image -> Conv2d(6, 3) -> BatchNorm -> relu -> MaxPool2d(2);
        }
    }
}

network! {
    extern network features::Features(image: [10, 10, 3]) -> (features: [4, 4, 6]);

    /// What the networks below have before their heads, with all of it frozen in one way or another.
    block normalized(x, const FILTERS) {
        x -> Conv2d(FILTERS, 3, padding = same) -> BatchNorm -> relu
    }

    network Encoder(x: [10, 10, 6]) -> (code: [12]) {
        let code = x -> normalized(4) -> MaxPool2d(2) -> Flatten -> Dense(12) -> tanh;
    }

    /// Its trunk is frozen: a layer, a shared chain, a template, a network, and what is applied to each step.
    network Frozen(image: [10, 10, 3], other: [10, 10, 3]) -> (class: [3], code: [12]) {
        layer eye(frozen = true) = Conv2d(6, 3, padding = same) -> BatchNorm -> relu;
        let seen = (image -> eye, other -> eye) -> Add -> normalized(6, frozen = true, name = block);
        let code = seen -> Encoder(frozen = true, name = encoder);
        let steps = seen -> Reshape(10, 60) -> TimeDistributed(Dense(2), frozen = true, name = steps) -> Flatten;
        let both = (steps, code) -> Concat -> Dense(8, frozen = true, name = middle);
        let class = both -> relu -> Dropout(0.25, frozen = true) -> Dense(6, name = head) -> BatchNorm(name = last) -> relu
            -> Dense(3, name = end) -> softmax;
        loss class: CategoricalCrossentropy;
        metric class: Accuracy;
    }

    /// The same, with nothing frozen.
    network Free(image: [10, 10, 3], other: [10, 10, 3]) -> (class: [3], code: [12]) {
        layer eye = Conv2d(6, 3, padding = same) -> BatchNorm -> relu;
        let seen = (image -> eye, other -> eye) -> Add -> normalized(6, name = block);
        let code = seen -> Encoder(name = encoder);
        let steps = seen -> Reshape(10, 60) -> TimeDistributed(Dense(2), name = steps) -> Flatten;
        let both = (steps, code) -> Concat -> Dense(8, name = middle);
        let class = both -> relu -> Dropout(0.25) -> Dense(6, name = head) -> BatchNorm(name = last) -> relu
            -> Dense(3, name = end) -> softmax;
        loss class: CategoricalCrossentropy;
        metric class: Accuracy;
    }

    /// Something frozen between what is trained, and a frozen network of another block.
    network Between(image: [10, 10, 3]) -> (class: [3]) {
        let seen = image -> Features(frozen = true) -> Conv2d(5, 3, name = first) -> relu;
        let class = seen -> Conv2d(4, 1, frozen = true, name = second) -> BatchNorm(frozen = true, name = norm) -> tanh
            -> Flatten -> Dense(3) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// Layers that keep something in training alone, and draw random numbers there.
    network Random(x: [6, 4]) -> (y: [2]) {
        let read = x -> Lstm(5, sequences = true, dropout = 0.4, frozen = true)
            -> MultiHeadAttention(heads = 2, key_dim = 3, dropout = 0.4, frozen = true) -> Dropout(0.3);
        let y = read -> Flatten -> Dense(2);
        loss y: MeanSquaredError;
    }

    /// The head of `Frozen` alone, whose trunk is data.
    network Head(both: [8]) -> (class: [3]) {
        let class = both -> relu -> Dropout(0.25) -> Dense(6, name = head) -> BatchNorm(name = last) -> relu
            -> Dense(3, name = end) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// The trunk of `Frozen` alone.
    network Trunk(image: [10, 10, 3], other: [10, 10, 3]) -> (both: [8]) {
        layer eye = Conv2d(6, 3, padding = same) -> BatchNorm -> relu;
        let seen = (image -> eye, other -> eye) -> Add -> normalized(6, name = block);
        let code = seen -> Encoder(name = encoder);
        let steps = seen -> Reshape(10, 60) -> TimeDistributed(Dense(2), name = steps) -> Flatten;
        let both = (steps, code) -> Concat -> Dense(8, name = middle);
    }
}

/// Patterns for all that `Frozen` declares as frozen.
const TRUNK: [&str; 5] = ["eye*", "block*", "encoder", "steps*", "middle"];

fn classes(count: usize) -> Vec<f32> {
    (0..count).flat_map(|sample| (0..3).map(move |class| f32::from(u8::from(class == sample % 3)))).collect()
}

fn frozen_samples(count: usize) -> FrozenSamples {
    FrozenSamples {
        image: positive_batch(count, 1),
        other: positive_batch(count, 2),
        class: Batch::from_vec(classes(count)).unwrap(),
    }
}

fn free_samples(count: usize) -> FreeSamples {
    let FrozenSamples { image, other, class } = frozen_samples(count);
    FreeSamples { image, other, class }
}

fn values<N: Network>(net: &N) -> Vec<(String, Vec<u32>)> {
    let mut values = Vec::new();
    net.visit(&mut |name, param| {
        values.push((name.to_string(), param.values().iter().map(|value| value.to_bits()).collect()));
    });
    values
}

/// Lets one network have another's weights, by their names.
fn copy<A: Network, B: Network>(from: &A, to: &mut B) {
    let mut values = std::collections::BTreeMap::new();
    from.visit(&mut |name, param| {
        values.insert(name.to_string(), param.values().to_vec());
    });
    to.visit_mut(&mut |name, param| {
        if let Some(values) = values.get(&name.to_string()) {
            param.values_mut().copy_from_slice(values);
        }
    });
}

/// Statistics that no batch of these tests has.
fn move_statistics<N: Network>(net: &mut N) {
    net.visit_mut(&mut |name, param| {
        if name.to_string().contains("moving") {
            param.values_mut().iter_mut().enumerate().for_each(|(at, value)| *value = 0.3 + 0.05 * at as f32);
        }
    });
}

fn is_frozen(name: &str) -> bool {
    !["head.", "last.", "end."].iter().any(|part| name.starts_with(part))
}

/// Both networks with the same weights.
fn pair() -> (Frozen, Free) {
    let (mut frozen, mut free) = (Frozen::new(3), Free::new(4));
    move_statistics(&mut frozen);
    copy(&frozen, &mut free);
    (frozen, free)
}

#[test]
fn what_is_frozen_stays_as_it_is_and_the_rest_is_trained() {
    let (net, _) = pair();
    let before = values(&net);
    let optimizer =
        Adam::new(1e-2).weight_decay(0.1).average_weights(0.9).overwrite_weights_every(3).clip_global_norm(1.0);
    let mut trainer = Trainer::new(net, optimizer);
    trainer.fit(&frozen_samples(70)).epochs(3).batch_size(16).silent().run().unwrap();
    for ((name, before), (_, after)) in before.iter().zip(&values(trainer.network())) {
        assert_eq!(before == after, is_frozen(name), "{name}");
    }
}

#[test]
fn a_network_frozen_at_run_time_is_trained_as_one_that_is_declared_so() {
    let (frozen, free) = pair();
    for optimizer in [Adam::new(1e-2).clip_global_norm(0.5), Adam::new(1e-2).weight_decay(0.1).clip_norm(0.2)] {
        let mut declared = Trainer::new(frozen.clone(), optimizer.clone());
        let mut for_now = Trainer::new(free.clone(), optimizer);
        TRUNK.into_iter().for_each(|pattern| for_now.freeze(pattern).unwrap());
        for _ in 0..5 {
            let losses = (declared.step(&frozen_samples(20)).unwrap(), for_now.step(&free_samples(20)).unwrap());
            assert_eq!(losses.0.to_bits(), losses.1.to_bits());
        }
        assert_eq!(values(declared.network()), values(for_now.network()));
        assert_eq!(
            declared.summary().to_string().lines().filter(|line| line.contains("params:")).collect::<Vec<_>>(),
            for_now.summary().to_string().lines().filter(|line| line.contains("params:")).collect::<Vec<_>>()
        );
    }
}

#[test]
fn the_gradients_of_the_rest_are_those_of_a_network_whose_frozen_part_is_data() {
    let (frozen, _) = pair();
    let (mut trunk, mut head) = (Trunk::new(0), Head::new(0));
    copy(&frozen, &mut trunk);
    // Without folding, which inference rounds by.
    trunk.freeze("*").unwrap();
    copy(&frozen, &mut head);
    let samples = frozen_samples(9);
    let inputs = TrunkInputs { image: samples.image.view(), other: samples.other.view() };
    let mut workspace = TrunkWorkspace::new(9);
    let both = trunk.forward(inputs, Mode::Training, &mut workspace).unwrap().both.data().to_vec();
    let of_head = HeadSamples { both: Batch::from_vec(both).unwrap(), class: samples.class.clone() };
    // The dropout of the head is the first random layer of both.
    let (mut workspace, mut gradients) = (HeadWorkspace::new(9), HeadGradients::zeros());
    head.forward(&of_head.both, Mode::Training, &mut workspace).unwrap();
    head.backward(&of_head.both, &of_head, &mut workspace, &mut gradients).unwrap();
    let mut expected = Vec::new();
    gradients.visit(&mut |name, gradient| expected.push((name.to_string(), gradient.values().to_vec())));

    for mode in [Mode::Training, Mode::TrainingWeights] {
        let (mut workspace, mut gradients) = (FrozenWorkspace::new(9), FrozenGradients::zeros());
        gradients.visit_mut(&mut |_, gradient| gradient.values_mut().fill(f32::NAN));
        frozen.forward(&samples, mode, &mut workspace).unwrap();
        frozen.backward(&samples, &samples, &mut workspace, &mut gradients).unwrap();
        let mut found = Vec::new();
        gradients.visit(&mut |name, gradient| match is_frozen(&name.to_string()) {
            true => assert!(gradient.values().is_empty(), "{name} is stored"),
            false => found.push((name.to_string(), gradient.values().to_vec())),
        });
        assert_eq!(found, expected, "{mode:?}");
    }
}

#[test]
fn gradients_by_inputs_go_through_what_is_frozen() {
    // Statistics of inference in both: those of the free one are frozen for now.
    let (frozen, mut free) = pair();
    TRUNK.into_iter().for_each(|pattern| free.freeze(pattern).unwrap());
    let (samples, free_samples) = (frozen_samples(5), free_samples(5));
    let (mut workspace, mut of_free) = (FrozenWorkspace::new(5), FreeWorkspace::new(5));
    let (mut gradients, mut free_gradients) = (FrozenGradients::zeros(), FreeGradients::zeros());
    frozen.forward(&samples, Mode::Training, &mut workspace).unwrap();
    let by_inputs = frozen.backward_both(&samples, &samples, &mut workspace, &mut gradients).unwrap();
    free.forward(&free_samples, Mode::Training, &mut of_free).unwrap();
    let expected = free.backward_both(&free_samples, &free_samples, &mut of_free, &mut free_gradients).unwrap();
    assert_eq!(by_inputs.image.data(), expected.image.data());
    assert_eq!(by_inputs.other.data(), expected.other.data());
    assert!(by_inputs.image.data().iter().any(|value| *value != 0.0));
    assert_eq!(gradients.head.kernel.values(), free_gradients.head.kernel.values());
    let image = by_inputs.image.data().to_vec();

    frozen.forward(&samples, Mode::Training, &mut workspace).unwrap();
    let alone = frozen.backward_inputs(&samples, &samples, &mut workspace).unwrap();
    // Dropout has drawn other numbers, so that the sum is another: what counts is that there is one.
    assert_eq!(alone.image.data().len(), image.len());

    frozen.forward(&samples, Mode::TrainingWeights, &mut workspace).unwrap();
    let error = frozen.backward_inputs(&samples, &samples, &mut workspace).unwrap_err().to_string();
    assert!(error.contains("`Mode::TrainingWeights` keeps nothing for them"), "{error}");
}

#[test]
fn a_part_may_be_frozen_between_others_and_come_from_another_block() {
    let mut net = Between::new(5);
    move_statistics(&mut net);
    let samples = BetweenSamples { image: positive_batch(12, 3), class: Batch::from_vec(classes(12)).unwrap() };
    let before = values(&net);
    let mut trainer = Trainer::new(net, Sgd::new(0.1).momentum(0.9));
    let first = trainer.step(&samples).unwrap();
    let last = (0..20).map(|_| trainer.step(&samples).unwrap()).last().unwrap();
    assert!(last < first, "{first} {last}");
    for ((name, before), (_, after)) in before.iter().zip(&values(trainer.network())) {
        let frozen = !["first.", "class_dense."].iter().any(|part| name.starts_with(part));
        assert_eq!(before == after, frozen, "{name}");
    }
    // Finite differences see through what is frozen.
    let mut gradients = BetweenGradients::zeros();
    let (net, mut workspace) = (trainer.into_network(), BetweenWorkspace::new(12));
    let mut loss = |net: &Between, mode| {
        net.forward(&samples, mode, &mut workspace).unwrap();
        let loss = net.losses(&samples, &workspace).unwrap().total;
        net.backward(&samples, &samples, &mut workspace, &mut gradients).unwrap();
        (loss, gradients.first.kernel.values()[7], gradients.first.bias.values()[2])
    };
    let (_, by_kernel, by_bias) = loss(&net, Mode::Training);
    assert_eq!((by_kernel, by_bias), {
        let again = loss(&net, Mode::TrainingWeights);
        (again.1, again.2)
    });
    let mut moved = |index: usize, by: f32| {
        let mut net = net.clone();
        net.first.kernel.values_mut()[index] += by;
        loss(&net, Mode::Training).0
    };
    let difference = (moved(7, 1e-2) - moved(7, -1e-2)) / 2e-2;
    assert!((difference - by_kernel).abs() < 1e-3 + 0.02 * by_kernel.abs(), "{difference} {by_kernel}");
}

#[test]
fn what_is_drawn_in_training_is_drawn_in_what_is_frozen() {
    let (net, x) = (Random::new(4), positive_batch(5, 8));
    let output = |mode| {
        let mut workspace = RandomWorkspace::new(5);
        net.forward(&x, mode, &mut workspace).unwrap().y.data().to_vec()
    };
    assert_eq!(output(Mode::Training), output(Mode::TrainingWeights));
    assert_ne!(output(Mode::Training), output(Mode::Inference));
}

#[test]
fn what_a_trainer_keeps_of_a_frozen_trunk_is_little() {
    let [frozen, free] = [Frozen::INFO, Free::INFO].map(|info| info.training_bytes);
    assert!(2 * frozen < free, "{frozen} {free}");
    assert_eq!(Frozen::INFO.parameters, Free::INFO.parameters);
    let (mut fixed, mut moving) = (0, 0);
    Frozen::new(0).visit(&mut |_, param| {
        if param.is_frozen() {
            fixed += param.values().len()
        }
    });
    Free::new(0).visit(&mut |_, param| {
        if param.is_statistic() {
            moving += param.values().len()
        }
    });
    let last = 2 * 6;
    assert_eq!(Frozen::INFO.non_trainable_parameters, fixed + last);
    assert_eq!(Free::INFO.non_trainable_parameters, moving);
}

/// A file of the system's folder for these, which is gone with it.
fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    (folder, path)
}

#[test]
fn thawed_and_resumed_runs_go_on_as_undisturbed_ones() {
    let (_folder, path) = file();
    let optimizer = || Adam::new(1e-2).weight_decay(0.1).average_weights(0.9).clip_global_norm(1.0).rate("eye*", 0.1);
    let samples = free_samples(30);
    let mut whole = Trainer::new(pair().1, optimizer());
    let step = |trainer: &mut Trainer<Free, Adam>| trainer.step(&samples).map(f32::to_bits).unwrap();
    let resume = |trainer: &Trainer<Free, Adam>| {
        trainer.save_state(&path).unwrap();
        Trainer::<Free, _>::load_state(&path, optimizer()).unwrap()
    };
    step(&mut whole);
    TRUNK.into_iter().for_each(|pattern| whole.freeze(pattern).unwrap());
    // Before and after a step with what is frozen, and what is thawed.
    let mut resumed = resume(&whole);
    for _ in 0..2 {
        assert_eq!(step(&mut whole), step(&mut resumed));
    }
    assert_eq!(values(whole.network()), values(resumed.network()));
    let mut resumed = resume(&resumed);
    for trainer in [&mut whole, &mut resumed] {
        trainer.thaw("eye*").unwrap();
        trainer.thaw("encoder").unwrap();
    }
    let mut resumed = resume(&resumed);
    for _ in 0..3 {
        assert_eq!(step(&mut whole), step(&mut resumed));
    }
    let mut resumed = resume(&resumed);
    assert_eq!(step(&mut whole), step(&mut resumed));
    assert_eq!(values(whole.network()), values(resumed.network()));
    let frozen = |trainer: &Trainer<Free, Adam>| {
        let mut frozen = Vec::new();
        trainer.network().visit(&mut |name, param| {
            if param.is_frozen() {
                frozen.push(name.to_string())
            }
        });
        frozen
    };
    assert_eq!(frozen(&whole), frozen(&resumed));
    assert!(frozen(&whole).iter().all(|name| ["block", "steps", "middle"].iter().any(|part| name.starts_with(part))));
}

#[test]
fn what_is_thawed_begins_as_in_a_first_step() {
    // After any number of steps that left it as it was, one of Adam moves a weight by the learning rate.
    let (_, free) = pair();
    let samples = free_samples(8);
    let mut trainer = Trainer::new(free, Adam::new(1e-3));
    trainer.freeze("middle").unwrap();
    for _ in 0..5 {
        trainer.step(&samples).unwrap();
    }
    let before = trainer.network().middle.kernel.values().to_vec();
    trainer.thaw("middle").unwrap();
    trainer.step(&samples).unwrap();
    let moved =
        trainer.network().middle.kernel.values().iter().zip(&before).map(|(after, before)| (after - before).abs());
    let largest = moved.fold(0.0, f32::max);
    assert!((largest - 1e-3).abs() < 1e-5, "{largest}");
}

#[test]
fn patterns_that_mean_nothing_are_told() {
    let (frozen, free) = pair();
    let mut trainer = Trainer::new(free, Adam::new(1e-3));
    let error = trainer.freeze("feature*").unwrap_err().to_string();
    assert!(
        error.starts_with("`freeze` has `feature*`, but no parameter is called so; there are `eye_conv2d`,"),
        "{error}"
    );
    trainer.freeze("*").unwrap();
    let error = trainer.step(&free_samples(4)).unwrap_err().to_string();
    assert_eq!(error, "`Free` cannot be trained: all of its weights are frozen");
    trainer.thaw("*.bias").unwrap();
    trainer.step(&free_samples(4)).unwrap();

    let mut declared = Trainer::new(frozen.clone(), Adam::new(1e-3));
    let error = declared.thaw("middle").unwrap_err().to_string();
    assert!(
        error.starts_with("`middle.kernel` cannot be thawed: the network declares it with `frozen = true`"),
        "{error}"
    );
    let mut rated = Trainer::new(frozen, Adam::new(1e-3).rate("tail*", 0.1));
    let error = rated.step(&frozen_samples(4)).unwrap_err().to_string();
    assert!(error.contains("`rate` has `tail*`, but no parameter is called so"), "{error}");
}

#[test]
fn a_rate_of_a_part_is_the_learning_rate_times_it() {
    let (_, free) = pair();
    let samples = free_samples(8);
    let trained = |optimizer: Sgd| {
        let mut trainer = Trainer::new(free.clone(), optimizer);
        for _ in 0..2 {
            trainer.step(&samples).unwrap();
        }
        values(trainer.network())
    };
    // A rate of 0 moves statistics alone.
    for ((name, before), (_, after)) in values(&free).iter().zip(&trained(Sgd::new(0.1).rate("*", 0.0))) {
        assert_eq!(before == after, !name.contains("moving"), "{name}");
    }
    assert_eq!(trained(Sgd::new(0.4).rate("*", 0.25)), trained(Sgd::new(0.1)));
    assert_eq!(trained(Sgd::new(0.1).rate("eye*", 3.0).rate("*", 1.0)), trained(Sgd::new(0.1)));
}

/// What transfer learning is: a head on frozen features, then all of it, then the features in another network.
#[test]
fn a_head_is_trained_then_all_and_the_trunk_goes_into_another_network() {
    let (_folder, path) = file();
    let samples = free_samples(48);
    let mut trainer = Trainer::new(pair().1, Adam::new(1e-2));
    TRUNK.into_iter().for_each(|pattern| trainer.freeze(pattern).unwrap());
    let first = trainer.step(&samples).unwrap();
    let shown = trainer.summary().to_string();
    let head = (8 + 1) * 6 + 2 * 6 + (6 + 1) * 3;
    let all = Free::INFO.parameters;
    assert!(shown.contains(&format!("Total params: {} ", thousands(all))), "{shown}");
    assert!(shown.contains(&format!("Trainable params: {} ", thousands(head))), "{shown}");
    assert!(shown.contains(&format!("Non-trainable params: {} ", thousands(all - head))), "{shown}");
    assert!(shown.contains("(Chain, frozen)") && shown.contains("(Encoder, frozen)"), "{shown}");
    trainer.fit(&samples).epochs(10).batch_size(16).silent().run().unwrap();
    TRUNK.into_iter().for_each(|pattern| trainer.thaw(pattern).unwrap());
    assert_eq!(trainer.summary().to_string(), Free::summary().to_string());
    trainer.fit(&samples).epochs(5).batch_size(16).silent().run().unwrap();
    assert!(trainer.step(&samples).unwrap() < first);

    let net = trainer.into_network();
    net.save(&path).unwrap();
    let mut trunk = Trunk::new(9);
    let matching = trunk.load_matching(&path).unwrap();
    let inputs = || (samples.image.view(), samples.other.view());
    assert_eq!((matching.missing.len(), matching.of_another_shape.len()), (0, 0), "{matching}");
    assert!(matching.surplus.iter().all(|name| !is_frozen(name)), "{matching}");
    let (image, other) = inputs();
    let code = trunk.predict(TrunkInputs { image, other }).unwrap();
    assert!(code.both.data().iter().all(|value| value.is_finite()));
    for (name, values_of) in values(&trunk) {
        assert!(values(&net).contains(&(name, values_of)));
    }
    // A part of it alone, as a network of its own.
    let mut encoder = Encoder::new(1);
    let matching = net_runtime::io::load_matching_as(&mut encoder, &path, "encoder.", "").unwrap();
    assert_eq!(matching.taken.len(), values(&encoder).len(), "{matching}");
    assert!(matching.surplus.is_empty() && matching.missing.is_empty(), "{matching}");
    // Nothing fits, and nothing is changed.
    let (mut other, before) = (features::Features::new(2), values(&features::Features::new(2)));
    let error = other.load_matching(&path).unwrap_err().to_string();
    assert!(error.contains("has no parameter of `Features` in its shape"), "{error}");
    assert_eq!(values(&other), before);
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    match digits.len() {
        4..=6 => format!("{},{}", &digits[..digits.len() - 3], &digits[digits.len() - 3..]),
        _ => digits,
    }
}

network! {
    /// A part of other networks, with all that a step does to weights.
    network Part(x: [6]) -> (part: [5]) {
        let part = x -> Dense(5, kernel_regularizer = l2(0.1), kernel_constraint = non_neg) -> BatchNorm -> tanh;
    }

    network OnFrozen(x: [6]) -> (y: [2]) {
        let y = x -> Part(frozen = true) -> Dense(2);
        loss y: MeanSquaredError;
    }

    network OnTrained(x: [6]) -> (y: [2]) {
        let y = x -> Part -> Dense(2);
        loss y: MeanSquaredError;
    }
}

/// A part is a field, which a program may assign: what is frozen follows from the place, and not from where the part is from.
#[test]
fn a_part_is_frozen_where_it_is_declared_so_wherever_it_is_from() -> Result<(), Error> {
    let x: Batch<Shape1<6>> = positive_batch(8, 1);
    let y: Batch<Shape1<2>> = positive_batch(8, 2);
    let adam = || Adam::new(0.01).clip_global_norm(0.5).average_weights(0.9);

    let mut net = OnFrozen::new(1);
    net.y_part = Part::new(7);
    let (before, head) = (values(&net.y_part), net.y_dense.kernel.values().to_vec());
    let samples = OnFrozenSamples { x: x.clone(), y: y.clone() };
    let mut trainer = Trainer::new(net, adam());
    trainer.fit(&samples).epochs(3).batch_size(4).silent().run()?;
    assert_eq!(values(&trainer.network().y_part), before);
    assert_ne!(trainer.network().y_dense.kernel.values(), head);

    let mut net = OnTrained::new(1);
    net.y_part = OnFrozen::new(7).y_part;
    let before = values(&net.y_part);
    let mut trainer = Trainer::new(net, adam());
    trainer.fit(&OnTrainedSamples { x, y }).epochs(3).batch_size(4).silent().run()?;
    assert_ne!(values(&trainer.network().y_part), before);
    Ok(())
}
