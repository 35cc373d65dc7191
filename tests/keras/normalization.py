"""Normalization by data that a layer has adapted to, and by what it is told."""

from backend import keras, output_and_gradients
from tensors import Given, answer, recipes

BATCHES = [7, 7, 3]


def case(name, shape, data=(), **config):
    """`data` has the number of samples of each batch to adapt to."""
    key = f"normalization/{name}"
    layer = keras.layers.Normalization(name="layer", **config)
    given = {}
    for index, samples in enumerate(data):
        title = "data" if index == 0 else f"data_{index + 1}"
        given[title] = Given.uniform(f"{key}.{title}", (samples, *shape), -2.0, 6.0)
    if given:
        layer.adapt([batch.array for batch in given.values()])
    x = keras.Input(shape)
    model = keras.Model(x, layer(x))
    given["x"] = Given.uniform(f"{key}.x", (3, *shape), -2.0, 6.0)
    given["upstream"] = Given.uniform(f"{key}.upstream", (3, *shape))
    output, gradients = output_and_gradients(
        model, {"x": given["x"]}, given["upstream"].array, sources=["x"]
    )
    known = {"mean": layer.mean, "variance": layer.variance} if data else {}
    return name, {
        "layer": type(layer).__name__,
        "config": config,
        "given": recipes(given),
        **{title: answer(tensor[0]) for title, tensor in known.items()},
        "output": answer(output),
        "gradients": {n: answer(g) for n, g in gradients.items()},
    }


def normalization():
    told = {"mean": [1.0, -2.0, 0.5], "variance": [4.0, 0.25, 2.0]}
    return dict(
        [
            case("features", (5,), BATCHES),
            case("image", (3, 4, 5), [4, 2]),
            case("of_steps", (4, 6), [5], axis=1),
            case("of_all_axes", (2, 3), BATCHES, axis=[1, 2]),
            case("adapted_inverse", (5,), BATCHES, invert=True),
            case("not_adapted", (5,)),
            case("told", (2, 7, 3), **told),
            case("told_inverse", (3,), invert=True, **told),
            case("told_for_all", (37,), mean=1.5, variance=0.0),
        ]
    )


THEMES = {"normalization": normalization}
