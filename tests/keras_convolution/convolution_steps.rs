//! Convolutions over steps: plain, causal, depthwise, separable, transposed.

layer_tests! { "convolution_steps";
    LAYER {
        valid (x: [9, 3]) -> [7, 4] { Conv1d(4, 3) }
        same_stride_2 (x: [8, 3]) -> [4, 4] { Conv1d(4, 4, stride = 2, padding = same) }
        same_dilation_3 (x: [9, 1]) -> [9, 4] { Conv1d(4, 3, dilation = 3, padding = same) }
        causal_dilation_2 (x: [9, 2]) -> [9, 4] { Conv1d(4, 3, dilation = 2, padding = causal) }
        causal_stride_3 (x: [11, 2]) -> [4, 4] { Conv1d(4, 3, stride = 3, padding = causal, bias = false) }
        depthwise_valid (x: [7, 5]) -> [5, 5] { DepthwiseConv1d(3) }
        depthwise_same (x: [8, 3]) -> [4, 6] { DepthwiseConv1d(3, multiplier = 2, stride = 2, padding = same) }
        separable_valid (x: [7, 3]) -> [5, 4] { SeparableConv1d(4, 3, multiplier = 2) }
        separable_same (x: [8, 2]) -> [8, 4] { SeparableConv1d(4, 4, dilation = 2, padding = same) }
        transpose_valid (x: [5, 3]) -> [11, 4] { Conv1dTranspose(4, 3, stride = 2) }
        transpose_same (x: [4, 3]) -> [12, 4] { Conv1dTranspose(4, 4, stride = 3, padding = same) }
    }
}
