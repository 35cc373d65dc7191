"""A few numbers of the formula itself, so that Rust can show that it computes the same ones, to the bit."""

import formula
from tensors import Given, numbers

KEYS = ["", "x", "dense/features.x", "detector.class_dense.kernel", "Größe"]


def sample(key):
    given = {
        "uniform": Given.uniform(key, (3, 4), -0.7, 1.9, fix=[(5, 0.25)]),
        "classes": Given.classes(key, (9,), 7),
        "one_hot": Given.one_hot(key, (4, 3)),
    }
    return {
        "key": key,
        "number": formula.key_number(key),
        "integers": formula.integers(key, 6).tolist(),
        "given": {name: tensor.recipe for name, tensor in given.items()},
        "made": {name: numbers(tensor.array) for name, tensor in given.items()},
    }


def samples():
    return {key or "empty": sample(key) for key in KEYS}


THEMES = {"formula": samples}
