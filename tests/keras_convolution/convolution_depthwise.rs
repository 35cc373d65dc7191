//! `DepthwiseConv2d` and `SeparableConv2d`.

layer_tests! { "convolution_depthwise";
    LAYER {
        valid (x: [6, 7, 5]) -> [4, 5, 5] { DepthwiseConv2d(3) }
        valid_no_bias (x: [5, 6, 17]) -> [4, 4, 17] { DepthwiseConv2d((2, 3), bias = false) }
        same_stride_2 (x: [7, 8, 3]) -> [4, 4, 3] { DepthwiseConv2d(3, stride = 2, padding = same) }
        same_multiplier_3 (x: [5, 4, 2]) -> [5, 4, 6] { DepthwiseConv2d(5, multiplier = 3, padding = same) }
        same_dilation_2 (x: [7, 6, 4]) -> [7, 6, 4] { DepthwiseConv2d(3, dilation = 2, padding = same) }
        separable_valid (x: [6, 5, 3]) -> [4, 3, 4] { SeparableConv2d(4, 3) }
        separable_same (x: [7, 6, 3]) -> [4, 3, 5] {
            SeparableConv2d(5, 3, multiplier = 2, stride = 2, padding = same, bias = false)
        }
    }
}
