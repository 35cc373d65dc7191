"""Products of two tensors."""

from attention import answers
from backend import keras

L = keras.layers
matmul = keras.ops.matmul


def case(name, shapes, make, layers):
    """`make`: the results by their names, from the inputs."""
    inputs = {n: keras.Input(shape, name=n) for n, shape in shapes.items()}
    return answers("products", name, shapes, inputs, make(inputs), layers)


def transposed(x):
    return keras.ops.swapaxes(x, -1, -2)


def einsum_dense(equation, output_shape, bias_axes=None):
    return {"equation": equation, "output_shape": output_shape, "bias_axes": bias_axes}


# In Keras an equation has the batch axis, too.
EINSUM_DENSE = {
    "plain": einsum_dense("asf,fd->asd", (5, 4), "d"),
    "heads": einsum_dense("asf,fhd->ahsd", (2, 5, 3), "hs"),
    "turned": einsum_dense("asf,dsf->ad", (6,)),
    "rest": einsum_dense("...f,fd->...d", (4,)),
}


def products():
    return dict(
        [
            case(
                "einsum_dense",
                {"x": (5, 7)},
                lambda i: {
                    n: L.EinsumDense(**config, name=n)(i["x"])
                    for n, config in EINSUM_DENSE.items()
                },
                {n: {"layer": "EinsumDense", **c} for n, c in EINSUM_DENSE.items()},
            ),
            case(
                "dot",
                {"a": (7,), "b": (7,), "c": (4, 3, 5), "d": (3, 2)},
                lambda i: {
                    "plain": L.Dot(axes=1)([i["a"], i["b"]]),
                    "cosine": L.Dot(axes=1, normalize=True)([i["a"], i["b"]]),
                    "inner": L.Dot(axes=(2, 1))([i["c"], i["d"]]),
                    "normalized": L.Dot(axes=(2, 1), normalize=True)([i["c"], i["d"]]),
                },
                {
                    "plain": {"layer": "Dot", "axes": 1},
                    "cosine": {"layer": "Dot", "axes": 1, "normalize": True},
                    "inner": {"layer": "Dot", "axes": [2, 1]},
                    "normalized": {"layer": "Dot", "axes": [2, 1], "normalize": True},
                },
            ),
            case(
                "matmul",
                {"a": (2, 3, 5), "b": (2, 5, 4), "c": (2, 3, 4)},
                lambda i: {
                    "plain": matmul(i["a"], i["b"]),
                    "first": matmul(transposed(i["a"]), i["c"]),
                    "second": matmul(i["c"], transposed(i["b"])),
                },
                {n: {"layer": "ops.matmul"} for n in ["plain", "first", "second"]},
            ),
        ]
    )


THEMES = {"products": products}
