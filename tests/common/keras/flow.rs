//! A network of several inputs, stages and outputs for each case of a theme.

/// Declares a network and compares it with a case: outputs in inference and in training, and every gradient, of weights and
/// inputs together and of each alone.
///
/// It wants a module of its own. `names` says how the answers call a weight: by its [`whole`](super::harness::whole) name or by its
/// [`kind`](super::harness::kind). `upstream` finds the gradient by an output: `at` if all of them have one, `get` if not.
/// `gradients` compares those of the weights.
#[macro_export]
macro_rules! flow_test {
    (
        $theme:literal, $case:expr, names $names:ident, upstream $upstream:ident, gradients $gradients:path,
        ($($input:ident: $shape:tt),+) -> ($($output:ident: $result:tt),+) { $($statement:tt)+ }
    ) => {
        use net_runtime::prelude::*;
        use $crate::keras::answers::{Answers, Node};
        use $crate::keras::compare::Tolerance;
        use $crate::keras::harness;

        network! {
            network Net($($input: $shape),+) -> ($($output: $result),+) { $($statement)+ }
        }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            const TOLERANCE: Tolerance = Tolerance::NETWORK;
            let answers = Answers::read($theme);
            let case = answers.case($case);
            let (given, of) = (case.at("given"), case.at("gradients"));
            let mut net = Net::new(0);
            harness::set_weights(&mut net, |name| given.at(harness::$names(name)));
            $(let $input: Batch<_> = harness::batch(&given.at(stringify!($input)));)+
            let inputs = NetInputs { $($input: $input.view()),+ };
            let found = net.predict(inputs)?;
            $(case.at("outputs").at(stringify!($output)).check(found.$output.data(), TOLERANCE);)+

            let upstream = given.at("upstream");
            $(
                let $output = Option::<Node<'_>>::from(upstream.$upstream(stringify!($output)));
                let $output = $output.map(|recipe| harness::batch(&recipe));
            )+
            let upstream = NetOutputGradients { $($output: $output.as_ref().map(|batch| batch.view())),+ };
            let mut workspace = NetWorkspace::new(1);
            let found = net.forward(inputs, Mode::Training, &mut workspace)?;
            $(case.at("outputs").at(stringify!($output)).check(found.$output.data(), TOLERANCE);)+
            let mut gradients = harness::poisoned::<NetGradients>();
            let by_inputs = net.backward_both(inputs, upstream, &mut workspace, &mut gradients)?;
            $(of.at(stringify!($input)).check(by_inputs.$input.data(), TOLERANCE);)+
            $gradients(&gradients, |name| of.at(harness::$names(name)), TOLERANCE);
            let inputs_and_weights = [$(stringify!($input)),+].len() + harness::weight_count(&net);
            assert_eq!(of.fields().len(), inputs_and_weights, "gradients of {}", case.path());

            // Each kind of gradient alone.
            net.forward(inputs, Mode::Training, &mut workspace)?;
            let by_inputs = net.backward_inputs(inputs, upstream, &mut workspace)?;
            $(of.at(stringify!($input)).check(by_inputs.$input.data(), TOLERANCE);)+
            net.forward(inputs, Mode::Training, &mut workspace)?;
            let mut gradients = harness::poisoned::<NetGradients>();
            net.backward(inputs, upstream, &mut workspace, &mut gradients)?;
            $gradients(&gradients, |name| of.at(harness::$names(name)), TOLERANCE);
            Ok(())
        }
    };
}

/// Every case of a theme: `case (inputs) -> (outputs) { statements }`. Cases that need more are named after `and`.
#[macro_export]
macro_rules! flow_tests {
    ($theme:literal $(and $other:literal)*, names $names:ident, upstream $upstream:ident, gradients $gradients:path;
     $($case:ident $inputs:tt -> $outputs:tt $statements:tt)+) => {
        $(mod $case {
            $crate::flow_test! {
                $theme, stringify!($case), names $names, upstream $upstream, gradients $gradients,
                $inputs -> $outputs $statements
            }
        })+

        #[test]
        fn every_case_is_compared() {
            $crate::keras::harness::assert_all_compared($theme, &[$(stringify!($case),)+ $($other),*]);
        }
    };
}
