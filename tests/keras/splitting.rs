//! `Split`: the parts, and the gradient of the whole from those of all parts or of some.

/// Declares a network of one split, and compares it with a case. It wants a module of its own. `axis` counts from 0, without the
/// batch, as everywhere here.
macro_rules! split_test {
    ($case:expr, $shape:tt -> ($($y:ident: $part:tt),+) $arguments:tt) => {
        use net_runtime::prelude::*;

        use tests_common::keras::answers::{Answers, Node};
        use tests_common::keras::compare::Tolerance;
        use tests_common::keras::harness;

        network! {
            network Net(x: $shape) -> ($($y: $part),+) {
                let ($($y),+,) = x -> Split $arguments;
            }
        }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            let answers = Answers::read("splitting");
            let case = answers.case($case);
            let given = case.at("given");
            let net = Net::new(0);
            let x: Batch<_> = harness::batch(&given.at("x"));
            let parts = net.predict(&x)?;
            $(case.at("outputs").at(stringify!($y)).check(parts.$y.data(), Tolerance::EXACT);)+

            let all = given.at("upstream");
            let of = |name: &str| -> Option<Node<'_>> {
                all.fields().iter().any(|(field, _)| *field == name).then(|| all.at(name))
            };
            $(let $y = of(stringify!($y)).map(|recipe| harness::batch(&recipe));)+
            let upstream = NetOutputGradients { $($y: $y.as_ref().map(|batch| batch.view())),+ };
            let mut workspace = NetWorkspace::new(1);
            net.forward(&x, Mode::Training, &mut workspace)?;
            let by_inputs = net.backward_inputs(&x, upstream, &mut workspace)?;
            case.at("gradients").at("x").check(by_inputs.x.data(), Tolerance::EXACT);
            Ok(())
        }
    };
}

macro_rules! split_tests {
    ($($case:ident $shape:tt -> $parts:tt $arguments:tt)+) => {
        $(mod $case {
            split_test! { stringify!($case), $shape -> $parts $arguments }
        })+

        #[test]
        fn every_case_is_compared() {
            tests_common::keras::harness::assert_all_compared("splitting", &[$(stringify!($case)),+]);
        }
    };
}

split_tests! {
    features_two [6] -> (y_1: [3], y_2: [3]) (2)
    features_three [9] -> (y_1: [3], y_2: [3], y_3: [3]) (3)
    features_sizes [7] -> (y_1: [2], y_2: [4], y_3: [1]) ((2, 4, 1))
    features_one_unused [7] -> (y_1: [2], y_2: [4], y_3: [1]) ((2, 4, 1))
    steps [6, 5] -> (y_1: [2, 5], y_2: [2, 5], y_3: [2, 5]) (3, axis = steps)
    steps_last [6, 5] -> (y_1: [6, 3], y_2: [6, 2]) ((3, 2), axis = -1)
    height [4, 3, 2] -> (y_1: [2, 3, 2], y_2: [2, 3, 2]) (2, axis = height)
    width [2, 5, 3] -> (y_1: [2, 1, 3], y_2: [2, 4, 3]) ((1, 4), axis = width)
    channels [3, 2, 8] -> (y_1: [3, 2, 2], y_2: [3, 2, 2], y_3: [3, 2, 2], y_4: [3, 2, 2]) (4, axis = 2)
    channels_sizes [3, 2, 5] -> (y_1: [3, 2, 3], y_2: [3, 2, 2]) ((3, 2))
    channels_one_unused [3, 2, 5] -> (y_1: [3, 2, 3], y_2: [3, 2, 2]) ((3, 2))
    one_section [5] -> (y_1: [5]) (1)
}
