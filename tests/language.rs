//! What the language promises, seen from a user's program: names, sharing, inner networks, visibility, attributes.

use net_runtime::prelude::*;

/// Names that an expansion would stumble over if it did not write its paths in full.
#[allow(dead_code)]
mod hostile {
    pub struct Result;
    pub struct Some;
    pub struct Option;
    pub trait From {}
    pub fn drop() {}
}
#[allow(unused_imports)]
use hostile::*;

network! {
    const FEATURES: usize = 8 * (1 + 1);

    /// Reads one picture.
    #[allow(dead_code)]
    pub(crate) network Encoder(picture: [8, 8, 1]) -> (code: [FEATURES]) {
        let code = picture -> Conv2d(4, 3, name = look) -> relu -> MaxPool2d(2) -> Flatten -> Dense(FEATURES);
    }

    /// Two pictures, one encoder.
    network Twins(left: [8, 8, 1], right: [8, 8, 1]) -> (same: [1]) {
        layer encoder = Encoder;
        let distance = (left -> encoder, right -> encoder) -> Sub;
        let same = (distance, distance) -> Mul -> Dense(1) -> sigmoid;
        loss same: BinaryCrossentropy;
        metric same: Accuracy;
    }

    /// The same, with weights for each side.
    network Strangers(left: [8, 8, 1], right: [8, 8, 1]) -> (same: [1]) {
        let same = (left -> Encoder, right -> Encoder) -> Concat -> Dense(1) -> sigmoid;
    }

    /// Several outputs, taken apart and handed on.
    network Split(x: [6]) -> (low: [2], high: [3]) {
        let low = x -> Dense(2);
        let high = x -> Dense(3) -> Dropout(0.5) -> tanh;
    }
    network Joined(x: [6]) -> (all: [5], first: [2]) {
        let (first, second) = x -> Split;
        let all = (first, second) -> Concat;
    }
    network Straight(x: [6]) -> (all: [5]) {
        let all = x -> Split -> Concat;
    }

    /// A tensor beside what dropout makes of it, twice.
    network Noisy(x: [6]) -> (y: [24]) {
        let h = x -> Dense(6, bias = false);
        let y = (h, h -> Dropout(0.5), h -> Dropout(0.5), h -> Dropout(0.5) -> Dropout(0.1)) -> Concat;
    }

    /// Layers called as constants of the generated code are.
    network Namesakes(x: [6]) -> (training: [6]) {
        layer parameters = Dense(6);
        let training = x -> parameters -> Dense(6, name = multiply_adds);
    }

    /// An output that is an input under another shape.
    network Reshaped(x: [6]) -> (y: [2, 3]) {
        let y = x -> Reshape(2, 3);
    }

    #[cfg(any())]
    network NotHere(x: [6]) -> (y: [2]) {
        let y = x -> Dense(2);
    }
}

#[allow(dead_code)]
struct NotHere;

fn names(net: &impl Network) -> Vec<String> {
    let mut names = Vec::new();
    net.visit(&mut |name, _| names.push(name.to_string()));
    names
}

#[test]
fn names_of_weights_are_stable() {
    assert_eq!(
        names(&Twins::new(0)),
        [
            "encoder.look.kernel",
            "encoder.look.bias",
            "encoder.code_dense.kernel",
            "encoder.code_dense.bias",
            "same_dense.kernel",
            "same_dense.bias"
        ]
    );
    assert_eq!(names(&Strangers::new(0))[4], "same_encoder_2.look.kernel");
    assert_eq!(FEATURES, 16);
}

#[test]
fn a_shared_network_has_its_weights_once_and_an_inline_one_each_its_own() {
    let encoder = 4 * 9 + 4 + 36 * 16 + 16;
    assert_eq!(Encoder::PARAMETERS, encoder);
    assert_eq!(Twins::PARAMETERS, encoder + 17);
    assert_eq!(Strangers::PARAMETERS, 2 * encoder + 33);
    let strangers = Strangers::new(0);
    assert_ne!(strangers.same_encoder.look.kernel.values(), strangers.same_encoder_2.look.kernel.values());
}

