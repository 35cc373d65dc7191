"""Every layer on its own: output, and gradients of inputs and weights, for a given upstream gradient."""

from backend import keras, give_weights, output_and_gradients
from tensors import Given, answer, recipes

NAN = float("nan")


def case(theme, name, kind, config, shapes, batch=2, training=False, given=None):
    """One layer on inputs of `shapes` (without the batch axis); `given` replaces inputs of the formula."""
    key = f"{theme}/{name}"
    names = ["x"] if len(shapes) == 1 else [f"x_{i + 1}" for i in range(len(shapes))]
    keras_inputs = [keras.Input(shape) for shape in shapes]
    merges = len(shapes) > 1
    operands = keras_inputs if merges else keras_inputs[0]
    if callable(kind):
        # A function of `keras.ops` or TensorFlow instead of a layer.
        output, kind = kind(operands), kind.__name__
    else:
        output = getattr(keras.layers, kind)(**config, name="layer")(operands)
    model = keras.Model(keras_inputs, output)

    inputs = {
        n: Given.uniform(f"{key}.{n}", (batch, *shape))
        for n, shape in zip(names, shapes)
    }
    inputs.update(given or {})
    weights = give_weights(model, key)
    upstream = Given.uniform(f"{key}.upstream", (batch, *output.shape[1:]))
    result, gradients = output_and_gradients(model, inputs, upstream.array, training)
    short = {name: name.removeprefix("layer.") for name in gradients}
    return name, {
        "layer": kind,
        "config": config,
        "given": recipes(
            {
                **inputs,
                **{short[n]: w for n, w in weights.items()},
                "upstream": upstream,
            }
        ),
        "output": answer(result),
        "gradients": {short[n]: answer(g) for n, g in gradients.items()},
    }


def dense():
    def dense(name, units, shape, batch=3, **config):
        return case("dense", name, "Dense", {"units": units, **config}, [shape], batch)

    return dict(
        [
            dense("features", 5, (7,)),
            dense("features_one_sample", 5, (7,), batch=1),
            dense("features_one_unit", 1, (7,), batch=5),
            dense("features_no_bias", 5, (7,), use_bias=False),
            dense("features_large", 33, (65,), batch=4),
            dense("steps", 6, (4, 5)),
            dense("steps_no_bias", 6, (4, 5), use_bias=False),
        ]
    )


def convolution():
    def conv(name, shape, filters=4, kernel=3, batch=2, **config):
        config = {"filters": filters, "kernel_size": kernel, **config}
        return case("convolution", name, "Conv2D", config, [shape], batch)

    same = {"padding": "same"}
    return dict(
        [
            conv("valid", (5, 6, 3)),
            conv("valid_no_bias", (5, 6, 3), use_bias=False),
            conv("valid_one_sample", (5, 6, 3), batch=1),
            conv("valid_five_samples", (6, 5, 2), batch=5),
            conv("valid_one_channel", (7, 8, 1), filters=3, batch=3),
            conv("valid_sixteen_channels", (6, 7, 16), filters=17),
            conv("valid_kernel_1", (4, 5, 6), kernel=1),
            conv("valid_kernel_1_stride_2", (5, 6, 3), kernel=1, strides=2),
            conv("valid_kernel_2x3", (5, 7, 3), kernel=(2, 3)),
            conv("valid_kernel_is_input", (3, 4, 3), kernel=(3, 4), batch=3),
            conv("valid_stride_2_odd", (7, 9, 3), strides=2),
            conv("valid_stride_2_even", (8, 6, 3), strides=2),
            conv("valid_stride_1x2", (6, 8, 3), strides=(1, 2)),
            conv("valid_dilation_2", (8, 9, 3), dilation_rate=2),
            conv("valid_dilation_1x2", (6, 9, 2), kernel=(2, 3), dilation_rate=(1, 2)),
            conv("same", (5, 6, 3), **same),
            conv("same_four_samples", (6, 5, 3), batch=4, **same),
            conv("same_smaller_than_kernel", (2, 2, 3), kernel=5, **same),
            conv("same_kernel_1", (4, 5, 3), kernel=1, **same),
            conv("same_kernel_1_stride_2", (4, 5, 3), kernel=1, strides=2, **same),
            conv("same_kernel_2", (5, 6, 3), kernel=2, **same),
            conv("same_kernel_2x3", (5, 7, 3), kernel=(2, 3), **same),
            conv("same_stride_2_odd", (7, 9, 3), strides=2, **same),
            conv("same_stride_2_even", (8, 6, 3), strides=2, **same),
            conv("same_stride_2_mixed", (7, 8, 3), strides=2, **same),
            conv("same_stride_1x2", (5, 8, 3), strides=(1, 2), **same),
            conv("same_stride_3", (7, 8, 2), kernel=2, strides=3, **same),
            conv("same_dilation_2", (7, 8, 3), dilation_rate=2, **same),
            conv(
                "same_kernel_2_dilation_3", (6, 7, 2), kernel=2, dilation_rate=3, **same
            ),
        ]
    )


