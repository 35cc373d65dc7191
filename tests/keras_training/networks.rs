//! The networks of the examples: summary, outputs, losses, every gradient, and weights after five steps of Adam.

use net_runtime::prelude::*;

use tests_common::keras::answers::{Answers, Node};
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// Makes samples for the network `Net` of this module, whose fields are named.
macro_rules! samples {
    (($($input:ident),+) -> ($($head:ident),+)) => {
        /// From recipes of `inputs`, `targets` and perhaps `sample_weights`.
        pub fn samples(given: &Node) -> NetSamples {
            let (inputs, targets, weights) = (given.at("inputs"), given.at("targets"), given.get("sample_weights"));
            NetSamples {
                $($input: harness::batch(&inputs.at(stringify!($input))),)+
                $($head: harness::weighted(
                    &targets.at(stringify!($head)),
                    weights.as_ref().map(|weights| weights.at(stringify!($head))),
                ),)+
            }
        }
    };
}
pub(crate) use samples;

/// Compares the network `Net` of this module with the only case of its file: its name, the tolerance of the gradients of
/// weights, inputs and outputs.
macro_rules! network_test {
    ($name:literal, $gradients:ident, ($($input:ident),+) -> ($($head:ident),+)) => {
        network_test! { $name, $gradients, ($($input),+) -> ($($head),+), by ($($input),+) }
    };
    // Inputs of whole numbers have no gradient.
    ($name:literal, $gradients:ident, ($($input:ident),+) -> ($($head:ident),+), by ($($by:ident),+)) => {
        samples! { ($($input),+) -> ($($head),+) }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            const TOLERANCE: Tolerance = Tolerance::NETWORK;
            let theme = concat!("network_", $name);
            harness::assert_all_compared(theme, &[$name]);
            let answers = Answers::read(theme);
            let case = answers.case($name);
            check_summary::<Net>(&case.at("summary"), &Net::summary().to_string());

            let given = case.at("given");
            let samples = samples(&given);
            let mut net = Net::new(0);
            harness::set_weights(&mut net, |name| given.at("weights").at(name));
            let counts = [harness::weight_count(&net), harness::trained_count(&net), harness::weight_count(&net)];
            let of_weights = [given.at("weights"), case.at("gradients"), case.at("adam").at("weights")];
            for (weights, count) in of_weights.into_iter().zip(counts) {
                assert_eq!(weights.fields().len(), count, "{}", weights.path());
            }

            // Keras computes convolutions as they are defined; the fast ones are compared with those.
            let mut workspace = NetWorkspace::new(1);
            workspace.set_arithmetic(Arithmetic::Exact);
            let outputs = net.forward(&samples, Mode::Training, &mut workspace)?;
            $(case.at("outputs").at(stringify!($head)).check(outputs.$head.data(), TOLERANCE);)+
            let mut fast = NetWorkspace::new(1);
            let by_fast = net.forward(&samples, Mode::Training, &mut fast)?;
            $(harness::check_fast(stringify!($head), by_fast.$head.data(), outputs.$head.data());)+
            let losses = net.losses(&samples, &workspace)?;
            $(case.at("losses").at(stringify!($head)).check_number(f64::from(losses.$head), TOLERANCE);)+
            case.at("total").check_number(f64::from(losses.total), TOLERANCE);

            let mut gradients = harness::poisoned::<NetGradients>();
            let by_inputs = net.backward_both(&samples, &samples, &mut workspace, &mut gradients)?;
            $(case.at("input_gradients").at(stringify!($by)).check(by_inputs.$by.data(), TOLERANCE);)+
            harness::check_gradients(&gradients, |name| case.at("gradients").at(name), Tolerance::$gradients);
            train(net, &samples, &case.at("adam"))
        }
    };
}

/// Totals as printed, and the shape and parameters of each row that has any.
fn check_summary<N: Network>(expected: &Node, printed: &str) {
    let total = printed.lines().find(|line| line.contains("Total params")).expect("a summary has a total");
    let (parameters, memory) = (expected.at("parameters").count(), expected.at("memory").text());
    assert_eq!(total.trim().replace(',', ""), format!("Total params: {parameters} ({memory})"));
    let trainable = format!("Trainable params: {} ", expected.at("trainable").count());
    assert!(printed.replace(',', "").contains(&trainable), "{trainable}\n{printed}");
    let mut found: Vec<_> = N::INFO
        .rows
        .iter()
        .filter(|row| row.parameters > 0)
        .map(|row| (row.name, row.uses[0].outputs[0].to_vec(), row.parameters))
        .collect();
    let layers = expected.at("layers").list();
    let mut expected: Vec<_> =
        layers.iter().map(|layer| (layer.at("name").text(), layer.shape(), layer.at("parameters").count())).collect();
    // Keras orders by depth, and here by declaration.
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "rows of the summary");
}

