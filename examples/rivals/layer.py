"""A layer of the networks of `networks.py` in its place, and what can stand behind it.

Shapes are without the batch axis and with channels last, whatever a library makes of them. "same" padding is Keras's; PyTorch and ONNX
get the same number of rows on both sides, which makes outputs of the same size.
"""
import dataclasses
import math
import types


@dataclasses.dataclass(eq=False)
class Layer:
    """A layer in its place: what it is, what it reads, and the shape of what it makes."""

    net: "networks.Network"
    kind: str
    inputs: list
    shape: tuple
    arguments: types.SimpleNamespace
    # Layers of one name share their weights.
    name: str

    def then(self, kind, shape, name=None, inputs=(), **arguments):
        name = name or f"{kind}_{len(self.net.layers)}"
        layer = Layer(self.net, kind, [self, *inputs], tuple(shape), types.SimpleNamespace(**arguments), name)
        self.net.layers.append(layer)
        return layer

    # On images, and on volumes, which have a depth before their height.

    def conv2d(self, filters, size, stride=1, padding="same", bias=True, dilation=1, groups=1, name=None):
        stride = stride if isinstance(stride, tuple) else (stride, stride)
        return self.convolution("conv2d", filters, size, stride, padding, bias, dilation, groups, name)

    def conv3d(self, filters, size):
        return self.convolution("conv3d", filters, size, (1, 1, 1), "same")

    def depthwise(self, size, stride=1, bias=True):
        channels = self.shape[-1]
        return self.convolution("depthwise", channels, size, (stride, stride), "same", bias, groups=channels)

    def normalized(self, filters, size, stride=1, groups=1):
        """A convolution without bias, and its normalisation."""
        return self.conv2d(filters, size, stride, bias=False, groups=groups).batch_norm()

    def conv2d_transpose(self, filters, size, stride=1, padding="same", bias=True):
        lengths = (n * stride if padding == "same" else (n - 1) * stride + size for n in self.shape[:2])
        return self.then("conv2d_transpose", (*lengths, filters), filters=filters, size=size, stride=stride, padding=padding, bias=bias)

    def max_pool(self, size, stride=None, padding="valid"):
        stride = stride or size
        shape = (*(reach(n, size, stride, padding) for n in self.shape[:-1]), self.shape[-1])
        return self.then("max_pool", shape, size=size, stride=stride, padding=padding)

    def upsampling(self, times):
        """Repeats each pixel."""
        height, width, channels = self.shape
        return self.then("upsampling", (height * times, width * times, channels), times=times)

    def instance_norm(self):
        return self.then("instance_norm", self.shape)

    # On steps of features.

    def conv1d(self, filters, size, stride=1, padding="valid", dilation=1):
        """`causal` padding stands before the first step."""
        return self.convolution("conv1d", filters, size, (stride,), padding, dilation=dilation)

    def lstm(self, units):
        return self.then("lstm", (units,), units=units)

    def gru(self, units):
        return self.then("gru", (units,), units=units)

    def bidirectional_gru(self, units):
        """What both directions say at each step."""
        return self.then("bidirectional_gru", (self.shape[0], 2 * units), units=units)

    def attention(self, heads, width, causal=False):
        """Of each step to all of them, or to those up to itself, with as many features as come in."""
        return self.then("attention", self.shape, heads=heads, width=width, causal=causal)

    def positions(self):
        """Adds what is learnt for each step."""
        return self.then("positions", self.shape)

    def embedding(self, width):
        """Of an input's whole numbers."""
        return self.then("embedding", (*self.shape, width), rows=self.arguments.words, width=width)

    # On anything.

    def convolution(self, kind, filters, size, stride, padding, bias=True, dilation=1, groups=1, name=None):
        lengths = (reach(n, extent(size, dilation), s, padding) for n, s in zip(self.shape, stride))
        arguments = dict(filters=filters, size=size, stride=stride, padding=padding, bias=bias, dilation=dilation, groups=groups)
        return self.then(kind, (*lengths, filters), name, **arguments)

    def global_avg_pool(self):
        return self.then("global_avg_pool", self.shape[-1:])

    def dense(self, units, name=None):
        return self.then("dense", (*self.shape[:-1], units), name, units=units)

    def batch_norm(self):
        return self.then("batch_norm", self.shape)

    def layer_norm(self):
        return self.then("layer_norm", self.shape)

    def dropout(self, rate):
        return self.then("dropout", self.shape, rate=rate)

    def activation(self, function):
        """relu, relu6, leaky_relu (with slope 0.2), gelu (as its formula says), silu, sigmoid, tanh or softmax."""
        return self.then("activation", self.shape, function=function)

    def relu(self):
        return self.activation("relu")

    def flatten(self):
        return self.then("flatten", (math.prod(self.shape),))

    def reshape(self, *shape):
        return self.then("reshape", shape)

    def add(self, other):
        return self.then("add", self.shape, inputs=[other])

    def subtract(self, other):
        return self.then("subtract", self.shape, inputs=[other])

    def multiply(self, other):
        """Axes of length 1 of the other count for all places."""
        return self.then("multiply", self.shape, inputs=[other])

    def concat(self, *others, axis=-1):
        axis %= len(self.shape)
        shape = list(self.shape)
        shape[axis] += sum(other.shape[axis] for other in others)
        return self.then("concat", shape, inputs=others, axis=axis)


def extent(size, dilation):
    """How far a window reaches whose places are `dilation` apart."""
    return (size - 1) * dilation + 1


def reach(length, size, stride, padding):
    """How many places a window has."""
    return (length - size) // stride + 1 if padding == "valid" else -(-length // stride)
