"""Every activation: ordinary values, a stack of them far out, zeros and edges, and what is not finite."""

from backend import keras, output_and_gradients
from tensors import Given, answer, recipes

ACTIVATIONS = {
    "relu": ("relu", {}),
    "leaky_relu": ("leaky_relu", {}),
    "leaky_relu_0.01": ("leaky_relu", {"negative_slope": 0.01}),
    "elu": ("elu", {}),
    "elu_0.5": ("elu", {"alpha": 0.5}),
    "selu": ("selu", {}),
    "gelu": ("gelu", {}),
    "gelu_approximate": ("gelu", {"approximate": True}),
    "silu": ("silu", {}),
    "sigmoid": ("sigmoid", {}),
    "hard_sigmoid": ("hard_sigmoid", {}),
    "tanh": ("tanh", {}),
    "softplus": ("softplus", {}),
    "softmax": ("softmax", {}),
}

FAR = [-100, -50, -30, -20, -10, -8, -6, -5, -4, -3.5, -2.5, -2, -1.5, -1, -0.5, -0.1]
FAR = [*FAR, -1e-3, -1e-6, -1e-12, 1e-12, 1e-6, 1e-3, *(-x for x in reversed(FAR))]
# Zero of both signs, and where `hard_sigmoid` bends.
EDGES = [0.0, -0.0, 3.0, -3.0]
NOT_FINITE = [float("nan"), float("inf"), float("-inf"), 1.0]


def case(name, function, config, shape, x):
    inputs = keras.Input(shape)
    activation = getattr(keras.activations, function)
    model = keras.Model(
        inputs, keras.layers.Lambda(lambda t: activation(t, **config))(inputs)
    )
    key = f"activations/{name}"
    given = {
        "x": x or Given.uniform(f"{key}.x", (2, *shape), -4.0, 4.0),
        "upstream": Given.uniform(
            f"{key}.upstream", (len(x.array) if x else 2, *shape)
        ),
    }
    output, gradients = output_and_gradients(
        model, {"x": given["x"]}, given["upstream"].array
    )
    return {
        "activation": function,
        "config": config,
        "given": recipes(given),
        "output": answer(output),
        "gradients": {"x": answer(gradients["x"])},
    }


def activations():
    cases = {}
    for name, (function, config) in ACTIVATIONS.items():

        def add(suffix, shape, x=None):
            full = f"{name}_{suffix}"
            cases[full] = case(full, function, config, shape, x)

        add("features", (9,))
        add("image", (3, 4, 5))
        if function == "softmax":
            rows = [[0, 100, -100, 30], [-1000, -1000, -1000, -1001], [0, 0, 0, 0]]
            add("far", (4,), Given.values((3, 4), sum(rows, [])))
        else:
            # TensorFlow's exp(x) - 1 of a tiny x is 0, and the slope of selu jumps there.
            far = [-1e-5 if x == -1e-12 and name == "selu" else x for x in FAR]
            add("far", (len(far),), Given.values((1, len(far)), far))
            add("edges", (len(EDGES),), Given.values((1, len(EDGES)), EDGES))
            add("not_finite", (4,), Given.values((1, 4), NOT_FINITE))
    return cases


THEMES = {"activations": activations}
