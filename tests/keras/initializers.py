"""Moments and bounds of a million draws of every random initializer, and what the others make."""

import numpy as np
from backend import keras

SHAPE = (5, 5, 100, 400)
SEED = 11


def moments(initializer, shape=SHAPE):
    values = np.asarray(initializer(shape)).astype(np.float64)
    mean = values.mean()
    around = values - mean
    return {
        "mean": float(mean),
        "deviation": float(around.std()),
        "kurtosis": float((around**4).mean() / around.var() ** 2),
        "least": float(values.min()),
        "most": float(values.max()),
    }


def initializers():
    of = keras.initializers
    random = {
        "random_normal": of.RandomNormal(mean=0.5, stddev=0.2, seed=SEED),
        "random_uniform": of.RandomUniform(minval=-0.1, maxval=0.3, seed=SEED),
        "truncated_normal": of.TruncatedNormal(mean=0.5, stddev=0.2, seed=SEED),
        "glorot_normal": of.GlorotNormal(seed=SEED),
        "glorot_uniform": of.GlorotUniform(seed=SEED),
        "he_normal": of.HeNormal(seed=SEED),
        "he_uniform": of.HeUniform(seed=SEED),
        "lecun_normal": of.LecunNormal(seed=SEED),
        "lecun_uniform": of.LecunUniform(seed=SEED),
    }
    for mode in ("fan_in", "fan_out", "fan_avg"):
        for distribution in ("truncated_normal", "untruncated_normal", "uniform"):
            random[f"{mode}.{distribution}"] = of.VarianceScaling(
                scale=3.0, mode=mode, distribution=distribution, seed=SEED
            )
    fixed = {
        "identity": np.asarray(of.Identity(gain=1.5)((3, 4))),
        "identity_tall": np.asarray(of.Identity(gain=1.5)((4, 3))),
        "constant": np.asarray(of.Constant(-0.25)((2, 2))),
    }
    # One axis is both fans; that of a depthwise kernel is one of its channels times the window.
    fans = {
        "line": of.HeUniform(seed=SEED)((100_000,)),
        "depthwise": of.HeUniform(seed=SEED)((3, 3, 1000, 10)),
    }
    return {
        "shape": list(SHAPE),
        "random": {name: moments(initializer) for name, initializer in random.items()},
        "fixed": {name: values.ravel().tolist() for name, values in fixed.items()},
        "fans": {name: float(np.abs(np.asarray(values)).max()) for name, values in fans.items()},
    }


THEMES = {"initializers": initializers}
