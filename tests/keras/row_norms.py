"""Normalization of rows and of groups of channels."""

from backend import keras, give_weights, output_and_gradients
from tensors import Given, answer, recipes

RANGES = {
    "gamma": (0.5, 1.5),
    "scale": (0.5, 1.5),
    "beta": (-0.5, 0.5),
    "alpha": (-0.5, 0.5),
}


def case(name, layer, shape, batch=3, low=-1.0, high=2.0):
    key = f"row_norms/{name}"
    x = keras.Input(shape)
    layer.name = "layer"
    model = keras.Model(x, layer(x))
    ranges = {f"layer.{kind}": limits for kind, limits in RANGES.items()}
    weights = give_weights(model, key, ranges)
    x = Given.uniform(f"{key}.x", (batch, *shape), low, high)
    upstream = Given.uniform(f"{key}.upstream", (batch, *shape))
    output, gradients = output_and_gradients(model, {"x": x}, upstream.array)

    def short(names):
        # Keras's only weight of an `RMSNormalization` is what it is of the others.
        named = {n.removeprefix("layer."): t for n, t in names.items()}
        return {n.replace("scale", "gamma"): t for n, t in named.items()}

    return name, {
        "layer": type(layer).__name__,
        "given": recipes({"x": x, **short(weights), "upstream": upstream}),
        "output": answer(output),
        "gradients": {n: answer(g) for n, g in short(gradients).items()},
    }


def row_norms():
    layers = keras.layers
    return dict(
        [
            case("layer_norm", layers.LayerNormalization(), (4, 5)),
            case(
                "layer_norm_axes",
                layers.LayerNormalization(axis=[2, 3], epsilon=0.1),
                (2, 3, 7),
            ),
            case(
                "layer_norm_plain",
                layers.LayerNormalization(center=False, scale=False),
                (37,),
                low=99.0,
                high=101.0,
            ),
            case("layer_norm_shifted", layers.LayerNormalization(scale=False), (9,)),
            case("layer_norm_one", layers.LayerNormalization(), (1,)),
            case("rms_norm", layers.RMSNormalization(), (3, 6)),
            case("rms_norm_epsilon", layers.RMSNormalization(epsilon=0.1), (19,)),
            case("unit_norm", layers.UnitNormalization(), (3, 6)),
            case("group_norm", layers.GroupNormalization(), (3, 2, 64), 2),
            case(
                "group_norm_odd",
                layers.GroupNormalization(groups=3, epsilon=0.01, center=False),
                (5, 4, 9),
            ),
            case(
                "group_norm_of_one",
                layers.GroupNormalization(groups=1, scale=False),
                (6, 5),
            ),
            case(
                "instance_norm",
                layers.GroupNormalization(groups=5, center=False, scale=False),
                (4, 3, 5),
            ),
        ]
    )


THEMES = {"row_norms": row_norms}
