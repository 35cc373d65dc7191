"""What a layer that draws whether an element is dropped makes of it, and else."""

import numpy as np

from backend import keras
from tensors import numbers


def case(layer, rate, x):
    made = layer(rate, seed=1)(np.full((1, 1000), x, np.float32), training=True)
    return {
        "layer": layer.__name__,
        "config": {"rate": rate},
        "given": {"x": x},
        "values": numbers(np.unique(made)),
    }


def noise():
    layers = keras.layers
    return {
        "alpha_dropout": case(layers.AlphaDropout, 0.1, 0.7),
        "alpha_dropout_half": case(layers.AlphaDropout, 0.5, -2.5),
        "dropout": case(layers.Dropout, 0.25, 1.3),
    }


THEMES = {"noise": noise}
