"""The public names of Keras, each with the other names that it goes by: of layers and activations, and of what training needs."""

import inspect

from backend import keras

# They find functions by their names and are none.
ABOUT_FUNCTIONS = ["deserialize", "get", "serialize"]


def public(module, kind):
    """Names in the order of the alphabet; of several names of one thing the one that it has itself is first."""
    names = {}
    for name in sorted(n for n in dir(module) if not n.startswith("_")):
        thing = getattr(module, name)
        if kind(thing) and name not in ABOUT_FUNCTIONS:
            names.setdefault(id(thing), (thing, []))[1].append(name)
    found = {}
    for thing, known in names.values():
        own = thing.__name__ if thing.__name__ in known else known[0]
        found[own] = {"also": [name for name in known if name != own]}
    return dict(sorted(found.items()))


def names():
    return {
        "layers": public(keras.layers, inspect.isclass),
        "activations": public(keras.activations, callable),
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
