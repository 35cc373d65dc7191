//! One number for an axis, and numbers on another scale.

layer_tests! { "reductions";
    LAYER {
        mean_steps (x: [5, 3]) -> [3] { Mean(steps) }
        mean_last (x: [4, 3, 5]) -> [4, 3, 1] { Mean(-1, keep = true) }
        sum_height (x: [4, 3, 2]) -> [3, 2] { Sum(height) }
        sum_last (x: [3, 7]) -> [3] { Sum(-1) }
        max_width (x: [2, 5, 3]) -> [2, 3] { Max(width) }
        max_ties (x: [4, 4]) -> [4] { Max(features) }
        min_steps (x: [5, 3]) -> [1, 3] { Min(0, keep = true) }
        min_ties (x: [4, 4]) -> [4] { Min(steps) }
        rescaling (x: [3, 4]) -> [3, 4] { Rescaling(0.5, -1.0) }
        rescaling_by_channel (x: [3, 4]) -> [3, 4] { Rescaling((1, 0.5, -2, 3), offset = (0, 0.25, 1, -1)) }
    }
}
