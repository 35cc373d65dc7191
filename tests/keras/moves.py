"""Layers without weights: pools and borders over steps and volumes, what moves or repeats values, other sizes, reductions, encodings."""

import tensorflow as tf

from backend import keras, output_and_gradients
from layers import case
from tensors import Given, answer, recipes

TIED = [1, 1, 2, 0, 0, 0, 0, 2, 3, 0, 5, 5, 3, 1, 5, 5]


def spatial():
    def of(name, kind, shape, batch=2, given=None, **config):
        return case("spatial", name, kind, config, [shape], batch, given=given)

    same = {"padding": "same"}
    ties = {"x": Given.values((1, 8, 2), TIED)}
    return dict(
        [
            of("max_1d", "MaxPooling1D", (7, 3), pool_size=2),
            of("max_1d_same", "MaxPooling1D", (8, 2), pool_size=3, strides=2, **same),
            of("max_1d_ties", "MaxPooling1D", (8, 2), 1, ties, pool_size=3, strides=1),
            of("average_1d", "AveragePooling1D", (9, 2), pool_size=3, strides=2),
            of("average_1d_same", "AveragePooling1D", (7, 3), pool_size=2, **same),
            of("global_max_1d", "GlobalMaxPooling1D", (7, 3)),
            of("global_max_1d_ties", "GlobalMaxPooling1D", (8, 2), 1, ties),
            of("global_average_1d", "GlobalAveragePooling1D", (7, 3)),
            of("max_3d", "MaxPooling3D", (4, 5, 6, 2), pool_size=2),
            of("max_3d_same", "MaxPooling3D", (3, 5, 4, 2), pool_size=(2, 3, 1), **same),
            of("average_3d", "AveragePooling3D", (4, 5, 6, 2), pool_size=(2, 1, 3)),
            of(
                "average_3d_same",
                "AveragePooling3D",
                (3, 4, 5, 1),
                pool_size=3,
                strides=(1, 2, 2),
                **same,
            ),
            of("global_max_3d", "GlobalMaxPooling3D", (2, 3, 4, 3)),
            of("global_average_3d", "GlobalAveragePooling3D", (2, 3, 4, 3)),
            of("adaptive_1d", "AdaptiveAveragePooling1D", (7, 3), output_size=3),
            of("adaptive_2d", "AdaptiveMaxPooling2D", (5, 7, 2), output_size=(3, 5)),
            of("adaptive_3d", "AdaptiveAveragePooling3D", (3, 4, 2, 2), output_size=2),
            of("zero_pad_1d", "ZeroPadding1D", (4, 3), padding=(1, 2)),
            of(
                "zero_pad_3d",
                "ZeroPadding3D",
                (2, 3, 2, 2),
                padding=((1, 0), (0, 2), (1, 1)),
            ),
            of("crop_1d", "Cropping1D", (6, 3), cropping=(1, 2)),
            of("crop_2d", "Cropping2D", (5, 6, 2), cropping=((1, 0), (2, 3))),
            of(
                "crop_3d", "Cropping3D", (4, 3, 5, 2), cropping=((1, 1), (0, 1), (2, 0))
            ),
        ]
    )


def named(name, function):
    function.__name__ = name
    return function


def moves():
    def of(name, kind, *shapes, **config):
        return case("moves", name, kind, config, list(shapes))

    def op(name, function, *shapes):
        return of(name, named(name, function), *shapes)

    def blocks(name, function, shape):
        return op(name, lambda x: keras.layers.Lambda(lambda x: function(x, 2))(x), shape)

    bilinear, bicubic = {"interpolation": "bilinear"}, {"interpolation": "bicubic"}
    nearest = {"interpolation": "nearest"}
    return dict(
        [
            of("repeat", "RepeatVector", (5,), n=3),
            op("reverse", lambda x: keras.ops.flip(x, axis=1), (4, 3)),
            op("slice", lambda x: x[:, :, 1:-2], (3, 6)),
            op("slice_step", lambda x: x[:, 1::3], (8, 2, 3)),
            op("stack_last", lambda x: keras.ops.stack(x, axis=-1), (3, 2), (3, 2)),
            op("stack_first", lambda x: keras.ops.stack(x, axis=1), (3, 2), (3, 2)),
            of("up_sampling_1d", "UpSampling1D", (4, 3), size=2),
            of("up_sampling_2d", "UpSampling2D", (3, 4, 2), size=(2, 3)),
            of("up_sampling_3d", "UpSampling3D", (2, 1, 3, 2), size=(1, 2, 3)),
            of("up_sampling_bilinear", "UpSampling2D", (3, 4, 2), size=2, **bilinear),
            of("resize_larger", "Resizing", (3, 5, 2), height=7, width=8, **bilinear),
            of("resize_smaller", "Resizing", (7, 8, 2), height=3, width=5, **bilinear),
            of("resize_nearest", "Resizing", (5, 7, 2), height=8, width=3, **nearest),
            of("resize_bicubic", "Resizing", (4, 6, 2), height=7, width=5, **bicubic),
            blocks("space_to_depth", tf.nn.space_to_depth, (4, 6, 3)),
            blocks("depth_to_space", tf.nn.depth_to_space, (2, 3, 8)),
        ]
    )


