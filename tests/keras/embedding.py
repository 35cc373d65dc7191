"""Embeddings: rows of a table, and its gradient where numbers come more than once."""

from backend import keras, give_weights, output_and_gradients
from tensors import Given, answer, recipes


def case(name, rows, width, shape, batch, numbers=None):
    """`numbers` replaces those of the formula."""
    key = f"embedding/{name}"
    x = keras.Input(shape, dtype="int32")
    y = keras.layers.Embedding(rows, width, name="layer")(x)
    model = keras.Model(x, y)
    weights = give_weights(model, key)
    if numbers is None:
        given = Given.classes(f"{key}.x", (batch, *shape), rows)
    else:
        given = Given.class_numbers((batch, *shape), numbers)
    upstream = Given.uniform(f"{key}.upstream", (batch, *shape, width))
    output, gradients = output_and_gradients(
        model, {"x": given}, upstream.array, sources=["layer.embeddings"]
    )
    return name, {
        "layer": "Embedding",
        "config": {"input_dim": rows, "output_dim": width},
        "given": recipes(
            {
                "x": given,
                "embeddings": weights["layer.embeddings"],
                "upstream": upstream,
            }
        ),
        "output": answer(output),
        "gradients": {"embeddings": answer(gradients["layer.embeddings"])},
    }


def embedding():
    return dict(
        [
            case("steps", 11, 5, (6,), 3),
            case("one_sample", 11, 5, (6,), 1),
            case("one_step", 4, 7, (1,), 5),
            case("one_wide", 9, 1, (4,), 3),
            case("wide", 40, 37, (7,), 5),
            case("two_axes", 11, 3, (2, 4), 3),
            # Row 2 of every sample, row 0 by the first and the last, rows 1, 3 and 5 by nobody.
            case(
                "repeated",
                6,
                5,
                (4,),
                3,
                numbers=[0, 2, 2, 4, 2, 4, 4, 4, 4, 2, 2, 0],
            ),
            case("all_the_same", 3, 5, (6,), 3, numbers=[1] * 18),
        ]
    )


THEMES = {"embedding": embedding}
