//! `Dense` on features and on steps.

layer_tests! { "dense";
    LAYER {
        features (x: [7]) -> [5] { Dense(5) }
        features_one_sample (x: [7]) -> [5] { Dense(5) }
        features_one_unit (x: [7]) -> [1] { Dense(1) }
        features_no_bias (x: [7]) -> [5] { Dense(5, bias = false) }
        features_large (x: [65]) -> [33] { Dense(33) }
        steps (x: [4, 5]) -> [4, 6] { Dense(6) }
        steps_no_bias (x: [4, 5]) -> [4, 6] { Dense(6, bias = false) }
    }
}
