//! Normalization of rows and of groups of channels: outputs and gradients.

layer_tests! { "row_norms";
    LAYER {
        layer_norm (x: [4, 5]) -> [4, 5] { LayerNorm }
        layer_norm_axes (x: [2, 3, 7]) -> [2, 3, 7] { LayerNorm(axis = (1, 2), epsilon = 0.1) }
        layer_norm_shifted (x: [9]) -> [9] { LayerNorm(scale = false) }
        layer_norm_one (x: [1]) -> [1] { LayerNorm }
        rms_norm (x: [3, 6]) -> [3, 6] { RmsNorm }
        rms_norm_epsilon (x: [19]) -> [19] { RmsNorm(epsilon = 0.1) }
        unit_norm (x: [3, 6]) -> [3, 6] { UnitNorm }
        group_norm (x: [3, 2, 64]) -> [3, 2, 64] { GroupNorm }
        group_norm_odd (x: [5, 4, 9]) -> [5, 4, 9] { GroupNorm(3, epsilon = 0.01, center = false) }
        group_norm_of_one (x: [6, 5]) -> [6, 5] { GroupNorm(groups = 1, scale = false) }
        instance_norm (x: [4, 3, 5]) -> [4, 3, 5] { GroupNorm(5, center = false, scale = false) }
    }
    // Numbers around 100, whose mean Keras rounds to the last digits of these.
    PIXELS {
        layer_norm_plain (x: [37]) -> [37] { LayerNorm(center = false, scale = false) }
    }
}
