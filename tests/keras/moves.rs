//! Layers that move or repeat values, and images of another size. Axes count the batch in Keras.

layer_tests! { "moves";
    EXACT {
        reverse (x: [4, 3]) -> [4, 3] { Reverse(steps) }
        slice (x: [3, 6]) -> [3, 3] { Slice(1, -2) }
        slice_step (x: [8, 2, 3]) -> [3, 2, 3] { Slice(1, axis = height, step = 3) }
        stack_last (x_1: [3, 2], x_2: [3, 2]) -> [3, 2, 2] { Stack }
        stack_first (x_1: [3, 2], x_2: [3, 2]) -> [2, 3, 2] { Stack(axis = 0) }
        space_to_depth (x: [4, 6, 3]) -> [2, 3, 12] { SpaceToDepth(2) }
        depth_to_space (x: [2, 3, 8]) -> [4, 6, 2] { DepthToSpace(2) }
    }
    LAYER {
        repeat (x: [5]) -> [3, 5] { Repeat(3) }
        up_sampling_1d (x: [4, 3]) -> [8, 3] { UpSampling1d }
        up_sampling_2d (x: [3, 4, 2]) -> [6, 12, 2] { UpSampling2d((2, 3)) }
        up_sampling_3d (x: [2, 1, 3, 2]) -> [2, 2, 9, 2] { UpSampling3d((1, 2, 3)) }
        up_sampling_bilinear (x: [3, 4, 2]) -> [6, 8, 2] { UpSampling2d(2, interpolation = bilinear) }
        resize_larger (x: [3, 5, 2]) -> [7, 8, 2] { Resize(7, 8) }
        resize_smaller (x: [7, 8, 2]) -> [3, 5, 2] { Resize(3, 5) }
        resize_nearest (x: [5, 7, 2]) -> [8, 3, 2] { Resize(8, 3, interpolation = nearest) }
        resize_bicubic (x: [4, 6, 2]) -> [7, 5, 2] { Resize(7, 5, interpolation = bicubic) }
    }
}
