//! The other functions of one element, all in one network, and once more each behind a layer with which the compiler fuses it where it can.

use net_runtime::prelude::*;

use tests_common::keras::answers::Answers;
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// Declares the networks, and compares every function with its cases.
macro_rules! functions {
    ($($function:ident $name:literal $tolerance:ident { $($stage:tt)+ })+) => {
        network! {
            network Functions(x: [31]) -> ($($function: [31]),+) {
                $(let $function = x -> $($stage)+;)+
            }

            network Behind(x: [9]) -> ($($function: [9]),+) {
                $(let $function = x -> Dense(9) -> $($stage)+;)+
            }
        }

        #[test]
        fn at_all_places() -> Result<(), Error> {
            let answers = Answers::read("functions");
            let net = Functions::new(0);
            let mut workspace = FunctionsWorkspace::new(1);
            $(
                let case = answers.case(concat!($name, "_places"));
                let x: Batch<_> = harness::batch(&case.at("given").at("x"));
                let upstream = harness::batch(&case.at("given").at("upstream"));
                let upstream = FunctionsOutputGradients { $function: Some(upstream.view()), ..Default::default() };
                let found = net.forward(&x, Mode::Training, &mut workspace)?;
                case.at("output").check(found.$function.data(), Tolerance::$tolerance);
                let by_x = net.backward_inputs(&x, upstream, &mut workspace)?.x;
                case.at("gradients").at("x").check(by_x.data(), Tolerance::$tolerance);
                let case = answers.case(concat!($name, "_not_finite"));
                let x: Batch<_> = harness::batch(&case.at("given").at("x"));
                case.at("output").check(net.predict(&x)?.$function.data(), Tolerance::$tolerance);
            )+
            Ok(())
        }

        #[test]
        fn behind_a_layer() -> Result<(), Error> {
            let answers = Answers::read("functions");
            let mut net = Behind::new(0);
            net.visit_mut(&mut |name, param| {
                let identity = |at: usize| f32::from(at % 10 == 0 && name.to_string().ends_with("kernel"));
                param.values_mut().iter_mut().enumerate().for_each(|(at, value)| *value = identity(at));
            });
            let mut workspace = BehindWorkspace::new(2);
            $(
                let case = answers.case($name);
                let x: Batch<_> = harness::batch(&case.at("given").at("x"));
                let upstream = harness::batch(&case.at("given").at("upstream"));
                let upstream = BehindOutputGradients { $function: Some(upstream.view()), ..Default::default() };
                let found = net.forward(&x, Mode::Training, &mut workspace)?;
                case.at("output").check(found.$function.data(), Tolerance::$tolerance);
                let by_x = net.backward_inputs(&x, upstream, &mut workspace)?.x;
                case.at("gradients").at("x").check(by_x.data(), Tolerance::$tolerance);
            )+
            Ok(())
        }

        #[test]
        fn every_case_is_compared() {
            harness::assert_all_compared("functions", &[
                $($name, concat!($name, "_places"), concat!($name, "_not_finite"),)+
                "log_softmax", "log_softmax_far", "glu", "glu_far", "glu_steps", "softmax_steps",
                "log_softmax_steps",
            ]);
        }
    };
}

functions! {
    of_relu6 "relu6" ELEMENTWISE { relu6 }
    of_relu_max "relu_max" ELEMENTWISE { relu(max_value = 2.5) }
    of_relu_all "relu_all" ELEMENTWISE { relu(max_value = 2.5, slope = 0.1, threshold = 0.4) }
    of_relu_threshold "relu_threshold" ELEMENTWISE { relu(threshold = 0.4) }
    of_hard_silu "hard_silu" ELEMENTWISE { hard_silu }
    of_mish "mish" DIFFERENCE { mish }
    of_softsign "softsign" DIFFERENCE { softsign }
    of_celu "celu" ELEMENTWISE { celu(0.7) }
    of_log_sigmoid "log_sigmoid" ELEMENTWISE { log_sigmoid }
    of_hard_shrink "hard_shrink" ELEMENTWISE { hard_shrink }
    of_soft_shrink "soft_shrink" ELEMENTWISE { soft_shrink }
    of_tanh_shrink "tanh_shrink" DIFFERENCE { tanh_shrink }
    of_squareplus "squareplus" DIFFERENCE { squareplus }
    of_sparse_plus "sparse_plus" ELEMENTWISE { sparse_plus }
    of_sparse_sigmoid "sparse_sigmoid" ELEMENTWISE { sparse_sigmoid }
    of_threshold "threshold" ELEMENTWISE { threshold(0.4, value = -2) }
    of_hard_tanh "hard_tanh" EXACT { hard_tanh }
    of_clip "clip" EXACT { clip(-0.7, 3.5) }
    of_exp "exp" ELEMENTWISE { exp }
    of_log "log" ELEMENTWISE { log }
    of_square "square" ELEMENTWISE { square }
    of_sqrt "sqrt" ELEMENTWISE { sqrt }
    of_rsqrt "rsqrt" ELEMENTWISE { rsqrt }
    of_reciprocal "reciprocal" ELEMENTWISE { reciprocal }
    of_abs "abs" EXACT { abs }
    of_neg "neg" EXACT { neg }
}

/// Functions of rows, of a shape with axes before them.
macro_rules! rows {
    ($network:ident, $test:ident, $shape:tt, $suffix:literal, ($($function:ident: $result:tt { $($stage:tt)+ }),+)) => {
        mod $test {
            use super::*;

            network! {
                network $network(x: $shape) -> ($($function: $result),+) {
                    $(let $function = x -> $($stage)+;)+
                }
            }

            #[test]
            fn is_as_in_keras() -> Result<(), Error> {
                let answers = Answers::read("functions");
                let net = $network::new(0);
                let mut workspace = RowsWorkspace::new(1);
                $(
                    let case = answers.case(&format!("{}{}", stringify!($function).trim_start_matches("of_"), $suffix));
                    let x: Batch<_> = harness::batch(&case.at("given").at("x"));
                    let upstream = harness::batch(&case.at("given").at("upstream"));
                    let upstream = RowsOutputGradients { $function: Some(upstream.view()), ..Default::default() };
                    let found = net.forward(&x, Mode::Training, &mut workspace)?;
                    case.at("output").check(found.$function.data(), Tolerance::DIFFERENCE);
                    let by_x = net.backward_inputs(&x, upstream, &mut workspace)?.x;
                    case.at("gradients").at("x").check(by_x.data(), Tolerance::DIFFERENCE);
                )+
                Ok(())
            }
        }
    };
}

rows!(Rows, rows, [4, 6], "", (
    of_log_softmax: [4, 6] { log_softmax },
    of_glu: [4, 3] { glu },
    of_glu_steps: [2, 6] { glu(axis = steps) },
    of_softmax_steps: [4, 6] { softmax(axis = steps) },
    of_log_softmax_steps: [4, 6] { log_softmax(axis = 0) }
));
rows!(Rows, rows_far_out, [1, 6], "_far", (
    of_log_softmax: [1, 6] { log_softmax },
    of_glu: [1, 3] { glu }
));