/// The steps of Adam, all on the same batch.
fn train<N: Trainable>(net: N, samples: &N::Samples, adam: &Node) -> Result<(), Error> {
    let rate = adam.at("learning_rate").number() as f32;
    let mut trainer = Trainer::new(net, Adam::new(rate)).with_arithmetic(Arithmetic::Exact);
    for total in adam.at("totals").list() {
        total.check_number(f64::from(trainer.step(samples)?), Tolerance::NETWORK);
    }
    trainer.network().visit(&mut |name, param| {
        adam.at("weights").at(&name.to_string()).check(param.values(), Tolerance::NETWORK);
    });
    Ok(())
}

pub mod functional {
    use super::*;

    network! {
        pub network Net(x: [32]) -> (teste: [16]) {
            let teste = x -> Dense(64) -> relu -> Dense(16) -> softmax;
            loss teste: CategoricalCrossentropy;
            metric teste: Accuracy;
        }
    }
    network_test! { "functional", NETWORK, (x) -> (teste) }
}

pub mod digits {
    use super::*;

    network! {
        pub network Net(pixels: [64]) -> (digit: [10]) {
            let digit = pixels -> Dense(128) -> relu -> Dense(32) -> relu -> Dense(10) -> softmax;
            loss digit: SparseCategoricalCrossentropy;
            metric digit: Accuracy;
        }
    }
    network_test! { "digits", NETWORK, (pixels) -> (digit) }
}

mod detector {
    use super::*;

    network! {
        pub network Net(image: [64, 64, 3]) -> (class: [10], location: [4]) {
            let features = image
                -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
                -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
                -> Flatten;
            let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
            let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;
            loss class: CategoricalCrossentropy;
            loss location: 2.0 * MeanSquaredError;
        }
    }
    network_test! { "detector", NETWORK, (image) -> (class, location) }
}

mod stereo_width {
    use super::*;

    network! {
        pub network Net(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
            layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;
            let distance = (left -> eye, right -> eye)
                -> Concat(axis = width)
                -> Conv2d(128, 3, stride = (1, 2), padding = same) -> relu
                -> Conv2d(32, 3, padding = same) -> relu
                -> Conv2d(1, 1) -> relu;
            loss distance: MeanSquaredError;
        }
    }
    network_test! { "stereo_width", PIXELS, (left, right) -> (distance) }
}

mod stereo_channels {
    use super::*;

    network! {
        pub network Net(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
            layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;
            let distance = (left -> eye, right -> eye)
                -> Concat(axis = channels)
                -> Conv2d(128, 3, padding = same) -> relu
                -> Conv2d(32, 3, padding = same) -> relu
                -> Conv2d(1, 1) -> relu;
            loss distance: MeanSquaredError;
        }
    }
    network_test! { "stereo_channels", PIXELS, (left, right) -> (distance) }
}

pub mod price {
    use super::*;

    network! {
        pub network Net(picture: [8, 8, 1], metadata: [12]) -> (price: [1]) {
            let seen = picture -> Conv2d(16, 3) -> relu -> Conv2d(32, 3) -> relu -> Flatten;
            let known = metadata -> Dense(16) -> relu;
            let price = (seen, known) -> Concat -> Dense(32) -> relu -> Dense(1);
            loss price: MeanSquaredError;
            metric price: MeanAbsoluteError, MeanSquaredError;
        }
    }
    network_test! { "price", NETWORK, (picture, metadata) -> (price) }
}

mod normalized {
    use super::*;

    network! {
        pub network Net(x: [7]) -> (y: [3]) {
            let y = x -> Dense(9, bias = false) -> BatchNorm -> relu -> Dense(3);
            loss y: MeanSquaredError;
        }
    }
    network_test! { "normalized", NETWORK, (x) -> (y) }
}

/// What is frozen for now is as what is declared so: see `tests/frozen.rs`.
mod frozen {
    use super::*;

    network! {
        pub network Net(x: [7]) -> (y: [3]) {
            let y = x -> Dense(9, bias = false, frozen = true) -> BatchNorm(frozen = true) -> relu
                -> Dense(5) -> BatchNorm(frozen = true) -> tanh -> BatchNorm -> Dense(3);
            loss y: MeanSquaredError;
        }
    }
    network_test! { "frozen", NETWORK, (x) -> (y) }
}

mod words {
    use super::*;

    network! {
        pub network Net(text: u32[6], known: [4]) -> (score: [1]) {
            let read = text -> Embedding(30, 5) -> Lstm(7, sequences = true) -> Lstm(3);
            let score = (read, known) -> Concat -> Dense(1);
            loss score: MeanSquaredError;
        }
    }
    network_test! { "words", NETWORK, (text, known) -> (score), by (known) }
}
