//! Convolutions in groups, and over volumes.

layer_tests! { "convolution_grouped";
    LAYER {
        steps_2 (x: [7, 4]) -> [5, 4] { Conv1d(4, 3, groups = 2) }
        images_2 (x: [5, 6, 4]) -> [3, 4, 6] { Conv2d(6, 3, groups = 2) }
        images_3_same_stride_2 (x: [6, 5, 3]) -> [3, 3, 6] {
            Conv2d(6, 3, groups = 3, stride = 2, padding = same, bias = false)
        }
        volumes_valid (x: [4, 5, 4, 2]) -> [2, 3, 2, 3] { Conv3d(3, 3) }
        volumes_same_stride_2 (x: [4, 3, 5, 2]) -> [2, 3, 3, 3] {
            Conv3d(3, (2, 3, 3), stride = (2, 1, 2), padding = same)
        }
        volumes_transpose_valid (x: [2, 3, 2, 3]) -> [5, 7, 5, 2] { Conv3dTranspose(2, 3, stride = 2) }
        volumes_transpose_same (x: [3, 2, 2, 2]) -> [3, 4, 4, 2] {
            Conv3dTranspose(2, (3, 2, 3), stride = (1, 2, 2), padding = same)
        }
    }
}
