"""Steps of every optimizer on two weights, with gradients among which some are tiny and some zero: five, and of most fifty."""

import numpy as np

import schedules
from backend import keras, tf
from tensors import Given, answer, recipes

STEPS = 5
MORE = 50
SHAPES = {"kernel": (3, 4), "bias": (4,)}


def start():
    return {n: Given.weight(f"optimizers/{n}", s) for n, s in SHAPES.items()}


def gradients():
    """Entries 0 to 3 are zero, tiny, tiny in the first steps only, and far larger than the rest."""
    steps = []
    for step in range(STEPS):
        early = [(2, -1e-9)] if step < 2 else []
        sign = (-1.0) ** step
        fix = [(0, 0.0), (1, 1e-9 * (step + 1)), *early, (3, sign * 30.0)]
        steps.append(
            {
                name: Given.uniform(
                    f"optimizers/{name}.gradient_{step}", shape, fix=fix
                )
                for name, shape in SHAPES.items()
            }
        )
    return steps


def later(step):
    """The gradients of any step but the first five are those of an earlier one, halved five times in all."""
    return [g.array * np.float32(0.5 ** (step // 10)) for g in gradients()[step % STEPS].values()]


def case(kind, config, schedule=None, steps=STEPS, without_decay=None):
    values = dict(config)
    if schedule:
        values["learning_rate"] = schedules.make(schedule)
    optimizer = getattr(keras.optimizers, kind)(**values)
    variables = [keras.Variable(w.array, name=n) for n, w in start().items()]
    if without_decay:
        optimizer.exclude_from_weight_decay(var_names=without_decay)
    optimizer.build(variables)

    @tf.function
    def step(gradients):
        optimizer.apply(gradients, variables)

    trace = []
    for given in gradients():
        step([tf.constant(g.array) for g in given.values()])
        trace.append({n: answer(v.numpy()) for n, v in zip(SHAPES, variables)})
    for number in range(STEPS, steps):
        step([tf.constant(g) for g in later(number)])
    if config.get("use_ema"):
        optimizer.finalize_variable_values(variables)
    last = {n: answer(v.numpy()) for n, v in zip(SHAPES, variables)}
    return {
        "optimizer": kind,
        "config": config,
        **({"schedule": schedule} if schedule else {}),
        "weights": trace,
        **({"fifty": last} if steps == MORE else {}),
    }


def optimizers():
    clip = {"clipvalue": 0.5}, {"clipnorm": 1.0}, {"global_clipnorm": 1.0}
    cases = {
        "sgd": ("SGD", {}),
        "sgd_momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
        "sgd_nesterov": (
            "SGD",
            {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        ),
        "sgd_weight_decay": ("SGD", {"weight_decay": 0.1}),
        "adam": ("Adam", {}),
        "adam_large_rate": ("Adam", {"learning_rate": 0.1}),
        "adam_betas": ("Adam", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
        "adamw": ("AdamW", {}),
        "adamw_decay": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.1}),
        "rmsprop": ("RMSprop", {}),
        "rmsprop_rho": ("RMSprop", {"rho": 0.5, "epsilon": 1e-3}),
        "rmsprop_momentum": ("RMSprop", {"momentum": 0.9}),
        "rmsprop_centered": ("RMSprop", {"centered": True}),
        "rmsprop_centered_momentum": ("RMSprop", {"momentum": 0.9, "centered": True}),
    }
    for kind in ["SGD", "Adam", "RMSprop"]:
        for config in clip:
            cases[f"{kind.lower()}_{next(iter(config))}"] = (kind, config)
    decay = {"weight_decay": 0.1}
    longer = {
        "adam_amsgrad": ("Adam", {"amsgrad": True, "beta_2": 0.9}),
        "adamw_amsgrad": ("AdamW", {"amsgrad": True, "beta_2": 0.9}),
        "adagrad": ("Adagrad", {"learning_rate": 0.1}),
        "adagrad_decay": ("Adagrad", {"initial_accumulator_value": 0.0, **decay}),
        "adadelta": ("Adadelta", {"learning_rate": 1.0}),
        "adadelta_decay": ("Adadelta", {"rho": 0.8, "epsilon": 1e-3, **decay}),
        "adamax": ("Adamax", {}),
        "adamax_decay": ("Adamax", {"beta_1": 0.8, "beta_2": 0.9, **decay}),
        "nadam": ("Nadam", {}),
        "nadam_decay": ("Nadam", {"beta_1": 0.8, "beta_2": 0.9, **decay}),
        "lamb": ("Lamb", {}),
        "lamb_decay": ("Lamb", {"beta_1": 0.8, "beta_2": 0.9, **decay}),
        "lion": ("Lion", {}),
        "lion_decay": ("Lion", {"beta_1": 0.8, "beta_2": 0.9, **decay}),
        "ftrl": ("Ftrl", {"learning_rate": 0.1}),
        "ftrl_all": (
            "Ftrl",
            {
                "learning_rate": 0.1,
                "l1_regularization_strength": 0.05,
                "l2_regularization_strength": 0.1,
                "l2_shrinkage_regularization_strength": 0.01,
                "beta": 0.2,
                **decay,
            },
        ),
        "adafactor": ("Adafactor", {}),
        "adafactor_decay": (
            "Adafactor",
            {
                "learning_rate": 0.1,
                "beta_2_decay": -0.5,
                "epsilon_1": 1e-8,
                "epsilon_2": 0.1,
                "clip_threshold": 0.5,
                **decay,
            },
        ),
        "muon": ("Muon", {}),
        "muon_decay": (
            "Muon",
            {
                "learning_rate": 0.01,
                "momentum": 0.8,
                "nesterov": False,
                "ns_steps": 3,
                "rms_rate": None,
                "adam_beta_1": 0.8,
                "adam_lr_ratio": 0.5,
                "adam_weight_decay": 0.2,
                **decay,
            },
        ),
        # All of it is Adam's.
        "muon_excluded": ("Muon", {"exclude_layers": ["kernel"]}),
        "sgd_ema": ("SGD", {"use_ema": True, "ema_momentum": 0.9}),
        "adam_ema_overwrite": (
            "Adam",
            {
                "learning_rate": 0.01,
                "use_ema": True,
                "ema_momentum": 0.5,
                "ema_overwrite_frequency": 3,
            },
        ),
    }
    # So wide that nothing is clipped.
    cases["sgd_clipnorm_wide"] = ("SGD", {"clipnorm": 1000.0})
    cases["sgd_global_clipnorm_wide"] = ("SGD", {"global_clipnorm": 1000.0})
    answers = {name: case(*values) for name, values in cases.items()}
    for name, values in longer.items():
        answers[name] = case(*values, steps=MORE)
    answers["adamw_without_bias"] = case("AdamW", decay, without_decay=["bias"])
    for schedule in schedules.SCHEDULES:
        for kind in ["SGD", "Adam"]:
            answers[f"{kind.lower()}_{schedule}"] = case(kind, {}, schedule)
    answers["adamw_exponential"] = case("AdamW", {"weight_decay": 0.1}, "exponential")
    return {
        "given": recipes(start()),
        "gradients": [recipes(given) for given in gradients()],
        "cases": answers,
    }


THEMES = {"optimizers": optimizers}
