"""The other convolutions: over steps, of each channel by itself, transposed."""

from layers import case


def steps():
    """Keras's one-dimensional convolutions."""

    def conv(name, kind, shape, filters=4, kernel=3, batch=2, **config):
        config = {"kernel_size": kernel, **config}
        if not kind.startswith("Depthwise"):
            config = {"filters": filters, **config}
        return case("convolution_steps", name, kind, config, [shape], batch)

    same = {"padding": "same"}
    causal = {"padding": "causal"}
    transpose = "Conv1DTranspose"
    return dict(
        [
            conv("valid", "Conv1D", (9, 3)),
            conv("same_stride_2", "Conv1D", (8, 3), kernel=4, strides=2, **same),
            conv("same_dilation_3", "Conv1D", (9, 1), dilation_rate=3, **same),
            conv("causal_dilation_2", "Conv1D", (9, 2), dilation_rate=2, **causal),
            conv(
                "causal_stride_3",
                "Conv1D",
                (11, 2),
                strides=3,
                use_bias=False,
                **causal
            ),
            conv("depthwise_valid", "DepthwiseConv1D", (7, 5)),
            conv(
                "depthwise_same",
                "DepthwiseConv1D",
                (8, 3),
                strides=2,
                depth_multiplier=2,
                **same
            ),
            conv("separable_valid", "SeparableConv1D", (7, 3), depth_multiplier=2),
            conv(
                "separable_same",
                "SeparableConv1D",
                (8, 2),
                kernel=4,
                dilation_rate=2,
                **same
            ),
            conv("transpose_valid", transpose, (5, 3), strides=2),
            conv("transpose_same", transpose, (4, 3), kernel=4, strides=3, **same),
        ]
    )


def depthwise():
    """Depthwise and separable convolutions over images."""

    def conv(name, kind, shape, kernel=3, batch=2, **config):
        config = {"kernel_size": kernel, **config}
        return case("convolution_depthwise", name, kind, config, [shape], batch)

    same = {"padding": "same"}
    alone, both = "DepthwiseConv2D", "SeparableConv2D"
    return dict(
        [
            conv("valid", alone, (6, 7, 5)),
            conv("valid_no_bias", alone, (5, 6, 17), kernel=(2, 3), use_bias=False),
            conv("same_stride_2", alone, (7, 8, 3), strides=2, **same),
            conv(
                "same_multiplier_3",
                alone,
                (5, 4, 2),
                kernel=5,
                depth_multiplier=3,
                **same
            ),
            conv("same_dilation_2", alone, (7, 6, 4), dilation_rate=2, **same),
            conv("separable_valid", both, (6, 5, 3), filters=4),
            conv(
                "separable_same",
                both,
                (7, 6, 3),
                filters=5,
                strides=2,
                depth_multiplier=2,
                use_bias=False,
                **same
            ),
        ]
    )


def transposed():
    """Transposed convolutions over images."""

    def conv(name, shape, filters=3, kernel=3, batch=2, **config):
        config = {"filters": filters, "kernel_size": kernel, **config}
        return case(
            "convolution_transposed", name, "Conv2DTranspose", config, [shape], batch
        )

    same = {"padding": "same"}
    return dict(
        [
            conv("valid", (4, 5, 2)),
            conv("valid_sixteen_channels", (6, 7, 16), filters=16),
            conv("valid_stride_2", (3, 4, 2), strides=2, use_bias=False),
            conv("valid_stride_3_kernel_2", (3, 2, 4), kernel=2, strides=3),
            conv(
                "valid_output_padding",
                (3, 4, 2),
                kernel=(2, 3),
                strides=(2, 3),
                output_padding=(1, 2),
            ),
            conv("same", (4, 5, 2), **same),
            conv("same_stride_2", (4, 3, 2), strides=2, **same),
            conv("same_kernel_2x4", (4, 3, 2), kernel=(2, 4), strides=(2, 3), **same),
            conv(
                "same_output_padding",
                (4, 3, 2),
                strides=2,
                output_padding=(0, 1),
                **same
            ),
            conv(
                "same_kernel_4_output_padding",
                (4, 3, 2),
                kernel=4,
                strides=2,
                output_padding=1,
                **same
            ),
        ]
    )


def grouped():
    """Convolutions in groups, and over volumes."""

    def conv(name, kind, shape, filters=4, kernel=3, batch=2, **config):
        config = {"filters": filters, "kernel_size": kernel, **config}
        return case("convolution_grouped", name, kind, config, [shape], batch)

    same = {"padding": "same"}
    three, transpose = "Conv3D", "Conv3DTranspose"
    return dict(
        [
            conv("steps_2", "Conv1D", (7, 4), groups=2),
            conv("images_2", "Conv2D", (5, 6, 4), filters=6, groups=2),
            conv(
                "images_3_same_stride_2",
                "Conv2D",
                (6, 5, 3),
                filters=6,
                groups=3,
                strides=2,
                use_bias=False,
                **same
            ),
            conv("volumes_valid", three, (4, 5, 4, 2), filters=3),
            conv(
                "volumes_same_stride_2",
                three,
                (4, 3, 5, 2),
                filters=3,
                kernel=(2, 3, 3),
                strides=(2, 1, 2),
                **same
            ),
            conv(
                "volumes_transpose_valid", transpose, (2, 3, 2, 3), filters=2, strides=2
            ),
            conv(
                "volumes_transpose_same",
                transpose,
                (3, 2, 2, 2),
                filters=2,
                kernel=(3, 2, 3),
                strides=(1, 2, 2),
                **same
            ),
        ]
    )


THEMES = {
    "convolution_grouped": grouped,
    "convolution_steps": steps,
    "convolution_depthwise": depthwise,
    "convolution_transposed": transposed,
}
