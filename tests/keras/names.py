"""The public names of Keras, each with the other names that it goes by: of layers and activations, and of what training needs."""

import inspect

from backend import keras
from listing import public

# They find functions by their names and are none.
ABOUT_FUNCTIONS = ["deserialize", "get", "serialize"]


def is_function(thing):
    return callable(thing) and thing.__name__ not in ABOUT_FUNCTIONS


def names():
    return {
        "layers": public(keras.layers, inspect.isclass),
        "activations": public(keras.activations, is_function),
        **{
            kind: public(getattr(keras, kind), inspect.isclass)
            for kind in [
                "losses",
                "metrics",
                "optimizers",
                "initializers",
                "regularizers",
                "constraints",
                "callbacks",
            ]
        },
        "schedules": public(keras.optimizers.schedules, inspect.isclass),
    }


THEMES = {"names": names}
