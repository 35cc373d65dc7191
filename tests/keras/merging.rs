//! Layers with several inputs. Axes count the batch in Keras, and have names here.

layer_tests! { "merging";
    EXACT {
        concatenate_features (x_1: [3], x_2: [4]) -> [7] { Concat }
        concatenate_three (x_1: [3], x_2: [4], x_3: [2]) -> [9] { Concat }
        concatenate_height (x_1: [2, 3, 2], x_2: [4, 3, 2]) -> [6, 3, 2] { Concat(axis = height) }
        concatenate_width (x_1: [2, 3, 2], x_2: [2, 1, 2]) -> [2, 4, 2] { Concat(axis = width) }
        concatenate_channels (x_1: [2, 3, 2], x_2: [2, 3, 3]) -> [2, 3, 5] { Concat(axis = channels) }
        concatenate_last (x_1: [2, 3, 2], x_2: [2, 3, 3]) -> [2, 3, 5] { Concat(axis = -1) }
        concatenate_steps (x_1: [2, 3], x_2: [4, 3]) -> [6, 3] { Concat(axis = steps) }
    }
    ELEMENTWISE {
        add_features (x_1: [5], x_2: [5]) -> [5] { Add }
        add_image (x_1: [2, 3, 2], x_2: [2, 3, 2]) -> [2, 3, 2] { Add }
        add_broadcast_channels (x_1: [3, 4, 2], x_2: [1, 1, 2]) -> [3, 4, 2] { Add }
        add_broadcast_both (x_1: [3, 1, 2], x_2: [1, 4, 2]) -> [3, 4, 2] { Add }
        add_three (x_1: [2, 3], x_2: [2, 3], x_3: [2, 3]) -> [2, 3] { Add }
        add_three_broadcast (x_1: [2, 3], x_2: [2, 1], x_3: [1, 3]) -> [2, 3] { Add }
        multiply_features (x_1: [5], x_2: [5]) -> [5] { Mul }
        multiply_image (x_1: [2, 3, 2], x_2: [2, 3, 2]) -> [2, 3, 2] { Mul }
        multiply_broadcast_channels (x_1: [3, 4, 2], x_2: [1, 1, 2]) -> [3, 4, 2] { Mul }
        multiply_broadcast_both (x_1: [3, 1, 2], x_2: [1, 4, 2]) -> [3, 4, 2] { Mul }
        multiply_three (x_1: [2, 3], x_2: [2, 3], x_3: [2, 3]) -> [2, 3] { Mul }
        multiply_three_broadcast (x_1: [2, 3], x_2: [2, 1], x_3: [1, 3]) -> [2, 3] { Mul }
        average_features (x_1: [5], x_2: [5]) -> [5] { Average }
        average_image (x_1: [2, 3, 2], x_2: [2, 3, 2]) -> [2, 3, 2] { Average }
        average_broadcast_channels (x_1: [3, 4, 2], x_2: [1, 1, 2]) -> [3, 4, 2] { Average }
        average_broadcast_both (x_1: [3, 1, 2], x_2: [1, 4, 2]) -> [3, 4, 2] { Average }
        average_three (x_1: [2, 3], x_2: [2, 3], x_3: [2, 3]) -> [2, 3] { Average }
        average_three_broadcast (x_1: [2, 3], x_2: [2, 1], x_3: [1, 3]) -> [2, 3] { Average }
        maximum_features (x_1: [5], x_2: [5]) -> [5] { Maximum }
        maximum_image (x_1: [2, 3, 2], x_2: [2, 3, 2]) -> [2, 3, 2] { Maximum }
        maximum_broadcast_channels (x_1: [3, 4, 2], x_2: [1, 1, 2]) -> [3, 4, 2] { Maximum }
        maximum_broadcast_both (x_1: [3, 1, 2], x_2: [1, 4, 2]) -> [3, 4, 2] { Maximum }
        maximum_three (x_1: [2, 3], x_2: [2, 3], x_3: [2, 3]) -> [2, 3] { Maximum }
        maximum_three_broadcast (x_1: [2, 3], x_2: [2, 1], x_3: [1, 3]) -> [2, 3] { Maximum }
        minimum_features (x_1: [5], x_2: [5]) -> [5] { Minimum }
        minimum_image (x_1: [2, 3, 2], x_2: [2, 3, 2]) -> [2, 3, 2] { Minimum }
        minimum_broadcast_channels (x_1: [3, 4, 2], x_2: [1, 1, 2]) -> [3, 4, 2] { Minimum }
        minimum_broadcast_both (x_1: [3, 1, 2], x_2: [1, 4, 2]) -> [3, 4, 2] { Minimum }
        minimum_three (x_1: [2, 3], x_2: [2, 3], x_3: [2, 3]) -> [2, 3] { Minimum }
        minimum_three_broadcast (x_1: [2, 3], x_2: [2, 1], x_3: [1, 3]) -> [2, 3] { Minimum }
        subtract_features (x_1: [5], x_2: [5]) -> [5] { Sub }
        subtract_image (x_1: [2, 3, 2], x_2: [2, 3, 2]) -> [2, 3, 2] { Sub }
        subtract_broadcast_channels (x_1: [3, 4, 2], x_2: [1, 1, 2]) -> [3, 4, 2] { Sub }
        subtract_broadcast_both (x_1: [3, 1, 2], x_2: [1, 4, 2]) -> [3, 4, 2] { Sub }
        maximum_ties (x_1: [5], x_2: [5]) -> [5] { Maximum }
        maximum_three_ties (x_1: [5], x_2: [5], x_3: [5]) -> [5] { Maximum }
        maximum_nan (x_1: [3], x_2: [3]) -> [3] { Maximum }
        minimum_ties (x_1: [5], x_2: [5]) -> [5] { Minimum }
        minimum_three_ties (x_1: [5], x_2: [5], x_3: [5]) -> [5] { Minimum }
        minimum_nan (x_1: [3], x_2: [3]) -> [3] { Minimum }
    }
}
