"""Learning rates as functions of the step, which counts from 0 at the first update."""

from backend import keras
from tensors import number

STEPS = [*range(13), 15, 19, 20, 21, 24, 25, 30, 99, 100, 101, 1000, 100_000]

SCHEDULES = {
    "piecewise": (
        "PiecewiseConstantDecay",
        {"boundaries": [3, 7], "values": [0.1, 0.01, 0.001]},
    ),
    "exponential": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5},
    ),
    "exponential_staircase": (
        "ExponentialDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 4,
            "decay_rate": 0.5,
            "staircase": True,
        },
    ),
    "cosine": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20}),
    "cosine_alpha": (
        "CosineDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.1},
    ),
    "cosine_warmup": (
        "CosineDecay",
        {
            "initial_learning_rate": 0.0,
            "decay_steps": 20,
            "alpha": 0.1,
            "warmup_target": 0.1,
            "warmup_steps": 5,
        },
    ),
    "cosine_warmup_from": (
        "CosineDecay",
        {
            "initial_learning_rate": 0.02,
            "decay_steps": 10,
            "warmup_target": 0.1,
            "warmup_steps": 3,
        },
    ),
    "restarts": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 4},
    ),
    "restarts_even": (
        "CosineDecayRestarts",
        {
            "initial_learning_rate": 0.1,
            "first_decay_steps": 7,
            "t_mul": 1.0,
            "m_mul": 0.5,
            "alpha": 0.1,
        },
    ),
    "polynomial": (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20},
    ),
    "polynomial_cycle": (
        "PolynomialDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 10,
            "end_learning_rate": 0.01,
            "power": 2.0,
            "cycle": True,
        },
    ),
    "inverse_time": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5},
    ),
    "inverse_time_staircase": (
        "InverseTimeDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 4,
            "decay_rate": 0.5,
            "staircase": True,
        },
    ),
}


def make(name):
    kind, config = SCHEDULES[name]
    return getattr(keras.optimizers.schedules, kind)(**config)


def schedules():
    return {
        name: {
            "schedule": kind,
            "config": config,
            "rates": [[step, number(make(name)(step))] for step in STEPS],
        }
        for name, (kind, config) in SCHEDULES.items()
    }


THEMES = {"schedules": schedules}
