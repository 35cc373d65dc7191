#!/usr/bin/env python3
"""The networks of `networks.py` as ONNX files with random weights, for libraries that read those: mlp-1.onnx, mlp-32.onnx, ...,
one for each batch size. Needs `onnx` and `numpy`.

    python in_onnx.py FOLDER NETWORK BATCH...
"""
import pathlib
import sys

import networks
import numpy
import onnx
from layer import extent
from onnx import TensorProto, helper, numpy_helper


def channels_first(shape):
    """ONNX's order of axes: of images and volumes, the channels come before height and width."""
    return [shape[-1], *shape[:-1]] if len(shape) >= 3 else list(shape)


class Graph:
    """A graph under construction; every method returns the name of its result."""

    def __init__(self, net, batch):
        self.net, self.batch = net, batch
        self.nodes, self.weights, self.random, self.values = [], {}, numpy.random.default_rng(0), {}
        for layer in net.layers:
            inputs = [self.values[x] for x in layer.inputs]
            self.values[layer] = layer.name if layer.kind == "input" else getattr(self, layer.kind)(layer, *inputs)

    def weight(self, layer, name, *shape):
        """Random numbers, the same for all layers of one name."""
        name = f"{layer.name}.{name}"
        fan_in = numpy.prod(shape[1:])
        values = self.random.standard_normal(shape) / numpy.sqrt(fan_in)
        self.weights.setdefault(name, numpy_helper.from_array(values.astype("float32"), name))
        return name

    def numbers(self, *values):
        """A list of whole numbers, or one number, as an input that does not change."""
        array = numpy.array(values, "int64") if isinstance(values[0], int) else numpy.array(values[0], "float32")
        name = "constant_" + "_".join(map(str, values))
        self.weights.setdefault(name, numpy_helper.from_array(array, name))
        return name

    def node(self, kind, *inputs, outputs=1, **attributes):
        """Its last output."""
        results = [f"{kind}{len(self.nodes)}" if index == outputs - 1 else "" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, results, **attributes))
        return results[-1]

    def convolution(self, layer, x):
        a, axes = layer.arguments, len(layer.shape) - 1
        kernel = self.weight(layer, "kernel", a.filters, layer.inputs[0].shape[-1] // a.groups, *[a.size] * axes)
        bias = [self.weight(layer, "bias", a.filters)] if a.bias else []
        reach = extent(a.size, a.dilation)
        before, behind = {"valid": (0, 0), "same": ((reach - 1) // 2,) * 2, "causal": (reach - 1, 0)}[a.padding]
        pads = [before] * axes + [behind] * axes
        places = dict(kernel_shape=[a.size] * axes, strides=a.stride, pads=pads, dilations=[a.dilation] * axes)
        return self.node("Conv", x, kernel, *bias, group=a.groups, **places)

    conv1d = conv2d = conv3d = depthwise = convolution

    def conv2d_transpose(self, layer, x):
        a = layer.arguments
        kernel = self.weight(layer, "kernel", layer.inputs[0].shape[-1], a.filters, a.size, a.size)
        bias = [self.weight(layer, "bias", a.filters)] if a.bias else []
        surplus = a.size - a.stride if a.padding == "same" else 0
        rows = (surplus + 1) // 2
        places = dict(kernel_shape=[a.size] * 2, strides=[a.stride] * 2, pads=[rows] * 4, output_padding=[2 * rows - surplus] * 2)
        return self.node("ConvTranspose", x, kernel, *bias, **places)

    def max_pool(self, layer, x):
        a, axes = layer.arguments, len(layer.shape) - 1
        rows = (a.size - 1) // 2 if a.padding == "same" else 0
        return self.node("MaxPool", x, kernel_shape=[a.size] * axes, strides=[a.stride] * axes, pads=[rows] * 2 * axes)

    def upsampling(self, layer, x):
        lengths = self.numbers(self.batch, *channels_first(layer.shape))
        return self.node("Resize", x, "", "", lengths, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def recurrent(self, gates, biases, layer, x, directions=1):
        """What a recurrent operation reads."""
        units, features = layer.arguments.units, layer.inputs[0].shape[-1]
        kernel = self.weight(layer, "kernel", directions, gates * units, features)
        recurrent = self.weight(layer, "recurrent", directions, gates * units, units)
        bias = self.weight(layer, "bias", directions, biases * gates * units)
        if biases == 1:
            # ONNX adds two biases. The second is nothing.
            nothing = f"{layer.name}.nothing"
            self.weights[nothing] = numpy_helper.from_array(numpy.zeros((directions, gates * units), "float32"), nothing)
            bias = self.node("Concat", bias, nothing, axis=1)
        return self.node("Transpose", x, perm=[1, 0, 2]), kernel, recurrent, bias

    def lstm(self, layer, x):
        last = self.node("LSTM", *self.recurrent(4, 1, layer, x), outputs=2, hidden_size=layer.arguments.units)
        return self.node("Squeeze", last, self.numbers(0))

    def gru(self, layer, x):
        last = self.node("GRU", *self.recurrent(3, 2, layer, x), outputs=2, hidden_size=layer.arguments.units, linear_before_reset=1)
        return self.node("Squeeze", last, self.numbers(0))

    def bidirectional_gru(self, layer, x):
        kind = dict(hidden_size=layer.arguments.units, linear_before_reset=1, direction="bidirectional")
        both = self.node("GRU", *self.recurrent(3, 2, layer, x, directions=2), **kind)
        # Steps, directions, samples, units.
        return self.node("Reshape", self.node("Transpose", both, perm=[2, 0, 1, 3]), self.numbers(-1, *layer.shape))

    def attention(self, layer, x):
        heads, width = layer.arguments.heads, layer.arguments.width
        steps, features = layer.shape

        def projected(name, axes):
            y = self.linear(layer, x, features, heads * width, name)
            return self.node("Transpose", self.node("Reshape", y, self.numbers(-1, steps, heads, width)), perm=axes)

        query, key, value = projected("query", [0, 2, 1, 3]), projected("key", [0, 2, 3, 1]), projected("value", [0, 2, 1, 3])
        scores = self.node("Mul", self.node("MatMul", query, key), self.numbers(width**-0.5))
        if layer.arguments.causal:
            scores = self.node("Add", scores, self.unseen(steps))
        seen = self.node("MatMul", self.node("Softmax", scores, axis=-1), value)
        seen = self.node("Reshape", self.node("Transpose", seen, perm=[0, 2, 1, 3]), self.numbers(-1, steps, heads * width))
        return self.linear(layer, seen, heads * width, features, "output")

    def unseen(self, steps):
        """What hides from each step those behind it."""
        name = f"constant_unseen_{steps}"
        lowest = numpy.full((steps, steps), numpy.finfo("float32").min, "float32")
        self.weights.setdefault(name, numpy_helper.from_array(numpy.triu(lowest, 1), name))
        return name

    def positions(self, layer, x):
        return self.node("Add", x, self.weight(layer, "positions", *layer.shape))

    def embedding(self, layer, x):
        return self.node("Gather", self.weight(layer, "rows", layer.arguments.rows, layer.arguments.width), x)

    def global_avg_pool(self, layer, x):
        if len(layer.inputs[0].shape) >= 3 or self.net.inputs[0].arguments.signal:
            return self.node("Flatten", self.node("GlobalAveragePool", x))
        return self.node("ReduceMean", x, axes=[1], keepdims=0)

    def linear(self, layer, x, inputs, outputs, name):
        """On the last of several axes."""
        product = self.node("MatMul", x, self.weight(layer, f"{name}.kernel", inputs, outputs))
        return self.node("Add", product, self.weight(layer, f"{name}.bias", outputs))

    def dense(self, layer, x):
        inputs, outputs = layer.inputs[0].shape[-1], layer.arguments.units
        if len(layer.shape) > 1:
            return self.linear(layer, x, inputs, outputs, "dense")
        return self.node("Gemm", x, self.weight(layer, "kernel", outputs, inputs), self.weight(layer, "bias", outputs), transB=1)

    def batch_norm(self, layer, x):
        weights = [self.weight(layer, name, layer.shape[-1]) for name in ("gamma", "beta", "mean", "variance")]
        variance = numpy.abs(numpy_helper.to_array(self.weights[weights[-1]]))
        self.weights[weights[-1]] = numpy_helper.from_array(variance, weights[-1])
        return self.node("BatchNormalization", x, *weights)

    def layer_norm(self, layer, x):
        weights = [self.weight(layer, name, layer.shape[-1]) for name in ("gamma", "beta")]
        if len(layer.shape) == 3:
            # Of the channels of each pixel.
            y = self.node("LayerNormalization", self.node("Transpose", x, perm=[0, 2, 3, 1]), *weights, axis=-1)
            return self.node("Transpose", y, perm=[0, 3, 1, 2])
        return self.node("LayerNormalization", x, *weights, axis=-1)

    def instance_norm(self, layer, x):
        return self.node("InstanceNormalization", x, *(self.weight(layer, name, layer.shape[-1]) for name in ("gamma", "beta")))

    def dropout(self, layer, x):
        """Nothing is dropped in a prediction."""
        return x

    def activation(self, layer, x):
        function = layer.arguments.function
        if function == "relu6":
            return self.node("Clip", x, self.numbers(0.0), self.numbers(6.0))
        if function == "leaky_relu":
            return self.node("LeakyRelu", x, alpha=0.2)
        if function == "gelu":
            # In this order ONNX Runtime and OpenVINO know it.
            normal = self.node("Erf", self.node("Div", x, self.numbers(2**0.5)))
            return self.node("Mul", self.node("Mul", x, self.node("Add", normal, self.numbers(1.0))), self.numbers(0.5))
        if function == "silu":
            return self.node("Mul", x, self.node("Sigmoid", x))
        if function == "softmax":
            return self.node("Softmax", x, axis=1 if len(layer.shape) == 3 else -1)
        return self.node({"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}[function], x)

    def flatten(self, layer, x):
        return self.node("Flatten", x)

    def reshape(self, layer, x):
        return self.node("Reshape", x, self.numbers(-1, *channels_first(layer.shape)))

    def add(self, layer, x, y):
        return self.node("Add", x, y)

    def subtract(self, layer, x, y):
        return self.node("Sub", x, y)

    def multiply(self, layer, x, y):
        return self.node("Mul", x, y)

    def concat(self, layer, *inputs):
        axis = layer.arguments.axis
        return self.node("Concat", *inputs, axis=1 + (axis + 1) % 3 if len(layer.shape) == 3 else 1 + axis)


def model(net, batch):
    """The model of a network for one batch size, checked."""
    graph = Graph(net, batch)
    signal = net.inputs[0].arguments.signal

    def info(layer, name):
        shape = reversed(layer.shape) if signal else channels_first(layer.shape)
        words = layer.kind == "input" and layer.arguments.words
        return helper.make_tensor_value_info(name, TensorProto.INT64 if words else TensorProto.FLOAT, [batch, *shape])

    inputs = [info(layer, layer.name) for layer in net.inputs]
    outputs = [info(layer, graph.values[layer]) for layer, _, _ in net.outputs]
    whole = helper.make_graph(graph.nodes, net.name, inputs, outputs, list(graph.weights.values()))
    result = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(result, full_check=True)
    return result


def feed(net, batch):
    """Random numbers for each input."""

    def numbers(layer):
        if layer.arguments.words:
            return numpy.random.randint(0, layer.arguments.words, (batch, *layer.shape))
        shape = reversed(layer.shape) if layer.arguments.signal else channels_first(layer.shape)
        return numpy.random.rand(batch, *shape).astype("float32")

    return {layer.name: numbers(layer) for layer in net.inputs}


def onnxruntime_step(net, batch, threads):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model(net, batch).SerializeToString(), settings, providers=["CPUExecutionProvider"])
    inputs = feed(net, batch)
    return lambda: session.run(None, inputs)


def openvino_step(net, batch, threads):
    import openvino

    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model(net, batch).SerializeToString(), b""), "CPU", settings)
    request, inputs = compiled.create_infer_request(), feed(net, batch)
    return lambda: request.infer(inputs)


def tract_step(net, batch, threads):
    import tempfile

    import tract

    # It computes with one thread, and reads from files.
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model(net, batch).SerializeToString())
        file.flush()
        runnable = tract.onnx().load(file.name).into_model().into_runnable()
    inputs = list(feed(net, batch).values())
    return lambda: runnable.run(inputs)


# What each makes of a network, a batch size and a number of threads.
STEPS = {"onnxruntime": onnxruntime_step, "openvino": openvino_step, "tract": tract_step}


def parameters(net):
    """Of the files: the numbers that layers have, without the constants of operations."""
    graph = Graph(net, 1)
    return sum(
        int(numpy.prod(weight.dims)) for name, weight in graph.weights.items() if not name.startswith("constant_") and ".nothing" not in name
    )


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for size in map(int, sys.argv[3:]):
        onnx.save(model(networks.Network(sys.argv[2]), size), folder / f"{sys.argv[2]}-{size}.onnx")
