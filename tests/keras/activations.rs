//! Every activation: alone, and behind a layer whose kernel is the identity, where the compiler fuses the two.

macro_rules! activations {
    ($($module:ident $name:literal $tolerance:ident { $($stage:tt)+ })+) => {
        $(mod $module {
            activation_cases! { $name $tolerance; $($stage)+;
                features [9], image [3, 4, 5], far [38], edges [4], not_finite [4]
            }
            fused! { $name $tolerance; $($stage)+ }
        })+

        mod softmax {
            activation_cases! { "softmax" ELEMENTWISE; softmax; features [9], image [3, 4, 5], far [4] }
            fused! { "softmax" ELEMENTWISE; softmax }
        }

        #[test]
        fn every_case_is_compared() {
            tests_common::keras::harness::assert_all_compared("activations", &[
                $(
                    concat!($name, "_features"),
                    concat!($name, "_image"),
                    concat!($name, "_far"),
                    concat!($name, "_edges"),
                    concat!($name, "_not_finite"),
                )+
                "softmax_features", "softmax_image", "softmax_far",
            ]);
        }
    };
}

/// The function stands in brackets so that it can be repeated with every case.
macro_rules! activation_cases {
    ($name:literal $tolerance:ident; $function:ident $(($($argument:tt)+))?; $($case:ident $shape:tt),+) => {
        activation_cases! { @ $name $tolerance [$function $(($($argument)+))?] $($case $shape),+ }
    };
    (@ $name:literal $tolerance:ident $stage:tt $($case:ident $shape:tt),+) => {
        $(mod $case {
            activation_case! { concat!($name, "_", stringify!($case)), $tolerance $shape $stage }
        })+
    };
}

macro_rules! activation_case {
    ($case:expr, $tolerance:ident $shape:tt [$($stage:tt)+]) => {
        layer_test! { "activations", $case, $tolerance, (x: $shape) -> $shape { $($stage)+ } }
    };
}

macro_rules! fused {
    ($name:literal $tolerance:ident; $($stage:tt)+) => {
        mod fused {
            use net_runtime::prelude::*;

            use tests_common::keras::answers::Answers;
            use tests_common::keras::compare::Tolerance;
            use tests_common::keras::harness;

            network! {
                network Net(x: [9]) -> (y: [9]) {
                    let y = x -> Dense(9, name = identity) -> $($stage)+;
                }
            }

            #[test]
            fn is_as_in_keras() -> Result<(), Error> {
                let answers = Answers::read("activations");
                let case = answers.case(concat!($name, "_features"));
                let mut net = Net::new(0);
                net.identity.kernel.view_mut().indexed_iter_mut().for_each(|(at, w)| *w = f32::from(at[0] == at[1]));
                let x: Batch<_> = harness::batch(&case.at("given").at("x"));
                let upstream = harness::batch(&case.at("given").at("upstream"));
                let upstream = NetOutputGradients { y: Some(upstream.view()) };
                let mut workspace = NetWorkspace::new(2);
                let y = net.forward(&x, Mode::Training, &mut workspace)?.y;
                case.at("output").check(y.data(), Tolerance::$tolerance);
                let by_x = net.backward_inputs(&x, upstream, &mut workspace)?.x;
                case.at("gradients").at("x").check(by_x.data(), Tolerance::$tolerance);
                Ok(())
            }
        }
    };
}

activations! {
    relu "relu" ELEMENTWISE { relu }
    leaky_relu "leaky_relu" ELEMENTWISE { leaky_relu }
    leaky_relu_slope "leaky_relu_0.01" ELEMENTWISE { leaky_relu(0.01) }
    elu "elu" ELEMENTWISE { elu }
    elu_alpha "elu_0.5" ELEMENTWISE { elu(0.5) }
    selu "selu" ELEMENTWISE { selu }
    gelu "gelu" ELEMENTWISE { gelu }
    gelu_approximate "gelu_approximate" DIFFERENCE { gelu(approximate = true) }
    silu "silu" ELEMENTWISE { silu }
    sigmoid "sigmoid" ELEMENTWISE { sigmoid }
    hard_sigmoid "hard_sigmoid" ELEMENTWISE { hard_sigmoid }
    tanh "tanh" DIFFERENCE { tanh }
    softplus "softplus" ELEMENTWISE { softplus }
}
