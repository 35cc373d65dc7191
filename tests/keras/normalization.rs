//! Normalization by data that a layer has adapted to, batch after batch, and by what it is told.

use net_runtime::{Batch, Shape};

use tests_common::keras::answers::Node;
use tests_common::keras::harness;

/// A batch of the same shape as another.
fn batch_like<S: Shape>(_: &Batch<S>, recipe: &Node<'_>) -> Batch<S> {
    harness::batch(recipe)
}

macro_rules! adapted_test {
    ($case:expr, $shape:tt, ($($argument:tt)*)) => {
        use net_runtime::optimizers::Sgd;
        use net_runtime::prelude::*;

        use tests_common::keras::answers::Answers;
        use tests_common::keras::compare::Tolerance;
        use tests_common::keras::harness;

        network! {
            network Net(x: $shape) -> (y: $shape) {
                let y = x -> Normalization($($argument)*);
            }
        }

        #[test]
        fn is_as_in_keras() -> Result<(), Error> {
            const TOLERANCE: Tolerance = Tolerance::LAYER;
            let answers = Answers::read("normalization");
            let case = answers.case($case);
            let given = case.at("given");
            let mut net = Net::new(0);
            let x: Batch<_> = harness::batch(&given.at("x"));
            let data: Vec<_> = ["data", "data_2", "data_3"].into_iter().filter_map(|name| given.get(name)).collect();
            if !data.is_empty() {
                let data: Vec<_> = data.iter().map(|recipe| super::batch_like(&x, recipe)).collect();
                net.y_normalization.adapt(data.iter().map(Batch::view))?;
                case.at("mean").check(net.y_normalization.mean.values(), TOLERANCE);
                case.at("variance").check(net.y_normalization.variance.values(), TOLERANCE);
            }
            assert_eq!(harness::trained_count(&net), 0);

            case.at("output").check(net.predict(&x)?.y.data(), TOLERANCE);
            let upstream = harness::batch(&given.at("upstream"));
            let upstream = NetOutputGradients { y: Some(upstream.view()) };
            let mut workspace = NetWorkspace::new(1);
            let output = net.forward(&x, Mode::Training, &mut workspace)?.y;
            case.at("output").check(output.data(), TOLERANCE);
            let mut gradients = harness::poisoned::<NetGradients>();
            let by_inputs = net.backward_both(&x, upstream, &mut workspace, &mut gradients)?;
            case.at("gradients").at("x").check(by_inputs.x.data(), TOLERANCE);

            // No step moves what was adapted.
            let mean = net.y_normalization.mean.values().to_vec();
            Sgd::new(1.0).for_network(&net).step(&mut net, &gradients)?;
            assert_eq!(net.y_normalization.mean.values(), mean);
            Ok(())
        }
    };
}

macro_rules! adapted_tests {
    ($($case:ident $shape:tt $arguments:tt)+) => {
        $(mod $case {
            adapted_test! { stringify!($case), $shape, $arguments }
        })+
    };
}

adapted_tests! {
    features [5] ()
    image [3, 4, 5] ()
    of_steps [4, 6] (axis = steps)
    of_all_axes [2, 3] (axis = (0, 1))
    adapted_inverse [5] (invert = true)
    not_adapted [5] ()
}

layer_tests! {
    "normalization" and "features" and "image" and "of_steps" and "of_all_axes" and "adapted_inverse" and "not_adapted";
    LAYER {
        told (x: [2, 7, 3]) -> [2, 7, 3] { Normalization(mean = (1.0, -2.0, 0.5), variance = (4.0, 0.25, 2.0)) }
        told_inverse (x: [3]) -> [3] {
            Normalization(mean = (1.0, -2.0, 0.5), variance = (4.0, 0.25, 2.0), invert = true)
        }
        told_for_all (x: [37]) -> [37] { Normalization(mean = 1.5, variance = 0.0) }
    }
}
