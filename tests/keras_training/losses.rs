//! Every loss, behind the activation that it is made for and behind none: its value and its gradient by what goes into the
//! head, with and without weights of samples.

use net_runtime::prelude::*;

use tests_common::keras::answers::{Answers, Node};
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// `case, its shape, { head } { loss }`, those of `both` also as the case `<case>_weighted`. A linear head is a
/// layer that changes nothing: an output cannot be an input under a second name.
macro_rules! losses {
    (both { $($both:ident $shape:tt { $($head:ident)? } { $($loss:tt)+ })+ }
     alone { $($alone:ident $alone_shape:tt { $($alone_head:ident)? } { $($alone_loss:tt)+ })+ }) => {
        $(mod $both {
            loss_test! { $shape { $($head)? } { $($loss)+ } }

            #[test]
            fn is_as_in_keras() -> Result<(), Error> {
                compare(stringify!($both))
            }

            #[test]
            fn is_as_in_keras_with_weights() -> Result<(), Error> {
                compare(concat!(stringify!($both), "_weighted"))
            }
        })+
        $(mod $alone {
            loss_test! { $alone_shape { $($alone_head)? } { $($alone_loss)+ } }

            #[test]
            fn is_as_in_keras() -> Result<(), Error> {
                compare(stringify!($alone))
            }
        })+

        #[test]
        fn every_case_is_compared() {
            harness::assert_all_compared("losses", &[
                $(stringify!($both), concat!(stringify!($both), "_weighted"),)+
                $(stringify!($alone)),+
            ]);
        }
    };
}

/// What a gradient may be off by. Keras's of labels without a way comes from logarithms near -707, in `f32`: their last digits are 6e-5.
fn tolerance(case: &Node) -> Tolerance {
    match case.path().ends_with("ctc_impossible") {
        true => Tolerance::new(6e-5, 6e-5),
        false => Tolerance::ELEMENTWISE,
    }
}

macro_rules! loss_test {
    ($shape:tt { $($head:ident)? } { $($loss:tt)+ }) => {
        use super::*;

        loss_network! { $shape { $($head)? } { $($loss)+ } }

        fn compare(case: &str) -> Result<(), Error> {
            let answers = Answers::read("losses");
            let case = answers.case(case);
            let given = case.at("given");
            let samples = NetSamples {
                x: harness::batch(&given.at("x")),
                y: harness::weighted(&given.at("target"), given.get("sample_weight")),
            };
            let net = Net::new(0);
            let mut workspace = NetWorkspace::new(1);
            let output = net.forward(&samples, Mode::Training, &mut workspace)?.y;
            case.at("output").check(output.data(), Tolerance::ELEMENTWISE);
            let losses = net.losses(&samples, &workspace)?;
            case.at("value").check_number(f64::from(losses.total), Tolerance::ELEMENTWISE);
            assert_eq!(losses.total, losses.y, "{}: the total of one loss", case.path());
            let by_inputs = net.backward_inputs(&samples, &samples, &mut workspace)?;
            case.at("gradients").at("x").check(by_inputs.x.data(), tolerance(&case));
            Ok(())
        }
    };
}

macro_rules! loss_network {
    ($shape:tt {} { $($loss:tt)+ }) => {
        network! {
            network Net(x: $shape) -> (y: $shape) {
                let y = (x, x) -> Average;
                loss y: $($loss)+;
            }
        }
    };
    ($shape:tt { $head:ident } { $($loss:tt)+ }) => {
        network! {
            network Net(x: $shape) -> (y: $shape) {
                let y = x -> $head;
                loss y: $($loss)+;
            }
        }
    };
}