fn pictures(count: usize, phase: usize) -> Batch<Shape3<8, 8, 1>> {
    Batch::from_vec((0..count * 64).map(|i| ((i + phase) * 7 % 11) as f32 / 11.0).collect()).unwrap()
}

#[test]
fn shared_weights_see_both_inputs() -> core::result::Result<(), Error> {
    let net = Twins::new(3);
    let (left, right) = (pictures(5, 0), pictures(5, 3));
    let same = net.predict(TwinsInputs { left: left.view(), right: left.view() })?.same;
    let other = net.predict(TwinsInputs { left: left.view(), right: right.view() })?.same;
    assert!(same.data().iter().all(|&p| p == same.data()[0]), "equal pictures differ by nothing: {same:?}");
    assert_ne!(same, other);
    Ok(())
}

#[test]
fn a_networks_several_outputs_go_into_names_or_straight_into_a_stage() -> core::result::Result<(), Error> {
    let joined = Joined::new(1);
    let straight = Straight { all_split: joined.first_split.clone() };
    let input = Batch::<Shape1<6>>::from_vec((0..12).map(|i| i as f32 / 12.0).collect())?;
    let expected = joined.predict(&input)?;
    assert_eq!(straight.predict(&input)?.all, expected.all);
    assert_eq!(expected.all.sample(1)[..2], *expected.first.sample(1));
    Ok(())
}

#[test]
fn an_output_may_be_an_input_and_passes_its_gradient_back() -> core::result::Result<(), Error> {
    let net = Reshaped::new(0);
    let input = Batch::<Shape1<6>>::from_vec((0..12).map(|i| i as f32).collect())?;
    assert_eq!(net.predict(&input)?.y.data(), input.data());
    let mut memory = ReshapedWorkspace::new(2);
    net.forward(&input, Mode::Training, &mut memory)?;
    let given = vec![0.5; 12];
    let upstream = ReshapedOutputGradients { y: core::option::Option::Some(View::from_slice(&given)?) };
    assert_eq!(net.backward_inputs(&input, upstream, &mut memory)?.x.data(), given);
    Ok(())
}

#[test]
fn an_output_without_a_gradient_costs_and_counts_nothing() -> core::result::Result<(), Error> {
    let net = Split::new(0);
    let input = Batch::<Shape1<6>>::from_vec(vec![0.25; 6])?;
    let (mut memory, mut gradients) = (SplitWorkspace::new(1), SplitGradients::zeros());
    gradients.high_dense.kernel.values_mut().fill(f32::NAN);
    net.forward(&input, Mode::Training, &mut memory)?;
    let ones = [1.0, 1.0];
    let upstream = SplitOutputGradients { low: core::option::Option::Some(View::from_slice(&ones)?), high: None };
    net.backward(&input, upstream, &mut memory, &mut gradients)?;
    assert!(gradients.high_dense.kernel.values().iter().all(|&g| g == 0.0));
    assert!(gradients.low_dense.kernel.values().iter().all(|&g| g == 0.25));
    Ok(())
}

#[test]
fn a_network_can_live_in_a_function() -> core::result::Result<(), Error> {
    network! {
        network Box(x: [2]) -> (y: [1]) {
            let y = x -> Dense(1, bias = false);
        }
    }
    let mut net = Box::new(0);
    net.y_dense.kernel.values_mut().copy_from_slice(&[2.0, 3.0]);
    assert_eq!(net.predict(&Batch::from_vec(vec![1.0, 10.0])?)?.y.data(), [32.0]);
    Ok(())
}

