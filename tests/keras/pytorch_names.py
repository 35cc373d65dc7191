"""Writes `answers/pytorch_names.json`: the public names of PyTorch's modules, losses, functions, optimizers, schedules and initializers.

python pytorch_names.py
"""

import inspect
import pathlib

import torch
from torch import nn, optim
from torch.nn import functional, init, modules
from torch.optim import lr_scheduler

from listing import public
from tensors import written


def is_module(thing):
    return inspect.isclass(thing) and issubclass(thing, nn.Module)


def is_loss(thing):
    return is_module(thing) and thing.__module__ == modules.loss.__name__


def is_schedule(thing):
    return inspect.isclass(thing) and thing.__module__ == lr_scheduler.__name__


# What the module has for itself, and old names.
NOT_FUNCTIONS = [
    "assert_int_or_pair",
    "boolean_dispatch",
    "handle_torch_function",
    "has_torch_function",
    "has_torch_function_unary",
    "has_torch_function_variadic",
    "native_channel_shuffle",
    "upsample_bilinear",
    "upsample_nearest",
]


def is_function(name, thing):
    """Variants that write over their input or return the places of maxima, too, are none of their own."""
    return (
        callable(thing)
        and not inspect.isclass(thing)
        and name == name.lower()
        and not name.endswith(("_", "_with_indices"))
        and name not in NOT_FUNCTIONS
    )


def functions():
    names = [n for n in dir(functional) if not n.startswith("_")]
    found = [n for n in names if is_function(n, getattr(functional, n))]
    return {name: {"also": []} for name in found}


def fills(thing):
    """Those that end with `_` are documented; the others are old names of them."""
    return inspect.isfunction(thing) and thing.__name__.endswith("_")


def main():
    content = {
        "versions": {"torch": torch.__version__.split("+")[0]},
        "cases": {
            "modules": public(nn, lambda t: is_module(t) and not is_loss(t)),
            "losses": public(nn, is_loss),
            "functions": functions(),
            "optimizers": public(optim, inspect.isclass),
            "schedules": public(lr_scheduler, is_schedule),
            "initializers": public(init, fills),
        },
    }
    path = pathlib.Path(__file__).parent / "answers" / "pytorch_names.json"
    path.write_text(written(content) + "\n")


if __name__ == "__main__":
    main()
