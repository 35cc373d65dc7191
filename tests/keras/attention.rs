//! Attention: queries, keys, values and masks, and every gradient, for several layers in each network.

/// Declares a network, and compares it with a case. It wants a module of its own.
macro_rules! attention_test {
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
            let answers = Answers::read("attention");
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
            gradients.visit(&mut |name, gradient| {
                let name = name.to_string();
                // What is added to all keys changes no softmax: rounding is all there is of its gradient, in Keras, too.
                if harness::kind(&name) == "key_bias" {
                    assert!(gradient.values().iter().all(|value| value.abs() < 1e-5), "{name}");
                } else {
                    of.at(&name).check(gradient.values(), TOLERANCE);
                }
            });
            let inputs_and_weights = [$(stringify!($input)),+].len() + harness::weight_count(&net);
            assert_eq!(of.fields().len(), inputs_and_weights, "gradients of {}", case.path());
            Ok(())
        }
    };
}

macro_rules! attention_tests {
    ($($case:ident $inputs:tt -> $outputs:tt $statements:tt)+) => {
        $(mod $case {
            attention_test! { stringify!($case), $inputs -> $outputs $statements }
        })+

        #[test]
        fn every_case_is_compared() {
            crate::harness::assert_all_compared("attention", &[$(stringify!($case)),+]);
        }
    };
}

attention_tests! {
    own (x: [6, 8]) -> (own: [6, 8], causal: [6, 7], group: [6, 8]) {
        let own = x -> MultiHeadAttention(heads = 2, key_dim = 3, name = own);
        let causal = x
            -> MultiHeadAttention(heads = 3, key_dim = 2, value_dim = 5, outputs = 7, causal = true, bias = false, name = causal);
        let group = x -> GroupQueryAttention(heads = 4, key_heads = 2, key_dim = 3, causal = true, name = group);
    }
    other (x: [5, 8], other: [7, 4], third: [7, 3]) -> (two: [5, 8], three: [5, 8]) {
        let two = (x, other) -> MultiHeadAttention(heads = 2, key_dim = 3, name = two);
        let three = (value = third, query = x, key = other)
            -> MultiHeadAttention(heads = 2, key_dim = 3, value_dim = 4, causal = true, name = three);
    }
    masked (x: [5, 4], other: [7, 4], m: [7], pairs: [5, 7]) -> (by_key: [5, 4], by_pair: [5, 4]) {
        let by_key = (x, other, mask = m) -> MultiHeadAttention(heads = 2, key_dim = 3, name = by_key);
        let by_pair = (x, other, mask = pairs) -> MultiHeadAttention(heads = 2, key_dim = 3, causal = true, name = by_pair);
    }
    long (x: [100, 4]) -> (y: [100, 4]) {
        let y = x -> MultiHeadAttention(heads = 2, key_dim = 17, causal = true, name = y);
    }
}
