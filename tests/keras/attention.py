"""Attention: several layers in one network, whose outputs all have a gradient; keys, values and masks as inputs."""

from backend import keras, give_weights, several_outputs_and_gradients
from tensors import Given, answer, recipes

L = keras.layers


def case(name, shapes, outputs, batch=3, fixed=()):
    """`outputs`: the class, its arguments and what it is called with, by the name of the output, which is the layer's.
    `fixed`: the inputs that are not from the formula."""
    inputs = {n: keras.Input(shape, name=n) for n, shape in shapes.items()}
    results = {
        n: call(getattr(L, kind)(**config, name=n), inputs)
        for n, (kind, config, call) in outputs.items()
    }
    layers = {n: {"layer": k, **config} for n, (k, config, _) in outputs.items()}
    return answers("attention", name, shapes, inputs, results, layers, batch, fixed)


def answers(theme, name, shapes, inputs, results, layers, batch=3, fixed=()):
    """The case of a network with these inputs and results, each by its name."""
    key = f"{theme}/{name}"
    model = keras.Model(list(inputs.values()), list(results.values()))
    given = {
        n: (
            Given.values((batch, *shape), fixed[n])
            if n in fixed
            else Given.uniform(f"{key}.{n}", (batch, *shape))
        )
        for n, shape in shapes.items()
    }
    weights = give_weights(model, key)
    upstreams = {
        n: Given.uniform(f"{key}.upstream.{n}", (batch, *y.shape[1:]))
        for n, y in results.items()
    }
    places = {n: i for i, n in enumerate(results)}
    found, gradients = several_outputs_and_gradients(model, given, places, upstreams)
    return name, {
        "layers": layers,
        "given": recipes(given | weights) | {"upstream": recipes(upstreams)},
        "outputs": {n: answer(y) for n, y in zip(results, found)},
        "gradients": {n: answer(g) for n, g in gradients.items()},
    }


