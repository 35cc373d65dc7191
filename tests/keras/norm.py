"""Batch normalization: training and inference, every gradient, and the moving statistics after one and three steps."""

from backend import keras, give_weights, named_weights, output_and_gradients
from tensors import Given, answer, recipes

STEPS = 3
RANGES = {
    "gamma": (0.5, 1.5),
    "beta": (-0.5, 0.5),
    "moving_mean": (-0.5, 0.5),
    "moving_variance": (0.5, 1.5),
}
# Away from the initial statistics: mean and spread of its own for the input of each step.
SPREADS = [(-1.0, 1.0), (-0.5, 2.5), (-3.0, 1.0)]


def case(name, shape, batch, **config):
    """`x` is the input of the answers and of the first step, `x_2` and `x_3` are those of the next ones."""
    key = f"norm/{name}"
    x = keras.Input(shape)
    y = keras.layers.BatchNormalization(**config, name="layer")(x)
    model = keras.Model(x, y)
    ranges = {f"layer.{kind}": limits for kind, limits in RANGES.items()}
    weights = give_weights(model, key, ranges)
    inputs = {
        "x" if step == 0 else f"x_{step + 1}": Given.uniform(
            f"{key}.x_{step + 1}", (batch, *shape), *SPREADS[step]
        )
        for step in range(STEPS)
    }
    upstream = Given.uniform(f"{key}.upstream", (batch, *shape))

    def answers(x, training):
        output, gradients = output_and_gradients(
            model, {"x": x}, upstream.array, training
        )
        short = {n.removeprefix("layer."): g for n, g in gradients.items()}
        return {
            "output": answer(output),
            "gradients": {n: answer(g) for n, g in short.items() if "moving" not in n},
        }

    def moving():
        found = named_weights(model)
        return {
            kind: answer(found[f"layer.{kind}"].numpy())
            for kind in ["moving_mean", "moving_variance"]
        }

    inference = answers(inputs["x"], training=False)
    trained, statistics = [], []
    for x in inputs.values():
        trained.append(answers(x, training=True))
        statistics.append(moving())
    return name, {
        "layer": "BatchNormalization",
        "config": config,
        "given": recipes(
            {
                **inputs,
                **{n.removeprefix("layer."): w for n, w in weights.items()},
                "upstream": upstream,
            }
        ),
        "inference": inference,
        "training": trained[0],
        "moving": {"after_1": statistics[0], "after_3": statistics[STEPS - 1]},
    }


def norm():
    return dict(
        [
            case("features", (5,), 3),
            case("features_one_sample", (5,), 1),
            case("one_element_one_sample", (1,), 1),
            case("features_wide", (37,), 8),
            case("image", (3, 4, 5), 2),
            case("image_one_channel", (5, 3, 1), 3),
            case("steps", (6, 5), 3),
            case("no_center", (5,), 3, center=False),
            case("no_scale", (3, 2, 5), 3, scale=False),
            case("no_center_no_scale", (6, 5), 2, center=False, scale=False),
            case("momentum", (5,), 4, momentum=0.9),
            case("momentum_0", (5,), 4, momentum=0.0),
            case("epsilon", (6, 5), 3, epsilon=0.1),
        ]
    )


THEMES = {"norm": norm}
