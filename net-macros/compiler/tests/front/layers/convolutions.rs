//! Convolutions of every kind, a test for each.

use super::check;

#[test]
fn conv2d() {
    check(
        &["[8, 6, 3]"],
        "Conv2d(4, 3)",
        "[6, 4, 4]",
        Some(&[3, 3, 3, 4]),
        "layers::Conv2d { input: [8, 6, 3], output: [6, 4, 4], kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [0, 0], }",
    );
    // With an even number of rows, stride 2 and a kernel of 3, the one row of padding goes to the end.
    check(
        &["[8, 7, 3]"],
        "Conv2d(4, (3, 5), stride = 2, padding = same)",
        "[4, 4, 4]",
        Some(&[3, 5, 3, 4]),
        "layers::Conv2d { input: [8, 7, 3], output: [4, 4, 4], kernel: [3, 5], stride: [2, 2], dilation: [1, 1], padding: [0, 2], }",
    );
    check(
        &["[8, 8, 1]"],
        "Conv2d(2, 3, dilation = 2, padding = same)",
        "[8, 8, 2]",
        Some(&[3, 3, 1, 2]),
        "layers::Conv2d { input: [8, 8, 1], output: [8, 8, 2], kernel: [3, 3], stride: [1, 1], dilation: [2, 2], padding: [2, 2], }",
    );
}

#[test]
fn convolutions_over_steps() {
    check(
        &["[8, 3]"],
        "Conv1d(4, 3, stride = 2, padding = causal)",
        "[4, 4]",
        Some(&[3, 3, 4]),
        "layers::Conv1d { input: [8, 3], output: [4, 4], kernel: [3], stride: [2], dilation: [1], padding: [2], }",
    );
    check(
        &["[8, 3]"],
        "DepthwiseConv1d(3, multiplier = 2, dilation = 2)",
        "[4, 6]",
        Some(&[3, 3, 2]),
        "layers::DepthwiseConv1d { input: [8, 3], output: [4, 6], kernel: [3], stride: [1], dilation: [2], padding: [0], }",
    );
    check(
        &["[8, 3]"],
        "Conv1dTranspose(4, 3, stride = 2, padding = same)",
        "[16, 4]",
        Some(&[3, 4, 3]),
        "layers::Conv1dTranspose { input: [8, 3], output: [16, 4], kernel: [3], stride: [2], dilation: [1], padding: [0], }",
    );
    check(
        &["[8, 3]"],
        "SeparableConv1d(5, 3, padding = same)",
        "[8, 5]",
        Some(&[3, 3, 1]),
        "layers::SeparableConv1d { depthwise: layers::DepthwiseConv1d { input: [8, 3], output: [8, 3], kernel: [3], stride: [1], dilation: [1], padding: [1], }, filters: 5 }",
    );
}

#[test]
fn convolutions_of_volumes_and_in_groups() {
    check(
        &["[4, 8, 6, 3]"],
        "Conv3d(4, (2, 3, 3), stride = (1, 2, 1), padding = same)",
        "[4, 4, 6, 4]",
        Some(&[2, 3, 3, 3, 4]),
        "layers::Conv3d { input: [4, 8, 6, 3], output: [4, 4, 6, 4], kernel: [2, 3, 3], stride: [1, 2, 1], dilation: [1, 1, 1], padding: [0, 0, 1], }",
    );
    check(
        &["[4, 8, 6, 3]"],
        "Conv3dTranspose(2, 3, stride = 2)",
        "[9, 17, 13, 2]",
        Some(&[3, 3, 3, 2, 3]),
        "layers::Conv3dTranspose { input: [4, 8, 6, 3], output: [9, 17, 13, 2], kernel: [3, 3, 3], stride: [2, 2, 2], dilation: [1, 1, 1], padding: [0, 0, 0], }",
    );
    check(
        &["[8, 6, 4]"],
        "Conv2d(6, 3, groups = 2)",
        "[6, 4, 6]",
        Some(&[3, 3, 2, 6]),
        "layers::Conv2d { input: [8, 6, 4], output: [6, 4, 6], kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [0, 0], } . grouped (2)",
    );
}

#[test]
fn depthwise_and_transposed_convolutions() {
    check(
        &["[8, 6, 3]"],
        "DepthwiseConv2d((3, 2), multiplier = 2, stride = 2, padding = same)",
        "[4, 3, 6]",
        Some(&[3, 2, 3, 2]),
        "layers::DepthwiseConv2d { input: [8, 6, 3], output: [4, 3, 6], kernel: [3, 2], stride: [2, 2], dilation: [1, 1], padding: [0, 0], }",
    );
    check(
        &["[8, 6, 3]"],
        "SeparableConv2d(5, 3, multiplier = 2)",
        "[6, 4, 5]",
        Some(&[3, 3, 3, 2]),
        "layers::SeparableConv2d { depthwise: layers::DepthwiseConv2d { input: [8, 6, 3], output: [6, 4, 6], kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [0, 0], }, filters: 5 }",
    );
    for (stage, output, padding) in [
        ("Conv2dTranspose(4, 3, stride = 2)", "[17, 13, 4]", "[0, 0]"),
        ("Conv2dTranspose(4, 3, stride = 2, output_padding = none)", "[17, 13, 4]", "[0, 0]"),
        ("Conv2dTranspose(4, 3, stride = 2, output_padding = (0, 1))", "[17, 14, 4]", "[0, 0]"),
        ("Conv2dTranspose(4, 3, stride = 2, padding = same)", "[16, 12, 4]", "[0, 0]"),
        ("Conv2dTranspose(4, 3, stride = 2, padding = same, output_padding = 0)", "[15, 11, 4]", "[1, 1]"),
    ] {
        let descriptor = format!(
            "layers::Conv2dTranspose {{ input: [8, 6, 3], output: {output}, kernel: [3, 3], stride: [2, 2], dilation: [1, 1], padding: {padding}, }}"
        );
        check(&["[8, 6, 3]"], stage, output, Some(&[3, 3, 4, 3]), &descriptor);
    }
}