# A window at each of the four corners whose largest value comes twice, by rows and by columns, and one of equal values.
TIED = [1, 1, 2, 0, 0, 0, 0, 2, 3, 0, 5, 5, 3, 1, 5, 5]


def pooling():
    cases = []
    for short, kind in [("max", "MaxPooling2D"), ("average", "AveragePooling2D")]:

        def pool(name, shape, size=2, batch=2, given=None, **config):
            config = {"pool_size": size, **config}
            name = f"{short}_{name}"
            cases.append(
                case("pooling", name, kind, config, [shape], batch, given=given)
            )

        pool("2", (6, 8, 3))
        pool("2_odd", (5, 7, 3), batch=3)
        pool("3", (7, 9, 2), size=3)
        pool("2x3", (6, 9, 2), size=(2, 3))
        pool("3_stride_1", (5, 6, 2), size=3, strides=1)
        pool("3_stride_2", (7, 8, 2), size=3, strides=2)
        pool("2_stride_3", (8, 7, 2), size=2, strides=3)
        pool("2_stride_1x2", (5, 6, 2), size=2, strides=(1, 2))
        pool("same_2_even", (6, 8, 2), padding="same")
        pool("same_2_odd", (5, 7, 2), padding="same")
        pool("same_3", (7, 8, 2), size=3, padding="same")
        pool("same_3_stride_1", (4, 5, 2), size=3, strides=1, padding="same")
        pool("same_3_stride_2_odd", (7, 5, 2), size=3, strides=2, padding="same")
        pool("same_3_stride_2_even", (6, 8, 2), size=3, strides=2, padding="same")
        pool(
            "same_2x3_stride_1x2",
            (5, 7, 2),
            size=(2, 3),
            strides=(1, 2),
            padding="same",
        )
        if kind == "MaxPooling2D":
            ties = {"x": Given.values((1, 4, 4, 1), TIED)}
            pool("2_ties", (4, 4, 1), batch=1, given=ties)
            pool("3_stride_1_ties", (4, 4, 1), size=3, strides=1, batch=1, given=ties)
            negative = {
                "x": Given.uniform("pooling/negative.x", (2, 3, 3, 2), -2.0, -1.0)
            }
            pool("same_2_negative", (3, 3, 2), padding="same", given=negative)

    for short, kind in [
        ("global_max", "GlobalMaxPooling2D"),
        ("global_average", "GlobalAveragePooling2D"),
    ]:
        cases.append(case("pooling", short, kind, {}, [(5, 6, 3)], 3))
    ties = {"x": Given.values((1, 4, 4, 1), TIED)}
    cases.append(
        case(
            "pooling",
            "global_max_ties",
            "GlobalMaxPooling2D",
            {},
            [(4, 4, 1)],
            1,
            given=ties,
        )
    )
    return dict(cases)