def reductions():
    def op(name, function, shape, batch=2, given=None):
        return case(
            "reductions", name, named(name, function), {}, [shape], batch, given=given
        )

    ties = {"x": Given.values((1, 4, 4), TIED)}
    ops = keras.ops

    def rescaling(name, **config):
        return case("reductions", name, "Rescaling", config, [(3, 4)])

    return dict(
        [
            op("mean_steps", lambda x: ops.mean(x, axis=1), (5, 3)),
            op("mean_last", lambda x: ops.mean(x, axis=-1, keepdims=True), (4, 3, 5)),
            op("sum_height", lambda x: ops.sum(x, axis=1), (4, 3, 2)),
            op("sum_last", lambda x: ops.sum(x, axis=-1), (3, 7)),
            op("max_width", lambda x: ops.max(x, axis=2), (2, 5, 3)),
            op("max_ties", lambda x: ops.max(x, axis=-1), (4, 4), 1, ties),
            op("min_steps", lambda x: ops.min(x, axis=1, keepdims=True), (5, 3)),
            op("min_ties", lambda x: ops.min(x, axis=1), (4, 4), 1, ties),
            rescaling("rescaling", scale=0.5, offset=-1.0),
            rescaling(
                "rescaling_by_channel",
                scale=[1.0, 0.5, -2.0, 3.0],
                offset=[0.0, 0.25, 1.0, -1.0],
            ),
        ]
    )


def encodings():
    def of(name, shape, **config):
        x = keras.Input(shape, dtype="int32")
        y = keras.layers.CategoryEncoding(num_tokens=5, **config)(x)
        given = {"x": Given.classes(f"encodings/{name}.x", (3, *shape), 5)}
        upstream = Given.uniform(f"encodings/{name}.upstream", (3, *y.shape[1:]))
        output, _ = output_and_gradients(
            keras.Model(x, y), given, upstream.array, sources=[]
        )
        return name, {
            "layer": "CategoryEncoding",
            "config": config,
            "given": recipes(given),
            "output": answer(output),
        }

    return dict(
        [
            of("one_hot", (4,), output_mode="one_hot"),
            of("one_hot_of_one", (1,), output_mode="one_hot"),
            of("multi_hot", (6,), output_mode="multi_hot"),
            of("count", (9,), output_mode="count"),
        ]
    )


def masked():
    """The mean of the steps that a mask has left; every sample has one, for Keras divides by their number."""
    x, mask = keras.Input((5, 3)), keras.Input((5,))
    y = keras.layers.GlobalAveragePooling1D()(x, mask=mask)
    kept = [1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1]
    given = {
        "x": Given.uniform("masked/mean.x", (3, 5, 3)),
        "mask": Given.values((3, 5), kept),
    }
    upstream = Given.uniform("masked/mean.upstream", (3, 3))
    output, gradients = output_and_gradients(
        keras.Model([x, mask], y), given, upstream.array, sources=["x"]
    )
    return {
        "mean": {
            "layer": "GlobalAveragePooling1D",
            "config": {},
            "given": recipes({**given, "upstream": upstream}),
            "output": answer(output),
            "gradients": {"x": answer(gradients["x"])},
        }
    }


THEMES = {
    "spatial": spatial,
    "masked": masked,
    "moves": moves,
    "reductions": reductions,
    "encodings": encodings,
}
