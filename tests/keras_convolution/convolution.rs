//! `Conv2d`: paddings, strides, dilations, kernels of every shape.

layer_tests! { "convolution";
    LAYER {
        valid (x: [5, 6, 3]) -> [3, 4, 4] { Conv2d(4, 3) }
        valid_no_bias (x: [5, 6, 3]) -> [3, 4, 4] { Conv2d(4, 3, bias = false) }
        valid_one_sample (x: [5, 6, 3]) -> [3, 4, 4] { Conv2d(4, 3) }
        valid_five_samples (x: [6, 5, 2]) -> [4, 3, 4] { Conv2d(4, 3) }
        valid_one_channel (x: [7, 8, 1]) -> [5, 6, 3] { Conv2d(3, 3) }
        valid_sixteen_channels (x: [6, 7, 16]) -> [4, 5, 17] { Conv2d(17, 3) }
        valid_kernel_1 (x: [4, 5, 6]) -> [4, 5, 4] { Conv2d(4, 1) }
        valid_kernel_1_stride_2 (x: [5, 6, 3]) -> [3, 3, 4] { Conv2d(4, 1, stride = 2) }
        valid_kernel_2x3 (x: [5, 7, 3]) -> [4, 5, 4] { Conv2d(4, (2, 3)) }
        valid_kernel_is_input (x: [3, 4, 3]) -> [1, 1, 4] { Conv2d(4, (3, 4)) }
        valid_stride_2_odd (x: [7, 9, 3]) -> [3, 4, 4] { Conv2d(4, 3, stride = 2) }
        valid_stride_2_even (x: [8, 6, 3]) -> [3, 2, 4] { Conv2d(4, 3, stride = 2) }
        valid_stride_1x2 (x: [6, 8, 3]) -> [4, 3, 4] { Conv2d(4, 3, stride = (1, 2)) }
        valid_dilation_2 (x: [8, 9, 3]) -> [4, 5, 4] { Conv2d(4, 3, dilation = 2) }
        valid_dilation_1x2 (x: [6, 9, 2]) -> [5, 5, 4] { Conv2d(4, (2, 3), dilation = (1, 2)) }
        same (x: [5, 6, 3]) -> [5, 6, 4] { Conv2d(4, 3, padding = same) }
        same_four_samples (x: [6, 5, 3]) -> [6, 5, 4] { Conv2d(4, 3, padding = same) }
        same_smaller_than_kernel (x: [2, 2, 3]) -> [2, 2, 4] { Conv2d(4, 5, padding = same) }
        same_kernel_1 (x: [4, 5, 3]) -> [4, 5, 4] { Conv2d(4, 1, padding = same) }
        same_kernel_1_stride_2 (x: [4, 5, 3]) -> [2, 3, 4] { Conv2d(4, 1, stride = 2, padding = same) }
        same_kernel_2 (x: [5, 6, 3]) -> [5, 6, 4] { Conv2d(4, 2, padding = same) }
        same_kernel_2x3 (x: [5, 7, 3]) -> [5, 7, 4] { Conv2d(4, (2, 3), padding = same) }
        same_stride_2_odd (x: [7, 9, 3]) -> [4, 5, 4] { Conv2d(4, 3, stride = 2, padding = same) }
        same_stride_2_even (x: [8, 6, 3]) -> [4, 3, 4] { Conv2d(4, 3, stride = 2, padding = same) }
        same_stride_2_mixed (x: [7, 8, 3]) -> [4, 4, 4] { Conv2d(4, 3, stride = 2, padding = same) }
        same_stride_1x2 (x: [5, 8, 3]) -> [5, 4, 4] { Conv2d(4, 3, stride = (1, 2), padding = same) }
        same_stride_3 (x: [7, 8, 2]) -> [3, 3, 4] { Conv2d(4, 2, stride = 3, padding = same) }
        same_dilation_2 (x: [7, 8, 3]) -> [7, 8, 4] { Conv2d(4, 3, dilation = 2, padding = same) }
        same_kernel_2_dilation_3 (x: [6, 7, 2]) -> [6, 7, 4] { Conv2d(4, 2, dilation = 3, padding = same) }
    }
}
