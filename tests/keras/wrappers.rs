//! `Bidirectional` and `TimeDistributed`: their results, and every gradient. Weights and their gradients go by their whole names.

/// Declares a network, and compares it with a case. It wants a module of its own; a mask has no gradient, in Keras either.
macro_rules! wrapper_test {
    ($case:expr, ($($input:ident: $shape:tt),+) -> ($($output:ident: $result:tt),+) { $($statement:tt)+ }) => {
        use net_runtime::prelude::*;

        use crate::answers::Answers;
        use crate::compare::Tolerance;
        use crate::harness;

        network! {
            network Net($($input: $shape),+) -> ($($output: $result),+) { $($statement)+ }
        }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            const TOLERANCE: Tolerance = Tolerance::NETWORK;
            let answers = Answers::read("wrappers");
            let case = answers.case($case);
            let (given, of) = (case.at("given"), case.at("gradients"));
            let mut net = Net::new(0);
            harness::set_weights(&mut net, |name| given.at(name));
            $(let $input: Batch<_> = harness::batch(&given.at(stringify!($input)));)+
            let inputs = NetInputs { $($input: $input.view()),+ };
            let found = net.predict(inputs)?;
            $(case.at("outputs").at(stringify!($output)).check(found.$output.data(), TOLERANCE);)+

            let upstream = given.at("upstream");
            $(let $output = harness::batch(&upstream.at(stringify!($output)));)+
            let upstream = NetOutputGradients { $($output: Some($output.view())),+ };
            let mut workspace = NetWorkspace::new(1);
            let found = net.forward(inputs, Mode::Training, &mut workspace)?;
            $(case.at("outputs").at(stringify!($output)).check(found.$output.data(), TOLERANCE);)+
            let mut gradients = harness::poisoned::<NetGradients>();
            let by_inputs = net.backward_both(inputs, upstream, &mut workspace, &mut gradients)?;
            $(of.at(stringify!($input)).check(by_inputs.$input.data(), TOLERANCE);)+
            harness::check_gradients(&gradients, |name| of.at(name), TOLERANCE);
            let inputs_and_weights = [$(stringify!($input)),+].len() + harness::weight_count(&net);
            assert_eq!(of.fields().len(), inputs_and_weights, "gradients of {}", case.path());
            Ok(())
        }
    };
}

macro_rules! wrapper_tests {
    ($($case:ident $inputs:tt -> $outputs:tt $statements:tt)+) => {
        $(mod $case {
            wrapper_test! { stringify!($case), $inputs -> $outputs $statements }
        })+

        #[test]
        fn every_case_is_compared() {
            crate::harness::assert_all_compared("wrappers", &[$(stringify!($case)),+]);
        }
    };
}

wrapper_tests! {
    last (x: [4, 3]) -> (y: [10]) { let y = x -> Bidirectional(Lstm(5)); }
    sequences (x: [4, 3]) -> (y: [4, 5]) { let y = x -> Bidirectional(Lstm(5, sequences = true), merge = sum); }
    average (x: [4, 3]) -> (y: [4, 5]) { let y = x -> Bidirectional(Gru(5, sequences = true), merge = ave); }
    other_backward (x: [4, 3]) -> (y: [4, 10]) {
        let y = x
            -> Bidirectional(SimpleRnn(5, sequences = true), backward = SimpleRnn(5, activation = relu, sequences = true));
    }
    masked (x: [4, 3], m: [4]) -> (y: [4, 5]) {
        let y = (x, mask = m) -> Bidirectional(Lstm(5, sequences = true), merge = mul);
    }
    masked_last (x: [4, 3], m: [4]) -> (y: [10]) { let y = (x, mask = m) -> Bidirectional(Gru(5)); }
    states (x: [4, 3], a: [5], b: [5], c: [5], d: [5])
        -> (y: [4, 10], last_1: [5], last_2: [5], last_3: [5], last_4: [5])
    {
        let (y, last_1, last_2, last_3, last_4) = (x, forward_h = a, forward_c = b, backward_h = c, backward_c = d)
            -> Bidirectional(Lstm(5, sequences = true, states = true));
    }
    both_results (x: [4, 3], m: [4]) -> (y: [4, 5], second: [4, 5], last_1: [5], last_2: [5]) {
        let (y, second, last_1, last_2) = (x, mask = m)
            -> Bidirectional(Gru(5, sequences = true, states = true), merge = none);
    }
    each_step (x: [4, 6, 5, 2]) -> (y: [4, 4]) {
        let y = x -> TimeDistributed(Conv2d(3, 3) -> relu -> MaxPool2d(2) -> Flatten -> Dense(4));
    }
    nested (x: [2, 3, 5]) -> (y: [2, 3, 4]) { let y = x -> TimeDistributed(TimeDistributed(Dense(4))); }
}
