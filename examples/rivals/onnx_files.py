#!/usr/bin/env python3
"""Writes the networks of the course, and those of `examples/benchmark/kinds.rs`, as ONNX files, for rivals that read those:
mlp-1.onnx, mlp-32.onnx, ..., one for each batch size, with random weights. Needs `onnx` and `numpy`.

    python onnx_files.py FOLDER
"""
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

BATCHES = {
    "mlp": [1, 32, 256],
    "detector": [1, 32],
    "stereo": [1, 4],
    "lenet": [1, 32],
    "residual": [1, 32],
    "autoencoder": [1, 32],
    "inception": [1, 32],
    "stem": [1, 8],
}


class Graph:
    """A graph under construction; every method returns the name of its result."""

    def __init__(self):
        self.nodes, self.weights, self.random = [], [], numpy.random.default_rng(0)

    def weight(self, name, *shape):
        if all(weight.name != name for weight in self.weights):
            fan_in = numpy.prod(shape[1:])
            values = self.random.standard_normal(shape) / numpy.sqrt(fan_in)
            self.weights.append(numpy_helper.from_array(values.astype("float32"), name))
        return name

    def add(self, kind, *inputs, **attributes):
        result = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [result], **attributes))
        return result

    def dense(self, x, name, inputs, outputs):
        return self.add("Gemm", x, self.weight(name, outputs, inputs), self.weight(name + "b", outputs), transB=1)

    def conv(self, x, name, inputs, outputs, size=3, strides=(1, 1), padding=0):
        return self.add("Relu", self.linear_conv(x, name, inputs, outputs, size, strides, padding))

    def linear_conv(self, x, name, inputs, outputs, size=3, strides=(1, 1), padding=0):
        kernel = self.weight(name, outputs, inputs, size, size)
        bias = self.weight(name + "b", outputs)
        return self.add("Conv", x, kernel, bias, kernel_shape=(size, size), strides=strides, pads=(padding,) * 4)

    def pool(self, x):
        return self.add("MaxPool", x, kernel_shape=(2, 2), strides=(2, 2))


def mlp(graph):
    x = graph.add("Relu", graph.dense("x", "a", 64, 128))
    x = graph.add("Relu", graph.dense(x, "b", 128, 32))
    return {"x": [64]}, {graph.add("Softmax", graph.dense(x, "c", 32, 10)): [10]}


def detector(graph):
    x = graph.pool(graph.conv("image", "first", 3, 128))
    x = graph.add("Flatten", graph.pool(graph.conv(x, "second", 128, 256)))

    def head(name, outputs, activation):
        hidden = graph.add("Relu", graph.dense(x, name, 50176, 64))
        return graph.add(activation, graph.dense(hidden, name + "2", 64, outputs))

    return {"image": [3, 64, 64]}, {head("class", 10, "Softmax"): [10], head("location", 4, "Sigmoid"): [4]}


def stereo(graph):
    def eye(x):
        return graph.conv(graph.conv(x, "first", 3, 128, padding=1), "second", 128, 256, padding=1)

    x = graph.add("Concat", eye("left"), eye("right"), axis=3)
    x = graph.conv(x, "third", 256, 128, strides=(1, 2), padding=1)
    x = graph.conv(graph.conv(x, "fourth", 128, 32, padding=1), "fifth", 32, 1, size=1)
    return {"left": [3, 120, 160], "right": [3, 120, 160]}, {x: [1, 120, 160]}


def lenet(graph):
    x = graph.pool(graph.conv("image", "a", 1, 6, size=5, padding=2))
    x = graph.add("Flatten", graph.pool(graph.conv(x, "b", 6, 16, size=5)))
    x = graph.add("Relu", graph.dense(x, "c", 400, 120))
    x = graph.add("Relu", graph.dense(x, "d", 120, 84))
    return {"image": [1, 28, 28]}, {graph.add("Softmax", graph.dense(x, "e", 84, 10)): [10]}


def residual(graph):
    def block(x, name, inputs, outputs, stride):
        strides = (stride, stride)
        side = x if stride == 1 else graph.linear_conv(x, name + "side", inputs, outputs, size=1, strides=strides)
        x = graph.conv(x, name + "1", inputs, outputs, strides=strides, padding=1)
        return graph.add("Relu", graph.add("Add", side, graph.linear_conv(x, name + "2", outputs, outputs, padding=1)))

    x = block(graph.conv("image", "first", 3, 16, padding=1), "b", 16, 16, 1)
    x = block(block(x, "c", 16, 32, 2), "d", 32, 64, 2)
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    return {"image": [3, 32, 32]}, {graph.add("Softmax", graph.dense(x, "class", 64, 10)): [10]}


def autoencoder(graph):
    x, widths = "x", [784, 512, 128, 32, 128, 512, 784]
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        x = graph.dense(x, f"dense{index}", inputs, outputs)
        if index != 2:
            x = graph.add("Relu" if index < 5 else "Sigmoid", x)
    return {"x": [784]}, {x: [784]}


def inception(graph):
    pool = graph.add("MaxPool", "x", kernel_shape=(3, 3), strides=(1, 1), pads=(1,) * 4)
    branches = [
        graph.conv("x", "a", 192, 64, size=1),
        graph.conv(graph.conv("x", "b", 192, 96, size=1), "b2", 96, 128, padding=1),
        graph.conv(graph.conv("x", "c", 192, 16, size=1), "c2", 16, 32, size=5, padding=2),
        graph.conv(pool, "d", 192, 32, size=1),
    ]
    return {"x": [192, 28, 28]}, {graph.add("Concat", *branches, axis=1): [256, 28, 28]}


def stem(graph):
    x = graph.conv("image", "a", 3, 64, size=7, strides=(2, 2), padding=3)
    return {"image": [3, 224, 224]}, {
        graph.add("MaxPool", x, kernel_shape=(3, 3), strides=(2, 2), pads=(1,) * 4): [64, 56, 56]
    }


NETWORKS = [mlp, detector, stereo, lenet, residual, autoencoder, inception, stem]


def model(network, batch):
    """The model of a network for one batch size, checked."""
    graph = Graph()
    inputs, outputs = {function.__name__: function for function in NETWORKS}[network](graph)

    def infos(shapes):
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, *shape]) for name, shape in shapes.items()]

    whole = helper.make_graph(graph.nodes, network, infos(inputs), infos(outputs), graph.weights)
    result = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(result)
    return result


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for network, batches in BATCHES.items():
        for batch in batches:
            onnx.save(model(network, batch), folder / f"{network}-{batch}.onnx")
