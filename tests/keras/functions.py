"""The other functions of one element, and those of rows: at ordinary places, far out, at edges, and where nothing is finite."""

from backend import keras, output_and_gradients
from tensors import Given, answer, recipes

FAR = [-1e4, -100, -30, -8, -3.5, -2, -1.5, -0.7, -0.1, -1e-3, -1e-6]
FAR = [*FAR, *(-x for x in reversed(FAR))]
EDGES = [0.0, -0.0, -3.0, 3.0, -1.0, 1.0, 0.5, -0.5, 6.0]
INFINITE = [float("inf"), float("-inf")]
NAN = [float("nan")]

activations, ops = keras.activations, keras.ops


def relu(**config):
    return lambda x: activations.relu(x, **config)


# Each with the places that are not compared: where Keras replaces a NaN, or its answer follows from how it puts a function together.
FUNCTIONS = {
    "relu6": (activations.relu6, []),
    "relu_max": (relu(max_value=2.5), []),
    "relu_all": (relu(max_value=2.5, negative_slope=0.1, threshold=0.4), INFINITE + NAN),
    "relu_threshold": (relu(threshold=0.4), INFINITE + NAN),
    "hard_silu": (activations.hard_silu, []),
    "mish": (activations.mish, []),
    "softsign": (activations.softsign, []),
    # Both halves have a slope at 0.
    "celu": (lambda x: activations.celu(x, alpha=0.7), [0.0]),
    "log_sigmoid": (activations.log_sigmoid, []),
    "hard_shrink": (activations.hard_shrink, NAN),
    "soft_shrink": (activations.soft_shrink, NAN),
    "tanh_shrink": (activations.tanh_shrink, []),
    "squareplus": (activations.squareplus, INFINITE),
    "sparse_plus": (activations.sparse_plus, []),
    "sparse_sigmoid": (activations.sparse_sigmoid, []),
    "threshold": (lambda x: activations.threshold(x, 0.4, -2.0), NAN),
    "hard_tanh": (activations.hard_tanh, []),
    "clip": (lambda x: ops.clip(x, -0.7, 3.5), []),
    "exp": (activations.exponential, []),
    "log": (ops.log, []),
    "square": (ops.square, []),
    "sqrt": (ops.sqrt, []),
    "rsqrt": (ops.rsqrt, []),
    "reciprocal": (ops.reciprocal, []),
    "abs": (ops.abs, []),
    "neg": (ops.negative, []),
}

# Without `sparsemax`: that of Keras 3.15 adds up sums that are added up already, and its rows do not sum to 1.
ROWS = {
    "log_softmax": activations.log_softmax,
    "glu": activations.glu,
}


def case(name, function, x):
    inputs = keras.Input(x.array.shape[1:])
    model = keras.Model(inputs, keras.layers.Lambda(function)(inputs))
    shape = (len(x.array), *model.output_shape[1:])
    given = {"x": x, "upstream": Given.uniform(f"functions/{name}.upstream", shape)}
    output, gradients = output_and_gradients(model, {"x": x}, given["upstream"].array)
    return {
        "given": recipes(given),
        "output": answer(output),
        "gradients": {"x": answer(gradients["x"])},
    }


def functions():
    cases = {}
    for name, (function, without) in FUNCTIONS.items():
        for suffix, places in [
            ("places", [*FAR, *EDGES]),
            # Filled up, so that one network takes both.
            ("not_finite", [*INFINITE, *NAN, *FAR, *EDGES[: len(EDGES) - 3]]),
        ]:
            left_out = {str(abs(x)) for x in without}
            # What is left out becomes an ordinary place.
            places = [0.25 if str(abs(x)) in left_out else x for x in places]
            x = Given.values((1, len(places)), places)
            full = f"{name}_{suffix}"
            cases[full] = case(full, function, x)
        # What the gradient is where nothing is finite, nobody needs.
        del cases[f"{name}_not_finite"]["gradients"]
        low = 0.1 if name in ["log", "sqrt", "rsqrt"] else -4.0
        x = Given.uniform(f"functions/{name}.x", (2, 9), low, 4.0)
        cases[name] = case(name, function, x)
    for name, function in ROWS.items():
        x = Given.uniform(f"functions/{name}.x", (3, 4, 6), -2.0, 2.0)
        cases[name] = case(name, function, x)
        rows = [[1e4, 0, -1e4, 30, 29.5, 0], [-1e3, -1e3, -1e3, -1e3, -1001, -1e4]]
        x = Given.values((2, 1, 6), sum(rows, []))
        cases[f"{name}_far"] = case(f"{name}_far", function, x)
    x = Given.uniform("functions/glu_steps.x", (3, 4, 6), -2.0, 2.0)
    cases["glu_steps"] = case("glu_steps", lambda x: activations.glu(x, axis=1), x)
    for name in ["softmax", "log_softmax"]:
        function = getattr(activations, name)
        x = Given.uniform(f"functions/{name}_steps.x", (3, 4, 6), -2.0, 2.0)
        full = f"{name}_steps"
        cases[full] = case(full, lambda x, f=function: f(x, axis=1), x)
    return cases


THEMES = {"functions": functions}
