"""Recurrent layers: last output and whole sequences, states that go in and come out, masks, and every gradient."""

import numpy as np

from backend import keras, give_weights, several_outputs_and_gradients
from tensors import Given, answer, recipes

STATES = {
    "LSTM": ["h", "c"],
    "GRU": ["h"],
    "SimpleRNN": ["h"],
    "ConvLSTM1D": ["h", "c"],
    "ConvLSTM2D": ["h", "c"],
    "ConvLSTM3D": ["h", "c"],
}


def case(
    name,
    units,
    shape,
    batch,
    kind="LSTM",
    state_shape=None,
    initial=False,
    states=False,
    mask=None,
    upstream=None,
    **more,
):
    """`units`: filters of those over images, whose `state_shape` is told. `initial`: states go in, as inputs `h` and `c`. `states`: they come out, behind `y`. `mask`: for each sample the steps that
    count. `upstream`: the results that have a gradient, if not all."""
    key = f"recurrent/{name}"
    state_shape = state_shape or (units,)
    inputs = {"x": keras.Input(shape, name="x")}
    if initial:
        inputs |= {n: keras.Input(state_shape, name=n) for n in STATES[kind]}
    if mask is not None:
        inputs["m"] = keras.Input(shape[:1], name="m")
    config = {"filters" if "Conv" in kind else "units": units, **more}
    layer = getattr(keras.layers, kind)(**config, return_state=states, name="layer")
    state = [inputs[n] for n in STATES[kind]] if initial else None
    mask_input = None if mask is None else keras.ops.cast(inputs["m"], "bool")
    results = layer(inputs["x"], initial_state=state, mask=mask_input)
    names = ["y", *(f"last_{n}" for n in STATES[kind])]
    results = dict(zip(names, results if states else [results]))
    model = keras.Model(list(inputs.values()), list(results.values()))

    given = {
        n: Given.uniform(f"{key}.{n}", (batch, *x.shape[1:])) for n, x in inputs.items()
    }
    if mask is not None:
        given["m"] = Given.values((batch, shape[0]), mask)
    weights = give_weights(model, key)
    upstreams = {
        n: Given.uniform(f"{key}.upstream.{n}", (batch, *y.shape[1:]))
        for n, y in results.items()
        if upstream is None or n in upstream
    }
    outputs, gradients = several_outputs_and_gradients(
        model, given, {n: list(results).index(n) for n in upstreams}, upstreams
    )
    short = {n: n.split(".")[-1] for n in gradients}
    return name, {
        "layer": kind,
        "config": {
            **config,
            **({"return_state": True} if states else {}),
        },
        "given": recipes(
            {**given, **{short[n]: w for n, w in weights.items()}},
        )
        | {"upstream": recipes(upstreams)},
        "outputs": {n: answer(y) for n, y in zip(results, outputs)},
        "gradients": {short[n]: answer(g) for n, g in gradients.items()},
    }


def initial_weights(units=33, inputs=20):
    """How the weights begin: moments of the uniform kernel, the product of the orthogonal one with itself, the bias."""
    keras.utils.set_random_seed(1)
    layer = keras.layers.LSTM(units, name="layer")
    layer.build((None, 4, inputs))
    kernel, recurrent, bias = (w.numpy().astype(np.float64) for w in layer.weights)
    product = recurrent @ recurrent.T
    return "initial", {
        "units": units,
        "inputs": inputs,
        "kernel": {"largest": float(f"{np.sqrt(6 / (inputs + 4 * units)):.8e}")},
        "recurrent_rows_are_orthonormal": bool(
            np.abs(product - np.eye(units)).max() < 1e-5
        ),
        "kernel_keeps_the_limit": bool(
            np.abs(kernel).max() <= np.sqrt(6 / (inputs + 4 * units))
        ),
        "bias": answer(bias),
    }


MASK = [1, 1, 1, 0, 0, 0] + [1] * 6 + [0] * 6 + [0, 1, 0, 0, 1, 0]


