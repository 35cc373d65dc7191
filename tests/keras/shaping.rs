//! Layers that move elements and change none. `Permute` counts axes from 0 here, from 1 in Keras.

layer_tests! { "shaping" and "dropout_inference";
    EXACT {
        flatten (x: [3, 4, 2]) -> [24] { Flatten }
        flatten_steps (x: [3, 4]) -> [12] { Flatten }
        reshape (x: [3, 4, 2]) -> [4, 6] { Reshape(4, 6) }
        reshape_rest (x: [3, 4, 2]) -> [2, 4, 3] { Reshape(2, 4, 3) }
        reshape_to_image (x: [12]) -> [2, 3, 2] { Reshape(2, 3, 2) }
        permute_swap (x: [3, 4]) -> [4, 3] { Permute(1, 0) }
        permute_channels_first (x: [3, 4, 2]) -> [2, 3, 4] { Permute(2, 0, 1) }
        permute_rotate (x: [3, 4, 2]) -> [4, 2, 3] { Permute(1, 2, 0) }
        zero_pad_2 (x: [2, 3, 2]) -> [6, 7, 2] { ZeroPad2d(2) }
        zero_pad_pair (x: [2, 3, 2]) -> [4, 7, 2] { ZeroPad2d((1, 2)) }
        zero_pad_sides (x: [2, 3, 2]) -> [3, 8, 2] { ZeroPad2d(((1, 0), (2, 3))) }
        dropout_rate_0 (x: [5]) -> [5] { Dropout(0.0) }
    }
}

/// Keras can ask for gradients in inference; here a forward pass in that mode keeps nothing to compute them from.
mod dropout_inference {
    use net_runtime::prelude::*;

    use tests_common::keras::answers::Answers;
    use tests_common::keras::compare::Tolerance;
    use tests_common::keras::harness;

    network! {
        network Net(x: [5]) -> (y: [5]) {
            let y = x -> Dropout(0.5);
        }
    }

    #[test]
    fn is_as_in_keras() -> Result<(), Error> {
        let answers = Answers::read("shaping");
        let case = answers.case("dropout_inference");
        let x: Batch<_> = harness::batch(&case.at("given").at("x"));
        let y = Net::new(0).predict(&x)?.y;
        case.at("output").check(y.data(), Tolerance::EXACT);
        Ok(())
    }
}
