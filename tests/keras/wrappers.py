"""Layers around layers: `Bidirectional` with its merges, states and masks, `TimeDistributed`, and every gradient."""

from backend import keras, give_weights, several_outputs_and_gradients
from tensors import Given, answer, recipes

layers = keras.layers


def case(name, inputs, make, batch=3, values={}):
    """`inputs`: the shape of each. `make`: the results by their names, of the inputs. `values`: numbers of an input that has
    none of the formula."""
    key = f"wrappers/{name}"
    tensors = {n: keras.Input(shape, name=n) for n, shape in inputs.items()}
    results = make(**tensors)
    model = keras.Model(list(tensors.values()), list(results.values()))
    given = {
        n: (
            Given.values((batch, *shape), values[n])
            if n in values
            else Given.uniform(f"{key}.{n}", (batch, *shape))
        )
        for n, shape in inputs.items()
    }
    weights = give_weights(model, key)
    upstreams = {
        n: Given.uniform(f"{key}.upstream.{n}", (batch, *y.shape[1:]))
        for n, y in results.items()
    }
    outputs, gradients = several_outputs_and_gradients(
        model, given, {n: i for i, n in enumerate(results)}, upstreams
    )
    return name, {
        "given": recipes({**given, **weights}) | {"upstream": recipes(upstreams)},
        "outputs": {n: answer(y) for n, y in zip(results, outputs)},
        "gradients": {n: answer(g) for n, g in gradients.items()},
    }


def both(layer, backward=None, merge="concat", name="y"):
    """Its results, of `x`: Keras returns the output, then the states of both directions."""
    wrapper = layers.Bidirectional(
        layer, merge_mode=merge, backward_layer=backward, name=name
    )

    def apply(x, m=None, **states):
        mask = None if m is None else keras.ops.cast(m, "bool")
        state = list(states.values()) or None
        found = wrapper(x, mask=mask, initial_state=state)
        found = found if isinstance(found, (list, tuple)) else [found]
        names = ["y", "second"] if merge is None else ["y"]
        names += [f"last_{i + 1}" for i in range(len(found) - len(names))]
        return dict(zip(names, found))

    return apply


def conv_chain(x):
    chain = keras.Sequential(
        [
            keras.Input((6, 5, 2)),
            layers.Conv2D(3, 3, activation="relu", name="y_conv2d"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(4, name="y_dense"),
        ],
        name="chain",
    )
    return {"y": layers.TimeDistributed(chain)(x)}


def nested(x):
    dense = layers.TimeDistributed(layers.Dense(4, name="y_dense"))
    return {"y": layers.TimeDistributed(dense)(x)}


# The second sample ends early, the third is padded as a whole.
MASK = [1, 1, 0, 1] + [1, 1, 0, 0] + [0, 0, 0, 0]


def wrappers():
    x, m = {"x": (4, 3)}, {"m": (4,)}
    masks = {"m": MASK}
    lstm, gru = layers.LSTM, layers.GRU
    return dict(
        [
            case("last", x, both(lstm(5))),
            case("sequences", x, both(lstm(5, return_sequences=True), merge="sum")),
            case("average", x, both(gru(5, return_sequences=True), merge="ave")),
            case(
                "other_backward",
                x,
                both(
                    layers.SimpleRNN(5, return_sequences=True),
                    layers.SimpleRNN(
                        5,
                        activation="relu",
                        return_sequences=True,
                        go_backwards=True,
                    ),
                ),
            ),
            case(
                "masked",
                x | m,
                both(lstm(5, return_sequences=True), merge="mul"),
                values=masks,
            ),
            case("masked_last", x | m, both(gru(5)), values=masks),
            case(
                "states",
                x | {"a": (5,), "b": (5,), "c": (5,), "d": (5,)},
                both(lstm(5, return_sequences=True, return_state=True)),
            ),
            case(
                "both_results",
                x | m,
                both(gru(5, return_sequences=True, return_state=True), merge=None),
                values=masks,
            ),
            case("each_step", {"x": (4, 6, 5, 2)}, conv_chain),
            case("nested", {"x": (2, 3, 5)}, nested),
        ]
    )


THEMES = {"wrappers": wrappers}