#[test]
fn dropout_draws_anew_each_step_and_rests_in_inference() -> core::result::Result<(), Error> {
    let net = Split::new(0);
    let input = Batch::<Shape1<6>>::from_vec(vec![0.25; 6 * 50])?;
    let mut memory = SplitWorkspace::new(50);
    let key = net_runtime::RandomKey { seed: 5, step: 0 };
    Workspace::set_random(&mut memory, key);
    let first = net.forward(&input, Mode::Training, &mut memory)?.high.to_batch();
    let second = net.forward(&input, Mode::Training, &mut memory)?.high.to_batch();
    Workspace::set_random(&mut memory, key);
    let again = net.forward(&input, Mode::Training, &mut memory)?.high.to_batch();
    assert_ne!(first, second);
    assert_eq!(first, again);
    let rest = net.predict(&input)?.high;
    assert!(rest.samples().all(|sample| sample == rest.sample(0)));
    Ok(())
}

#[test]
fn a_tensor_and_its_dropout_can_be_read_together() -> core::result::Result<(), Error> {
    let net = Noisy::new(3);
    let input = Batch::<Shape1<6>>::from_vec((0..30).map(|i| i as f32).collect())?;
    let y = net.predict(&input)?.y;
    for sample in y.samples() {
        let h = &sample[..6];
        assert!(h.iter().any(|value| *value != 0.0));
        assert_eq!([&sample[6..12], &sample[12..18], &sample[18..]], [h; 3], "dropout rests in inference");
    }
    Ok(())
}

#[test]
fn evaluation_reads_logits_that_nothing_has_overwritten() -> core::result::Result<(), Error> {
    network! {
        network Heads(x: [6]) -> (class: [10], value: [4]) {
            let class = x -> Dense(10) -> softmax;
            let value = x -> Dense(64) -> relu -> Dense(4);
            loss class: SparseCategoricalCrossentropy;
            loss value: MeanSquaredError;
        }
    }
    let net = Heads::new(3);
    let x = Batch::from_vec((0..6 * 8).map(|i| i as f32 * 0.1).collect())?;
    let classes: Vec<u32> = (0..8).collect();
    let probabilities = net.predict(&x)?.class;
    let by_hand =
        classes.iter().map(|&class| -probabilities.sample(class as usize)[class as usize].ln()).sum::<f32>() / 8.0;
    let samples = HeadsSamples { x, class: Batch::from_vec(classes)?, value: Batch::zeros(8) };
    let evaluated = Trainer::new(net, Adam::new(1e-3)).evaluate(&samples)?.get("class_loss").unwrap_or_default();
    assert!((evaluated - f64::from(by_hand)).abs() < 1e-5, "{evaluated}, by hand {by_hand}");
    Ok(())
}

#[test]
fn a_layer_may_be_called_as_a_constant_is() {
    assert_eq!(Namesakes::PARAMETERS, 2 * (6 * 6 + 6));
    assert_eq!(Namesakes::MULTIPLY_ADDS, 2 * 6 * 6);
    assert_eq!(names(&Namesakes::new(0))[0], "parameters.kernel");
}

#[test]
fn backward_draws_what_forward_drew_whatever_is_set_for_the_next_pass() -> core::result::Result<(), Error> {
    let net = Split::new(0);
    let input = Batch::<Shape1<6>>::from_vec(vec![0.25; 6 * 50])?;
    let ones = Batch::<Shape1<3>>::from_vec(vec![1.0; 3 * 50])?;
    let upstream = SplitOutputGradients { high: core::option::Option::Some(ones.view()), ..Default::default() };
    let mut memory = SplitWorkspace::new(50);
    let mut gradients = [SplitGradients::zeros(), SplitGradients::zeros()];
    for (index, gradients) in gradients.iter_mut().enumerate() {
        Workspace::set_random(&mut memory, net_runtime::RandomKey { seed: 5, step: 0 });
        net.forward(&input, Mode::Training, &mut memory)?;
        if index == 1 {
            Workspace::set_random(&mut memory, net_runtime::RandomKey { seed: 6, step: 9 });
        }
        net.backward(&input, upstream, &mut memory, gradients)?;
    }
    assert_eq!(gradients[0].high_dense.kernel.values(), gradients[1].high_dense.kernel.values());
    Ok(())
}
