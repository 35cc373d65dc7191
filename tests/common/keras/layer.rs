//! A network of one layer for each case of a theme.

/// Declares a network of one stage and compares it with a case: output, gradients of inputs and of weights.
///
/// It wants a module of its own.
#[macro_export]
macro_rules! layer_test {
    ($theme:literal, $case:expr, $tolerance:ident, ($($input:ident: $shape:tt),+) -> $output:tt { $($stage:tt)+ }) => {
        use net_runtime::prelude::*;
        use $crate::keras::answers::Answers;
        use $crate::keras::compare::Tolerance;
        use $crate::keras::harness;

        network! {
            network Net($($input: $shape),+) -> (y: $output) {
                let y = ($($input),+) -> $($stage)+;
            }
        }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            const TOLERANCE: Tolerance = Tolerance::$tolerance;
            let answers = Answers::read($theme);
            let case = answers.case($case);
            let (given, of) = (case.at("given"), case.at("gradients"));

            let mut net = Net::new(0);
            harness::set_weights(&mut net, |name| given.at(harness::kind(name)));
            $(let $input: Batch<_> = harness::batch(&given.at(stringify!($input)));)+
            let inputs = NetInputs { $($input: $input.view()),+ };
            let upstream = harness::batch(&given.at("upstream"));
            let upstream = NetOutputGradients { y: Some(upstream.view()) };

            // Room for one sample: it has to grow.
            let mut workspace = NetWorkspace::new(1);
            let output = net.forward(inputs, Mode::Training, &mut workspace)?.y;
            case.at("output").check(output.data(), TOLERANCE);
            let mut gradients = harness::poisoned::<NetGradients>();
            let by_inputs = net.backward_both(inputs, upstream, &mut workspace, &mut gradients)?;
            $(of.at(stringify!($input)).check(by_inputs.$input.data(), TOLERANCE);)+
            harness::check_gradients(&gradients, |name| of.at(harness::kind(name)), TOLERANCE);
            let inputs_and_weights = [$(stringify!($input)),+].len() + harness::weight_count(&net);
            assert_eq!(of.fields().len(), inputs_and_weights, "gradients of {}", case.path());

            // Each kind of gradient alone.
            net.forward(inputs, Mode::Training, &mut workspace)?;
            let by_inputs = net.backward_inputs(inputs, upstream, &mut workspace)?;
            $(of.at(stringify!($input)).check(by_inputs.$input.data(), TOLERANCE);)+
            net.forward(inputs, Mode::Training, &mut workspace)?;
            let mut gradients = harness::poisoned::<NetGradients>();
            net.backward(inputs, upstream, &mut workspace, &mut gradients)?;
            harness::check_gradients(&gradients, |name| of.at(harness::kind(name)), TOLERANCE);
            Ok(())
        }
    };
}

/// Every case of a theme, by tolerance: `case (inputs) -> output { layer }`. Cases that need more are named after `and`.
#[macro_export]
macro_rules! layer_tests {
    ($theme:literal $(and $other:literal)*;
     $($tolerance:ident { $($case:ident $inputs:tt -> $output:tt { $($stage:tt)+ })+ })+) => {
        $($(mod $case {
            $crate::layer_test! { $theme, stringify!($case), $tolerance, $inputs -> $output { $($stage)+ } }
        })+)+

        #[test]
        fn every_case_is_compared() {
            $crate::keras::harness::assert_all_compared($theme, &[$($(stringify!($case),)+)+ $($other),*]);
        }
    };
}
