//! Batch normalization: training and inference, gradients, and the moving statistics after one and three steps.

/// Declares a network of one batch normalization, and compares it with a case. It wants a module of its own.
macro_rules! norm_test {
    ($case:expr, $shape:tt, ($($argument:tt)*)) => {
        use net_runtime::optimizers::Sgd;
        use net_runtime::prelude::*;

        use tests_common::keras::answers::Answers;
        use tests_common::keras::compare::Tolerance;
        use tests_common::keras::harness;

        network! {
            network Net(x: $shape) -> (y: $shape) {
                let y = x -> BatchNorm($($argument)*);
            }
        }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            const TOLERANCE: Tolerance = Tolerance::LAYER;
            let answers = Answers::read("norm");
            let case = answers.case($case);
            let given = case.at("given");
            let mut net = Net::new(0);
            harness::set_weights(&mut net, |name| given.at(harness::kind(name)));
            let x: Batch<_> = harness::batch(&given.at("x"));
            case.at("inference").at("output").check(net.predict(&x)?.y.data(), TOLERANCE);

            let training = case.at("training");
            let upstream = harness::batch(&given.at("upstream"));
            let upstream = NetOutputGradients { y: Some(upstream.view()) };
            let mut workspace = NetWorkspace::new(1);
            let mut gradients = harness::poisoned::<NetGradients>();
            let mut sgd = Sgd::new(0.0).for_network(&net);
            for (step, x) in ["x", "x_2", "x_3"].into_iter().enumerate() {
                let x: Batch<_> = harness::batch(&given.at(x));
                let output = net.forward(&x, Mode::Training, &mut workspace)?.y;
                if step == 0 {
                    training.at("output").check(output.data(), TOLERANCE);
                }
                let by_inputs = net.backward_both(&x, upstream, &mut workspace, &mut gradients)?;
                if step == 0 {
                    let of = training.at("gradients");
                    of.at("x").check(by_inputs.x.data(), TOLERANCE);
                    harness::check_gradients(&gradients, |name| of.at(harness::kind(name)), TOLERANCE);
                    assert_eq!(of.fields().len(), 1 + harness::trained_count(&net), "gradients of {}", case.path());
                    // Gradients by the input alone.
                    net.forward(&x, Mode::Training, &mut workspace)?;
                    of.at("x").check(net.backward_inputs(&x, upstream, &mut workspace)?.x.data(), TOLERANCE);
                }
                // Nothing is learnt, but statistics move.
                sgd.step(&mut net, &gradients)?;
                let moving = match step {
                    0 => case.at("moving").at("after_1"),
                    2 => case.at("moving").at("after_3"),
                    _ => continue,
                };
                net.visit(&mut |name, param| {
                    let name = name.to_string();
                    if param.is_statistic() {
                        moving.at(harness::kind(&name)).check(param.values(), TOLERANCE);
                    } else {
                        assert_eq!(param.values(), given.at(harness::kind(&name)).tensor(), "{name}");
                    }
                });
            }
            Ok(())
        }
    };
}

macro_rules! norm_tests {
    ($($case:ident $shape:tt $arguments:tt)+) => {
        $(mod $case {
            norm_test! { stringify!($case), $shape, $arguments }
        })+

        #[test]
        fn every_case_is_compared() {
            tests_common::keras::harness::assert_all_compared("norm", &[$(stringify!($case)),+]);
        }
    };
}

norm_tests! {
    features [5] ()
    features_one_sample [5] ()
    one_element_one_sample [1] ()
    features_wide [37] ()
    image [3, 4, 5] ()
    image_one_channel [5, 3, 1] ()
    steps [6, 5] ()
    no_center [5] (center = false)
    no_scale [3, 2, 5] (scale = false)
    no_center_no_scale [6, 5] (center = false, scale = false)
    momentum [5] (momentum = 0.9)
    momentum_0 [5] (momentum = 0)
    epsilon [6, 5] (epsilon = 0.1)
}
