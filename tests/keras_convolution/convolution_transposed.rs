//! `Conv2dTranspose`.

layer_tests! { "convolution_transposed";
    LAYER {
        valid (x: [4, 5, 2]) -> [6, 7, 3] { Conv2dTranspose(3, 3) }
        valid_stride_2 (x: [3, 4, 2]) -> [7, 9, 3] { Conv2dTranspose(3, 3, stride = 2, bias = false) }
        valid_stride_3_kernel_2 (x: [3, 2, 4]) -> [9, 6, 3] { Conv2dTranspose(3, 2, stride = 3) }
        valid_output_padding (x: [3, 4, 2]) -> [7, 14, 3] {
            Conv2dTranspose(3, (2, 3), stride = (2, 3), output_padding = (1, 2))
        }
        same (x: [4, 5, 2]) -> [4, 5, 3] { Conv2dTranspose(3, 3, padding = same) }
        same_stride_2 (x: [4, 3, 2]) -> [8, 6, 3] { Conv2dTranspose(3, 3, stride = 2, padding = same) }
        same_kernel_2x4 (x: [4, 3, 2]) -> [8, 9, 3] { Conv2dTranspose(3, (2, 4), stride = (2, 3), padding = same) }
        same_output_padding (x: [4, 3, 2]) -> [7, 6, 3] {
            Conv2dTranspose(3, 3, stride = 2, padding = same, output_padding = (0, 1))
        }
        same_kernel_4_output_padding (x: [4, 3, 2]) -> [7, 5, 3] {
            Conv2dTranspose(3, 4, stride = 2, padding = same, output_padding = 1)
        }
    }
    // By Winograd's algorithm.
    NETWORK {
        valid_sixteen_channels (x: [6, 7, 16]) -> [8, 9, 16] { Conv2dTranspose(16, 3) }
    }
}
