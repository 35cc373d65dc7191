"""Tensors that are given by a recipe, and tensors as they are written into an answer."""

import json
import math

import numpy as np

import formula

KEEP_ALL = 64  # up to so many elements an answer keeps every one ...
KEEP = 36  # ... and of a larger tensor so many, spread


class Given:
    """A tensor and the recipe by which Rust makes the same one."""

    def __init__(self, array, recipe):
        self.array = array
        self.recipe = {"shape": list(array.shape), **recipe}

    @staticmethod
    def uniform(key, shape, low=-1.0, high=1.0, fix=()):
        """`fix` has (flat index, value) pairs that replace what the formula gives."""
        array = formula.uniform(key, shape, low, high)
        recipe = {"key": key, "uniform": [low, high]}
        if fix:
            for index, value in fix:
                array.reshape(-1)[index] = value
            recipe["set"] = [[index, number(value)] for index, value in fix]
        return Given(array, recipe)

    @staticmethod
    def classes(key, shape, count):
        return Given(formula.classes(key, shape, count), {"key": key, "classes": count})

    @staticmethod
    def one_hot(key, shape):
        return Given(formula.one_hot(key, shape), {"key": key, "one_hot": True})

    @staticmethod
    def values(shape, values):
        array = np.array(values, dtype=np.float32).reshape(shape)
        return Given(array, {"values": numbers(array)})

    @staticmethod
    def class_numbers(shape, values):
        array = np.array(values, dtype=np.int32).reshape(shape)
        return Given(array, {"class_numbers": [int(v) for v in values]})

    @staticmethod
    def weight(key, shape):
        """Glorot-uniform for a kernel, ±0.1 for a bias: keeps activations near one. A number, which has no axis in Keras, has
        one of length 1 here."""
        if len(shape) == 0:
            return Given.uniform(key, (1,), 0.5, 1.5)
        if len(shape) == 1:
            return Given.uniform(key, shape, -0.1, 0.1)
        field = math.prod(shape[:-2])
        limit = math.sqrt(6.0 / (field * (shape[-2] + shape[-1])))
        return Given.uniform(key, shape, -limit, limit)


def number(value):
    """A JSON number with the digits an f32 has; what JSON cannot say becomes a text."""
    value = np.float32(value)
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    return float(np.format_float_scientific(value, unique=True))


def numbers(array):
    return [number(v) for v in np.asarray(array, dtype=np.float32).reshape(-1)]


def total(value):
    """A number of f64 origin with nine digits, more than any comparison uses."""
    return float(f"{float(value):.8e}")


def spread(count):
    """The first, the last, and one index out of each of equal stretches between them.

    Where in its stretch comes from the formula; equal distances would meet the same channel every time.
    """
    if count <= KEEP_ALL:
        return list(range(count))
    inner = KEEP - 2
    edges = [1 + j * (count - 2) // inner for j in range(inner + 1)]
    jump = formula.integers("spread", inner)
    chosen = [edges[j] + int(jump[j]) % (edges[j + 1] - edges[j]) for j in range(inner)]
    return [0, *chosen, count - 1]


def answer(tensor):
    """Every value of a small tensor; of a large one its sum, its norm and some entries."""
    array = np.asarray(tensor, dtype=np.float32)
    flat = array.reshape(-1)
    if flat.size <= KEEP_ALL:
        return {"shape": list(array.shape), "values": numbers(flat)}
    wide = flat.astype(np.float64)
    return {
        "shape": list(array.shape),
        "sum": total(wide.sum()),
        "norm": total(np.sqrt((wide * wide).sum())),
        "entries": [[i, number(flat[i])] for i in spread(flat.size)],
    }


def recipes(given):
    return {name: tensor.recipe for name, tensor in given.items()}


def is_leaf(value):
    """What goes on one line: anything without an object inside another one."""
    if isinstance(value, dict):
        return not any(isinstance(v, dict) for v in value.values())
    return not (isinstance(value, list) and any(isinstance(v, dict) for v in value))


def written(value, indent=""):
    """JSON with one tensor a line: small, and still fit for a diff."""
    if is_leaf(value):
        return json.dumps(value, separators=(",", ":"))
    inner = indent + " "
    if isinstance(value, dict):
        items = [f"{json.dumps(k)}: {written(v, inner)}" for k, v in value.items()]
        opening, closing = "{", "}"
    else:
        items = [written(v, inner) for v in value]
        opening, closing = "[", "]"
    body = f",\n{inner}".join(items)
    return f"{opening}\n{inner}{body}\n{indent}{closing}"