def recurrent():
    every = {"return_sequences": True}
    return dict(
        [
            case("last", 7, (6, 5), 3),
            case("last_one_sample", 7, (6, 5), 1),
            case("last_one_step", 7, (1, 5), 3),
            case("last_one_unit", 1, (6, 5), 3),
            case("last_wide", 33, (4, 17), 5),
            case("last_no_bias", 7, (6, 5), 3, use_bias=False),
            case("sequences", 7, (6, 5), 3, **every),
            case("sequences_long", 5, (40, 3), 2, **every),
            case("sequences_no_bias", 7, (6, 5), 3, use_bias=False, **every),
            case("last_initial", 7, (6, 5), 3, initial=True),
            case("sequences_initial", 7, (6, 5), 3, initial=True, **every),
            case("last_states", 7, (6, 5), 3, states=True),
            case("sequences_states", 7, (6, 5), 3, states=True, **every),
            case("everything", 7, (6, 5), 3, initial=True, states=True, **every),
            case(
                "only_last_c",
                7,
                (6, 5),
                3,
                initial=True,
                states=True,
                upstream=["last_c"],
                **every,
            ),
            case(
                "only_last_h",
                7,
                (6, 5),
                3,
                initial=True,
                states=True,
                upstream=["last_h"],
                **every,
            ),
            case("reverse", 7, (6, 5), 3, go_backwards=True, states=True, **every),
            case(
                "functions",
                7,
                (6, 5),
                3,
                activation="softsign",
                recurrent_activation="hard_sigmoid",
                initial=True,
                states=True,
                **every,
            ),
            case(
                "gru_functions",
                7,
                (6, 5),
                3,
                kind="GRU",
                activation="elu",
                recurrent_activation="hard_sigmoid",
                initial=True,
                **every,
            ),
            case(
                "gru_functions_reset_before",
                7,
                (6, 5),
                3,
                kind="GRU",
                activation="softplus",
                recurrent_activation="softsign",
                reset_after=False,
                **every,
            ),
            case("gru_last", 7, (6, 5), 3, kind="GRU"),
            case("gru_one_step", 1, (1, 5), 2, kind="GRU", states=True),
            case(
                "gru_everything",
                7,
                (6, 5),
                3,
                kind="GRU",
                initial=True,
                states=True,
                **every,
            ),
            case(
                "gru_reset_before",
                7,
                (6, 5),
                3,
                kind="GRU",
                reset_after=False,
                initial=True,
                states=True,
                **every,
            ),
            case("gru_reset_before_last", 7, (6, 5), 3, kind="GRU", reset_after=False),
            case(
                "gru_reverse_no_bias",
                7,
                (6, 5),
                3,
                kind="GRU",
                go_backwards=True,
                use_bias=False,
                **every,
            ),
            case("simple_last", 7, (6, 5), 3, kind="SimpleRNN"),
            case(
                "simple_everything",
                7,
                (6, 5),
                3,
                kind="SimpleRNN",
                activation="relu",
                initial=True,
                states=True,
                **every,
            ),
            case(
                "simple_reverse_no_bias",
                7,
                (6, 5),
                3,
                kind="SimpleRNN",
                go_backwards=True,
                use_bias=False,
            ),
            # Padded behind, not at all, entirely, and here and there.
            case("masked", 7, (6, 5), 4, initial=True, states=True, mask=MASK, **every),
            case("masked_last", 7, (6, 5), 4, initial=True, states=True, mask=MASK),
            case(
                "gru_masked",
                7,
                (6, 5),
                4,
                kind="GRU",
                initial=True,
                states=True,
                mask=MASK,
                **every,
            ),
            case(
                "gru_masked_reverse",
                7,
                (6, 5),
                4,
                kind="GRU",
                reset_after=False,
                go_backwards=True,
                mask=MASK,
            ),
            case("simple_masked", 7, (6, 5), 4, kind="SimpleRNN", mask=MASK, **every),
            initial_weights(),
        ]
    )


def conv_lstm():
    every = {"return_sequences": True}
    return dict(
        [
            case(
                "rows",
                4,
                (5, 7, 3),
                3,
                kind="ConvLSTM1D",
                kernel_size=3,
                dilation_rate=2,
                activation="softsign",
                recurrent_activation="hard_sigmoid",
                **every,
            ),
            case(
                "images",
                3,
                (4, 5, 6, 2),
                3,
                kind="ConvLSTM2D",
                kernel_size=[3, 2],
                padding="same",
                state_shape=(5, 6, 3),
                initial=True,
                states=True,
                mask=[1, 1, 1, 0] + [0, 1, 0, 1] + [0] * 4,
                **every,
            ),
            case(
                "images_strided",
                2,
                (3, 7, 8, 3),
                2,
                kind="ConvLSTM2D",
                kernel_size=3,
                strides=[2, 3],
                go_backwards=True,
                use_bias=False,
            ),
            case(
                "volumes",
                2,
                (3, 3, 4, 3, 2),
                2,
                kind="ConvLSTM3D",
                kernel_size=[2, 3, 1],
                states=True,
            ),
        ]
    )


THEMES = {"recurrent": recurrent, "conv_lstm": conv_lstm}
