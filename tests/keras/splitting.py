"""Splitting a tensor along an axis: equal sections and given sizes, and its gradient, with a result that nobody uses, too."""

import numpy as np

from backend import keras, several_outputs_and_gradients
from tensors import Given, answer, recipes


def case(name, shape, cuts, axis, batch=3, upstream=None):
    """`cuts`: the number of sections, or a list of sizes. `axis` counts the batch, as in Keras. `upstream`: the numbers,
    from 1, of the results that have a gradient, if not all."""
    key = f"splitting/{name}"
    x = keras.Input(shape)
    # Keras asks for the places of the cuts, not for sizes.
    places = cuts if isinstance(cuts, int) else [int(n) for n in np.cumsum(cuts)[:-1]]
    model = keras.Model(x, keras.ops.split(x, places, axis=axis))
    given = {"x": Given.uniform(f"{key}.x", (batch, *shape))}
    results = [f"y_{i + 1}" for i in range(len(model.outputs))]
    upstreams = {
        n: Given.uniform(f"{key}.upstream.{n}", (batch, *y.shape[1:]))
        for i, (n, y) in enumerate(zip(results, model.outputs))
        if upstream is None or i + 1 in upstream
    }
    outputs, gradients = several_outputs_and_gradients(
        model, given, {n: results.index(n) for n in upstreams}, upstreams
    )
    config = {"sections": cuts} if isinstance(cuts, int) else {"sizes": cuts}
    return name, {
        "layer": "split",
        "config": {**config, "axis": axis},
        "given": {**recipes(given), "upstream": recipes(upstreams)},
        "outputs": {n: answer(y) for n, y in zip(results, outputs)},
        "gradients": {n: answer(g) for n, g in gradients.items()},
    }


def splitting():
    return dict(
        [
            case("features_two", (6,), 2, 1),
            case("features_three", (9,), 3, 1),
            case("features_sizes", (7,), [2, 4, 1], 1),
            case("features_one_unused", (7,), [2, 4, 1], 1, upstream=[1, 3]),
            case("steps", (6, 5), 3, 1),
            case("steps_last", (6, 5), [3, 2], -1),
            case("height", (4, 3, 2), 2, 1),
            case("width", (2, 5, 3), [1, 4], 2),
            case("channels", (3, 2, 8), 4, 3),
            case("channels_sizes", (3, 2, 5), [3, 2], -1),
            case("channels_one_unused", (3, 2, 5), [3, 2], 3, upstream=[2]),
            case("one_section", (5,), 1, 1),
        ]
    )


THEMES = {"splitting": splitting}
