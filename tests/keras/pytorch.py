"""Writes `answers/distances.json`: what Keras does not have, from PyTorch 2.

python pytorch.py
"""

import pathlib

import torch
from torch.nn import functional

from tensors import Given, answer, recipes, written

METRICS = {
    # PyTorch adds `eps` to every difference, unless it is told not to.
    "euclidean": lambda a, b: functional.pairwise_distance(a, b, eps=0, keepdim=True),
    "squared": lambda a, b: (
        functional.pairwise_distance(a, b, eps=0, keepdim=True).square()
    ),
    "manhattan": lambda a, b: (
        functional.pairwise_distance(a, b, p=1, eps=0, keepdim=True)
    ),
    "cosine": lambda a, b: 1 - functional.cosine_similarity(a, b, dim=-1).unsqueeze(-1),
}


def case(name, shape, batch=3):
    """All metrics of two tensors."""
    key = f"distances/{name}"
    given = {n: Given.uniform(f"{key}.{n}", (batch, *shape)) for n in ["a", "b"]}
    upstreams = {
        n: Given.uniform(f"{key}.upstream.{n}", (batch, *shape[:-1], 1))
        for n in METRICS
    }
    a, b = (torch.tensor(g.array, requires_grad=True) for g in given.values())
    outputs = {n: metric(a, b) for n, metric in METRICS.items()}
    total = sum(
        (y * torch.tensor(upstreams[n].array)).sum() for n, y in outputs.items()
    )
    total.backward()
    return name, {
        "given": recipes(given) | {"upstream": recipes(upstreams)},
        "outputs": {n: answer(y.detach().numpy()) for n, y in outputs.items()},
        "gradients": {"a": answer(a.grad.numpy()), "b": answer(b.grad.numpy())},
    }


def main():
    cases = dict([case("vectors", (19,)), case("steps", (4, 5))])
    content = {
        "versions": {"torch": torch.__version__.split("+")[0]},
        "cases": cases,
    }
    path = pathlib.Path(__file__).parent / "answers" / "distances.json"
    path.write_text(written(content) + "\n")


if __name__ == "__main__":
    main()