losses! {
    both {
        categorical_softmax [5] { softmax } { CategoricalCrossentropy }
        categorical_softmax_pixels [2, 3, 4] { softmax } { CategoricalCrossentropy }
        categorical_softmax_smooth [5] { softmax } { CategoricalCrossentropy(label_smoothing = 0.1) }
        categorical_softmax_soft [5] { softmax } { CategoricalCrossentropy }
        categorical_raw [5] {} { CategoricalCrossentropy }
        categorical_raw_smooth [5] {} { CategoricalCrossentropy(label_smoothing = 0.1) }
        sparse_softmax [5] { softmax } { SparseCategoricalCrossentropy }
        sparse_softmax_pixels [2, 3, 4] { softmax } { SparseCategoricalCrossentropy }
        sparse_raw [5] {} { SparseCategoricalCrossentropy }
        binary_sigmoid [3] { sigmoid } { BinaryCrossentropy }
        binary_sigmoid_one [1] { sigmoid } { BinaryCrossentropy }
        binary_sigmoid_pixels [2, 3, 1] { sigmoid } { BinaryCrossentropy }
        binary_sigmoid_smooth [3] { sigmoid } { BinaryCrossentropy(label_smoothing = 0.1) }
        binary_sigmoid_soft [3] { sigmoid } { BinaryCrossentropy }
        binary_raw [3] {} { BinaryCrossentropy }
        binary_raw_smooth [3] {} { BinaryCrossentropy(label_smoothing = 0.1) }
        mean_squared [3] {} { MeanSquaredError }
        mean_squared_pixels [2, 3, 2] {} { MeanSquaredError }
        mean_squared_sigmoid [3] { sigmoid } { MeanSquaredError }
        mean_absolute [3] {} { MeanAbsoluteError }
        mean_absolute_pixels [2, 3, 2] {} { MeanAbsoluteError }
        mean_absolute_sigmoid [3] { sigmoid } { MeanAbsoluteError }
        huber [3] {} { Huber }
        huber_pixels [2, 3, 2] {} { Huber }
        huber_sigmoid [3] { sigmoid } { Huber }
        huber_half [3] {} { Huber(0.5) }
        huber_half_pixels [2, 3, 2] {} { Huber(0.5) }
        huber_half_sigmoid [3] { sigmoid } { Huber(0.5) }
        kl_divergence [2, 3, 4] { softmax } { KlDivergence }
        cosine_similarity [2, 3, 4] {} { CosineSimilarity }
        poisson [3] {} { Poisson }
        hinge [3] {} { Hinge }
        squared_hinge [3] {} { SquaredHinge }
        categorical_hinge [2, 3, 4] {} { CategoricalHinge }
        log_cosh [2, 3, 2] {} { LogCosh }
        mean_squared_logarithmic [3] {} { MeanSquaredLogarithmicError }
        mean_absolute_percentage [3] {} { MeanAbsolutePercentageError }
        binary_focal [2, 3, 1] { sigmoid } { BinaryFocalCrossentropy }
        binary_focal_balanced [3] { sigmoid } {
            BinaryFocalCrossentropy(gamma = 1.5, alpha = 0.3, label_smoothing = 0.1)
        }
        binary_focal_raw [3] {} { BinaryFocalCrossentropy }
        categorical_focal [2, 3, 4] { softmax } { CategoricalFocalCrossentropy }
        categorical_focal_raw [5] {} { CategoricalFocalCrossentropy(1.5, alpha = 0.4, label_smoothing = 0.1) }
        generalized [5] { softmax } { GeneralizedCrossentropy(0.7) }
        dice_batch [6] { sigmoid } { Dice }
        tversky_batch [2, 3, 2] { sigmoid } { Tversky(0.25, 0.75) }
        dice [6] { sigmoid } { Dice(over = sample) }
        tversky [6] { sigmoid } { Tversky(0.25, 0.75, over = sample) }
        ctc [6, 5] { softmax } { Ctc(labels = 3) }
        sparse_softmax_ignore [2, 3, 4] { softmax } { SparseCategoricalCrossentropy(ignore = 1) }
        sparse_raw_ignore [2, 3, 4] {} { SparseCategoricalCrossentropy(ignore = 1) }
    }
    alone {
        categorical_softmax_far [4] { softmax } { CategoricalCrossentropy }
        sparse_softmax_far [4] { softmax } { SparseCategoricalCrossentropy }
        categorical_raw_edges [4] {} { CategoricalCrossentropy }
        sparse_raw_edges [4] {} { SparseCategoricalCrossentropy }
        binary_sigmoid_far [6] { sigmoid } { BinaryCrossentropy }
        binary_raw_edges [6] {} { BinaryCrossentropy }
        mean_absolute_edges [6] {} { MeanAbsoluteError }
        huber_edges [6] {} { Huber }
        huber_half_edges [6] {} { Huber(0.5) }
        kl_divergence_edges [4] {} { KlDivergence }
        poisson_edges [3] {} { Poisson }
        hinge_edges [6] {} { Hinge }
        squared_hinge_edges [6] {} { SquaredHinge }
        categorical_hinge_edges [4] {} { CategoricalHinge }
        log_cosh_edges [6] {} { LogCosh }
        mean_squared_logarithmic_edges [6] {} { MeanSquaredLogarithmicError }
        mean_absolute_percentage_edges [6] {} { MeanAbsolutePercentageError }
        binary_focal_far [6] { sigmoid } { BinaryFocalCrossentropy }
        binary_focal_raw_edges [6] {} { BinaryFocalCrossentropy }
        categorical_focal_far [4] { softmax } { CategoricalFocalCrossentropy }
        categorical_focal_raw_edges [4] {} { CategoricalFocalCrossentropy }
        dice_image [2, 3, 2] { sigmoid } { Dice(over = sample) }
        dice_of_nothing [6] {} { Dice(over = sample) }
        ctc_impossible [4, 5] { softmax } { Ctc(labels = 4) }
        sparse_ignore_255 [2, 4] { softmax } { SparseCategoricalCrossentropy(ignore = 255) }
        sparse_ignore_all [2, 4] { softmax } { SparseCategoricalCrossentropy(ignore = 255) }
    }
}
