//! Pools: windows and paddings, and who gets the gradient of a tie.

layer_tests! { "pooling";
    EXACT {
        max_2 (x: [6, 8, 3]) -> [3, 4, 3] { MaxPool2d(2) }
        max_2_odd (x: [5, 7, 3]) -> [2, 3, 3] { MaxPool2d(2) }
        max_3 (x: [7, 9, 2]) -> [2, 3, 2] { MaxPool2d(3) }
        max_2x3 (x: [6, 9, 2]) -> [3, 3, 2] { MaxPool2d((2, 3)) }
        max_2_stride_3 (x: [8, 7, 2]) -> [3, 2, 2] { MaxPool2d(2, stride = 3) }
        max_same_2_even (x: [6, 8, 2]) -> [3, 4, 2] { MaxPool2d(2, padding = same) }
        max_same_2_odd (x: [5, 7, 2]) -> [3, 4, 2] { MaxPool2d(2, padding = same) }
        max_2_ties (x: [4, 4, 1]) -> [2, 2, 1] { MaxPool2d(2) }
        max_same_2_negative (x: [3, 3, 2]) -> [2, 2, 2] { MaxPool2d(2, padding = same) }
        global_max (x: [5, 6, 3]) -> [3] { GlobalMaxPool2d }
    }
    ELEMENTWISE {
        max_3_stride_1 (x: [5, 6, 2]) -> [3, 4, 2] { MaxPool2d(3, stride = 1) }
        max_3_stride_2 (x: [7, 8, 2]) -> [3, 3, 2] { MaxPool2d(3, stride = 2) }
        max_2_stride_1x2 (x: [5, 6, 2]) -> [4, 3, 2] { MaxPool2d(2, stride = (1, 2)) }
        max_same_3 (x: [7, 8, 2]) -> [3, 3, 2] { MaxPool2d(3, padding = same) }
        max_same_3_stride_1 (x: [4, 5, 2]) -> [4, 5, 2] { MaxPool2d(3, stride = 1, padding = same) }
        max_same_3_stride_2_odd (x: [7, 5, 2]) -> [4, 3, 2] { MaxPool2d(3, stride = 2, padding = same) }
        max_same_3_stride_2_even (x: [6, 8, 2]) -> [3, 4, 2] { MaxPool2d(3, stride = 2, padding = same) }
        max_same_2x3_stride_1x2 (x: [5, 7, 2]) -> [5, 4, 2] { MaxPool2d((2, 3), stride = (1, 2), padding = same) }
        max_3_stride_1_ties (x: [4, 4, 1]) -> [2, 2, 1] { MaxPool2d(3, stride = 1) }
        average_2 (x: [6, 8, 3]) -> [3, 4, 3] { AvgPool2d(2) }
        average_2_odd (x: [5, 7, 3]) -> [2, 3, 3] { AvgPool2d(2) }
        average_3 (x: [7, 9, 2]) -> [2, 3, 2] { AvgPool2d(3) }
        average_2x3 (x: [6, 9, 2]) -> [3, 3, 2] { AvgPool2d((2, 3)) }
        average_3_stride_1 (x: [5, 6, 2]) -> [3, 4, 2] { AvgPool2d(3, stride = 1) }
        average_3_stride_2 (x: [7, 8, 2]) -> [3, 3, 2] { AvgPool2d(3, stride = 2) }
        average_2_stride_3 (x: [8, 7, 2]) -> [3, 2, 2] { AvgPool2d(2, stride = 3) }
        average_2_stride_1x2 (x: [5, 6, 2]) -> [4, 3, 2] { AvgPool2d(2, stride = (1, 2)) }
        average_same_2_even (x: [6, 8, 2]) -> [3, 4, 2] { AvgPool2d(2, padding = same) }
        average_same_2_odd (x: [5, 7, 2]) -> [3, 4, 2] { AvgPool2d(2, padding = same) }
        average_same_3 (x: [7, 8, 2]) -> [3, 3, 2] { AvgPool2d(3, padding = same) }
        average_same_3_stride_1 (x: [4, 5, 2]) -> [4, 5, 2] { AvgPool2d(3, stride = 1, padding = same) }
        average_same_3_stride_2_odd (x: [7, 5, 2]) -> [4, 3, 2] { AvgPool2d(3, stride = 2, padding = same) }
        average_same_3_stride_2_even (x: [6, 8, 2]) -> [3, 4, 2] { AvgPool2d(3, stride = 2, padding = same) }
        average_same_2x3_stride_1x2 (x: [5, 7, 2]) -> [5, 4, 2] { AvgPool2d((2, 3), stride = (1, 2), padding = same) }
        global_average (x: [5, 6, 3]) -> [3] { GlobalAvgPool2d }
        global_max_ties (x: [4, 4, 1]) -> [1] { GlobalMaxPool2d }
    }
}