def pattern(*shape, blind):
    """Zeros and numbers, and nothing but zeros in the rows that are named."""
    row, count = shape[-1], 1
    for length in shape:
        count *= length
    values = [float((i * 7 + i // 5) % 3) for i in range(count)]
    for r in blind:
        values[r * row : (r + 1) * row] = [0.0] * row
    return values


def heads(num_heads=2, key_dim=3, **more):
    return {"num_heads": num_heads, "key_dim": key_dim, **more}


def keys(mask):
    return keras.ops.expand_dims(mask, 1)


def seen(mask):
    return keras.ops.not_equal(mask, 0)


def encoder():
    """The encoder of a transformer, which normalizes behind its parts; its random layers drop nothing."""
    x = keras.Input((6, 8), name="x")
    looked = L.MultiHeadAttention(**heads(2, 4), name="look")(x, x)
    found = L.LayerNormalization(name="found")(x + L.Dropout(0.0)(looked))
    hidden = L.Dense(13, activation="relu", name="hidden")(found)
    result = L.Dropout(0.0)(L.Dense(8, name="result")(hidden))
    y = L.LayerNormalization(name="y")(found + result)
    layers = {"y": {"layer": "a transformer's encoder"}}
    return answers("attention", "encoder", {"x": (6, 8)}, {"x": x}, {"y": y}, layers)


# Both have a sample that is padding all through, as a query and as what it looks at.
KEYS_SEEN = [1, 0, 1, 1, 0, 2, 1] + [0] * 7 + [1, 1, 0, 0, 1, 1, 1]
QUERIES_SEEN = [1, 1, 0, 1, 1] + [0] * 5 + [0, 1, 1, 1, 1]


FAR = [100.0, 0.0, 0.0, -100.0, 100.0, 100.0, -100.0, 50.0, 0.0, 0.0, 100.0, -99.0]
FAR_KEYS = [100.0, 0.0, 100.0, 3.0, -100.0, -100.0, 0.0, 100.0] * 2


def one_head():
    """Attention without kernels; Keras wants the value before the key."""
    three = {"x": (5, 4), "other": (7, 4), "third": (7, 3)}
    masked = {"x": (5, 4), "other": (7, 4), "m": (7,), "n": (7,), "q": (5,)}
    fixed = {
        "m": pattern(3, 7, blind=[]),
        "n": [float(v) for v in KEYS_SEEN],
        "q": [float(v) for v in QUERIES_SEEN],
    }

    def two(layer, i, **more):
        return layer([i["x"], i["other"]], **more)

    def own(layer, i):
        return layer([i["x"], i["x"]])

    def all_three(layer, i, **more):
        return layer([i["x"], i["third"], i["other"]], **more)

    concat = {"score_mode": "concat"}
    return [
        case(
            "dot",
            three,
            {
                "plain": ("Attention", {}, two),
                "scaled": (
                    "Attention",
                    {"use_scale": True},
                    lambda l, i: all_three(l, i, use_causal_mask=True),
                ),
            },
        ),
        case(
            "additive",
            three,
            {
                "concat": ("Attention", concat, two),
                "scaled": (
                    "Attention",
                    {"use_scale": True, **concat},
                    lambda l, i: all_three(l, i, use_causal_mask=True),
                ),
                "additive": ("AdditiveAttention", {}, all_three),
                "plain": ("AdditiveAttention", {"use_scale": False}, two),
            },
        ),
        case(
            "masks",
            masked,
            {
                "by_key": (
                    "Attention",
                    {},
                    lambda l, i: two(l, i, mask=[None, seen(i["m"])]),
                ),
                "both": (
                    "AdditiveAttention",
                    {},
                    lambda l, i: two(
                        l,
                        i,
                        mask=[seen(i["q"]), seen(i["n"])],
                        use_causal_mask=True,
                    ),
                ),
            },
            fixed=fixed,
        ),
        case(
            "one_step",
            {"x": (1, 4)},
            {
                "dot": ("Attention", {}, own),
                "additive": ("AdditiveAttention", {"use_scale": False}, own),
            },
        ),
        # Scores of some ten thousands, of which equal ones share all there is.
        case(
            "large",
            {"x": (3, 2), "other": (4, 2), "third": (4, 3)},
            {"y": ("Attention", {}, all_three)},
            batch=2,
            fixed={"x": FAR, "other": FAR_KEYS},
        ),
        case(
            "long_additive",
            {"x": (100, 5)},
            {
                "y": (
                    "AdditiveAttention",
                    {},
                    lambda l, i: l([i["x"], i["x"]], use_causal_mask=True),
                ),
            },
            batch=1,
        ),
    ]


def attention():
    return dict(
        [
            *one_head(),
            encoder(),
            case(
                "own",
                {"x": (6, 8)},
                {
                    "own": ("MultiHeadAttention", heads(), lambda l, i: l(i["x"], i["x"])),
                    "causal": (
                        "MultiHeadAttention",
                        heads(3, 2, value_dim=5, output_shape=7, use_bias=False),
                        lambda l, i: l(i["x"], i["x"], use_causal_mask=True),
                    ),
                    "group": (
                        "GroupQueryAttention",
                        {
                            "num_query_heads": 4,
                            "num_key_value_heads": 2,
                            "head_dim": 3,
                        },
                        lambda l, i: l(i["x"], i["x"], use_causal_mask=True),
                    ),
                },
            ),
            case(
                "other",
                {"x": (5, 8), "other": (7, 4), "third": (7, 3)},
                {
                    "two": (
                        "MultiHeadAttention",
                        heads(),
                        lambda l, i: l(i["x"], i["other"]),
                    ),
                    "three": (
                        "MultiHeadAttention",
                        heads(value_dim=4),
                        lambda l, i: l(
                            query=i["x"],
                            key=i["other"],
                            value=i["third"],
                            use_causal_mask=True,
                        ),
                    ),
                },
            ),
            case(
                "masked",
                {"x": (5, 4), "other": (7, 4), "m": (7,), "pairs": (5, 7)},
                {
                    "by_key": (
                        "MultiHeadAttention",
                        heads(),
                        lambda l, i: l(
                            i["x"], i["other"], attention_mask=keys(i["m"])
                        ),
                    ),
                    "by_pair": (
                        "MultiHeadAttention",
                        heads(),
                        lambda l, i: l(
                            i["x"],
                            i["other"],
                            attention_mask=i["pairs"],
                            use_causal_mask=True,
                        ),
                    ),
                },
                fixed={
                    "m": pattern(3, 7, blind=[1]),
                    "pairs": pattern(3, 5, 7, blind=[2, 9]),
                },
            ),
            case(
                "long",
                {"x": (100, 4)},
                {
                    "y": (
                        "MultiHeadAttention",
                        heads(2, 17),
                        lambda l, i: l(i["x"], i["x"], use_causal_mask=True),
                    ),
                },
                batch=1,
            ),
        ]
    )


THEMES = {"attention": attention}
