"""Writes `answers/*.json`, or with `--check` compares what Keras says now with what is there.

python generate.py [--check] [THEME ...]
"""

import argparse
import json
import math
import pathlib
import sys

import activations
import attention
import convolutions
import embedding
import fit
import formula_samples
import functions
import initializers
import layers
import losses
import metrics
import moves
import names
import networks
import noise
import norm
import normalization
import optimizers
import positions
import products
import recurrent
import row_norms
import schedules
import slopes
import splitting
import terms
import thawing
import wrappers
from backend import VERSIONS
from tensors import written

ANSWERS = pathlib.Path(__file__).parent / "answers"
MODULES = [
    formula_samples,
    layers,
    convolutions,
    moves,
    splitting,
    norm,
    normalization,
    row_norms,
    slopes,
    noise,
    embedding,
    recurrent,
    attention,
    positions,
    products,
    activations,
    functions,
    losses,
    metrics,
    initializers,
    optimizers,
    schedules,
    terms,
    thawing,
    networks,
    fit,
    names,
    wrappers,
]
THEMES = {name: make for module in MODULES for name, make in module.THEMES.items()}

# Of the largest number in the same list: another machine adds in another order.
TOLERANCE = 1e-4


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def differences(old, new, where, scale=0.0):
    """Every place where two answers differ by more than rounding."""
    if isinstance(old, dict) and isinstance(new, dict):
        if list(old) != list(new):
            yield f"{where}: {list(old)} became {list(new)}"
            return
        for name in old:
            # A tolerance is no answer, and in a sum terms of both signs cancel.
            if name.endswith("slack"):
                continue
            scale = 0.0
            if name == "sum":
                scale = old["norm"] * math.prod(old["shape"]) ** 0.5
            yield from differences(old[name], new[name], f"{where}.{name}", scale)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{where}: {len(old)} elements became {len(new)}"
            return
        # Columns of a table of entries have scales of their own.
        if old and all(
            isinstance(row, list) and len(row) == len(old[0]) for row in old
        ):
            for column, pair in enumerate(zip(zip(*old), zip(*new))):
                yield from differences(*map(list, pair), f"{where}[*][{column}]")
            return
        scale = max((abs(v) for v in old if is_number(v)), default=0.0)
        for i, (a, b) in enumerate(zip(old, new)):
            yield from differences(a, b, f"{where}[{i}]", scale)
    elif is_number(old) and is_number(new):
        if abs(old - new) > TOLERANCE * max(abs(old), scale, 1e-6):
            yield f"{where}: {old} became {new}"
    elif old != new:
        yield f"{where}: {old} became {new}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("themes", nargs="*", metavar="THEME", help=", ".join(THEMES))
    options = parser.parse_args()
    unknown = set(options.themes) - set(THEMES)
    if unknown:
        parser.error(f"no such theme: {', '.join(sorted(unknown))}")

    failed = False
    for theme in options.themes or THEMES:
        content = THEMES[theme]()
        if "cases" not in content:
            content = {"cases": content}
        text = written({"versions": VERSIONS, **content}) + "\n"
        path = ANSWERS / f"{theme}.json"
        if not options.check:
            path.write_text(text)
            print(f"{theme}: {len(text)} bytes")
            continue
        old, new = json.loads(path.read_text()), json.loads(text)
        del old["versions"], new["versions"]
        found = list(differences(old, new, theme))
        print(f"{theme}: {len(found)} differences")
        for line in found[:20]:
            print(f"  {line}")
        failed |= bool(found)
    sys.exit(failed)


if __name__ == "__main__":
    main()