def shaping():
    def shape(name, kind, shape, batch=2, **config):
        return case("shaping", name, kind, config, [shape], batch)

    return dict(
        [
            shape("flatten", "Flatten", (3, 4, 2)),
            shape("flatten_steps", "Flatten", (3, 4), batch=3),
            shape("reshape", "Reshape", (3, 4, 2), target_shape=(4, 6)),
            shape("reshape_rest", "Reshape", (3, 4, 2), target_shape=(2, -1, 3)),
            shape(
                "reshape_to_image", "Reshape", (12,), batch=3, target_shape=(2, 3, 2)
            ),
            shape("permute_swap", "Permute", (3, 4), dims=(2, 1)),
            shape("permute_channels_first", "Permute", (3, 4, 2), dims=(3, 1, 2)),
            shape("permute_rotate", "Permute", (3, 4, 2), dims=(2, 3, 1)),
            shape("zero_pad_2", "ZeroPadding2D", (2, 3, 2), padding=2),
            shape("zero_pad_pair", "ZeroPadding2D", (2, 3, 2), padding=(1, 2)),
            shape(
                "zero_pad_sides", "ZeroPadding2D", (2, 3, 2), padding=((1, 0), (2, 3))
            ),
            shape("dropout_inference", "Dropout", (5,), rate=0.5),
            case(
                "shaping",
                "dropout_rate_0",
                "Dropout",
                {"rate": 0.0},
                [(5,)],
                2,
                training=True,
            ),
        ]
    )


def merging():
    cases = []

    def merge(name, kind, *shapes, batch=2, given=None, **config):
        cases.append(case("merging", name, kind, config, shapes, batch, given=given))

    merge("concatenate_features", "Concatenate", (3,), (4,), batch=3)
    merge("concatenate_three", "Concatenate", (3,), (4,), (2,), batch=3)
    merge("concatenate_height", "Concatenate", (2, 3, 2), (4, 3, 2), axis=1)
    merge("concatenate_width", "Concatenate", (2, 3, 2), (2, 1, 2), axis=2)
    merge("concatenate_channels", "Concatenate", (2, 3, 2), (2, 3, 3), axis=3)
    merge("concatenate_last", "Concatenate", (2, 3, 2), (2, 3, 3), axis=-1)
    merge("concatenate_steps", "Concatenate", (2, 3), (4, 3), axis=1)

    for kind in ["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"]:
        low = kind.lower()
        merge(f"{low}_features", kind, (5,), (5,), batch=3)
        merge(f"{low}_image", kind, (2, 3, 2), (2, 3, 2))
        merge(f"{low}_broadcast_channels", kind, (3, 4, 2), (1, 1, 2))
        merge(f"{low}_broadcast_both", kind, (3, 1, 2), (1, 4, 2))
        if kind != "Subtract":
            merge(f"{low}_three", kind, (2, 3), (2, 3), (2, 3))
            merge(f"{low}_three_broadcast", kind, (2, 3), (2, 1), (1, 3))

    tied = {
        "x_1": Given.values((1, 5), [1, 2, 3, 3, 1]),
        "x_2": Given.values((1, 5), [1, 2, 1, 3, 3]),
    }
    third = {"x_3": Given.values((1, 5), [1, 1, 3, 3, 3])}
    nan = {
        "x_1": Given.values((1, 3), [NAN, 1, NAN]),
        "x_2": Given.values((1, 3), [1, NAN, NAN]),
    }
    for kind in ["Maximum", "Minimum"]:
        low = kind.lower()
        merge(f"{low}_ties", kind, (5,), (5,), batch=1, given=tied)
        merge(f"{low}_three_ties", kind, (5,), (5,), (5,), batch=1, given=tied | third)
        merge(f"{low}_nan", kind, (3,), (3,), batch=1, given=nan)
    return dict(cases)


THEMES = {
    "dense": dense,
    "convolution": convolution,
    "pooling": pooling,
    "shaping": shaping,
    "merging": merging,
}
