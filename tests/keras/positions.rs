//! Encodings of positions, against what keras_hub's layers add, computed with Keras's operations.

flow_tests! { "positions", names whole, upstream at, gradients harness::check_gradients;
    added (x: [7, 6], odd: [5, 3]) -> (sine: [7, 6], short: [5, 3], learned: [7, 6]) {
        let sine = x -> SinePositions;
        let short = odd -> SinePositions(max_wavelength = 50);
        let learned = x -> LearnedPositions(name = learned);
    }
}
