//! `Embedding`: rows of a table, and the gradient of the table.

/// Declares a network of one embedding, and compares it with a case. It wants a module of its own.
macro_rules! embedding_test {
    ($case:expr, ($($x:tt)+) -> $y:tt ($rows:literal, $width:literal)) => {
        use net_runtime::prelude::*;

        use tests_common::keras::answers::Answers;
        use tests_common::keras::compare::Tolerance;
        use tests_common::keras::harness;

        network! {
            network Net(x: $($x)+) -> (y: $y) {
                let y = x -> Embedding($rows, $width);
            }
        }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            let answers = Answers::read("embedding");
            let case = answers.case($case);
            let given = case.at("given");
            let mut net = Net::new(0);
            harness::set_weights(&mut net, |name| given.at(harness::kind(name)));
            let x = harness::batch(&given.at("x"));
            case.at("output").check(net.predict(&x)?.y.data(), Tolerance::EXACT);
            let upstream = harness::batch(&given.at("upstream"));
            let upstream = NetOutputGradients { y: Some(upstream.view()) };
            let mut workspace = NetWorkspace::new(1);
            let mut gradients = harness::poisoned::<NetGradients>();
            // The second time the table holds rows of the first.
            for _ in 0..2 {
                let output = net.forward(&x, Mode::Training, &mut workspace)?.y;
                case.at("output").check(output.data(), Tolerance::EXACT);
                net.backward(&x, upstream, &mut workspace, &mut gradients)?;
                let of = case.at("gradients");
                harness::check_gradients(&gradients, |name| of.at(harness::kind(name)), Tolerance::LAYER);
            }
            Ok(())
        }
    };
}

macro_rules! embedding_tests {
    ($($case:ident $x:tt -> $y:tt $arguments:tt)+) => {
        $(mod $case {
            embedding_test! { stringify!($case), $x -> $y $arguments }
        })+

        #[test]
        fn every_case_is_compared() {
            tests_common::keras::harness::assert_all_compared("embedding", &[$(stringify!($case)),+]);
        }
    };
}

embedding_tests! {
    steps (u32[6]) -> [6, 5] (11, 5)
    one_sample (u32[6]) -> [6, 5] (11, 5)
    one_step (u32[1]) -> [1, 7] (4, 7)
    one_wide (u32[4]) -> [4, 1] (9, 1)
    wide (u32[7]) -> [7, 37] (40, 37)
    two_axes (u32[2, 4]) -> [2, 4, 3] (11, 3)
    repeated (u32[4]) -> [4, 5] (6, 5)
    all_the_same (u32[6]) -> [6, 5] (3, 5)
}
