"""The networks of `examples/benchmark`, each described once, for every library: as a list of layers, which `in_torch.py`, `in_keras.py` and
`in_onnx.py` read. Those of the group `kinds` are in `kinds.py`.
"""
import types

import kinds
from layer import Layer

# The words of the texts here.
WORDS = 5000


class Network:
    """Layers in their order, and what is learnt from them: pairs of an output and a loss with its weight."""

    def __init__(self, name):
        self.name, self.layers, self.outputs = name, [], []
        NETWORKS[name](self)

    def input(self, *shape, words=None, signal=False):
        """Whole numbers below `words`, if that is given; a signal has its channels first where images have."""
        layer = Layer(self, "input", [], shape, types.SimpleNamespace(words=words, signal=signal), f"input_{len(self.layers)}")
        self.layers.append(layer)
        return layer

    def output(self, layer, loss, weight=1.0):
        """The loss is mse, crossentropy or sparse_crossentropy (behind softmax), whose targets are rows or numbers of classes, or
        binary_crossentropy (behind sigmoid)."""
        self.outputs.append((layer, loss, weight))

    @property
    def inputs(self):
        return [layer for layer in self.layers if layer.kind == "input"]


# The course's.


def mlp(net):
    net.output(net.input(64).dense(128).relu().dense(32).relu().dense(10).activation("softmax"), "crossentropy")


def detector(net):
    x = net.input(64, 64, 3).conv2d(128, 3, padding="valid").relu().max_pool(2)
    x = x.conv2d(256, 3, padding="valid").relu().max_pool(2).flatten()
    net.output(x.dense(64).relu().dense(10).activation("softmax"), "crossentropy")
    net.output(x.dense(64).relu().dense(4).activation("sigmoid"), "mse", 2.0)


def stereo(net):
    def eye(x):
        return x.conv2d(128, 3, name="eye_1").relu().conv2d(256, 3, name="eye_2").relu()

    left, right = net.input(120, 160, 3), net.input(120, 160, 3)
    x = eye(left).concat(eye(right), axis=1).conv2d(128, 3, stride=(1, 2)).relu()
    net.output(x.conv2d(32, 3).relu().conv2d(1, 1).relu(), "mse")


# Parts that networks are made of.


def lstm(net):
    net.output(net.input(100, 64).lstm(128), "mse")


def gru(net):
    net.output(net.input(100, 64).gru(128), "mse")


def encoder_layer(x):
    seen = x.add(x.attention(4, 32)).layer_norm()
    return seen.add(seen.dense(512).relu().dense(128)).layer_norm()


def encoder(net):
    net.output(encoder_layer(net.input(128, 128)), "mse")


def conv1d(net):
    net.output(net.input(512, 64, signal=True).conv1d(128, 5).relu(), "mse")


def separable(net):
    net.output(net.input(28, 28, 96).depthwise(3).relu().conv2d(96, 1).relu(), "mse")


def unet_level(net):
    below, skip = net.input(28, 28, 128), net.input(56, 56, 64)
    net.output(below.conv2d_transpose(64, 2, 2).concat(skip).conv2d(64, 3).relu(), "mse")


def batch_norm(net):
    net.output(net.input(28, 28, 64).conv2d(64, 3).batch_norm().relu(), "mse")


def stem(net):
    net.output(net.input(224, 224, 3).conv2d(64, 7, 2).relu().max_pool(3, 2, "same"), "mse")


def residual(net):
    x = net.input(32, 32, 3).conv2d(16, 3).relu()
    for width, stride in [(16, 1), (32, 2), (64, 2)]:
        side = x if stride == 1 else x.conv2d(width, 1, stride)
        x = side.add(x.conv2d(width, 3, stride).relu().conv2d(width, 3)).relu()
    net.output(x.global_avg_pool().dense(10).activation("softmax"), "crossentropy")


# The suite: classifiers of pictures.


def lenet(net):
    x = net.input(28, 28, 1).conv2d(6, 5).relu().max_pool(2).conv2d(16, 5, padding="valid").relu().max_pool(2)
    net.output(x.flatten().dense(120).relu().dense(84).relu().dense(10).activation("softmax"), "crossentropy")


def vgg11(net):
    x = net.input(32, 32, 3)
    for widths in [[64], [128], [256, 256], [512, 512], [512, 512]]:
        for width in widths:
            x = x.conv2d(width, 3).relu()
        x = x.max_pool(2)
    net.output(x.flatten().dense(512).relu().dense(512).relu().dense(10).activation("softmax"), "crossentropy")


def residual_block(x, width):
    stride = 1 if x.shape[-1] == width else 2
    side = x if stride == 1 else x.normalized(width, 1, stride)
    return side.add(x.normalized(width, 3, stride).relu().normalized(width, 3)).relu()


def resnet20(net):
    x = net.input(32, 32, 3).normalized(16, 3).relu()
    for width in [16] * 3 + [32] * 3 + [64] * 3:
        x = residual_block(x, width)
    net.output(x.global_avg_pool().dense(10).activation("softmax"), "crossentropy")


def resnet18(net):
    x = net.input(128, 128, 3).normalized(64, 7, 2).relu().max_pool(3, 2, "same")
    for width in [64] * 2 + [128] * 2 + [256] * 2 + [512] * 2:
        x = residual_block(x, width)
    net.output(x.global_avg_pool().dense(1000).activation("softmax"), "crossentropy")


def mobilenet(net):
    def relu6(x):
        return x.activation("relu6")

    def depthwise(x, stride):
        return relu6(x.depthwise(3, stride, bias=False).batch_norm())

    x = relu6(net.input(96, 96, 3).normalized(32, 3, 2))
    x = depthwise(x, 1).normalized(16, 1)
    for width, times, stride in [(24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]:
        for time in range(times):
            y = relu6(x.normalized(6 * x.shape[-1], 1))
            y = depthwise(y, 1 if time else stride).normalized(width, 1)
            x = x.add(y) if time else y
    x = relu6(x.normalized(1280, 1)).global_avg_pool()
    net.output(x.dense(1000).activation("softmax"), "crossentropy")


def inception(net):
    x = net.input(28, 28, 192)
    a = x.conv2d(64, 1).relu()
    b = x.conv2d(96, 1).relu().conv2d(128, 3).relu()
    c = x.conv2d(16, 1).relu().conv2d(32, 5).relu()
    d = x.max_pool(3, 1, "same").conv2d(32, 1).relu()
    net.output(a.concat(b, c, d), "mse")


# From pictures to pictures, and those that make or judge them.


def unet(net):
    def twice(x, width):
        return x.normalized(width, 3).relu().normalized(width, 3).relu()

    whole = twice(net.input(128, 128, 3), 16)
    half = twice(whole.max_pool(2), 32)
    quarter = twice(half.max_pool(2), 64)
    x = twice(quarter.max_pool(2), 128)
    for width, beside in [(64, quarter), (32, half), (16, whole)]:
        x = twice(x.conv2d_transpose(width, 2, 2).concat(beside), width)
    net.output(x.conv2d(1, 1).activation("sigmoid"), "binary_crossentropy")


def conv_autoencoder(net):
    x = net.input(64, 64, 3).conv2d(32, 3, 2).relu().conv2d(64, 3, 2).relu().conv2d(128, 3, 2).relu()
    x = x.conv2d_transpose(64, 3, 2).relu().conv2d_transpose(32, 3, 2).relu()
    net.output(x.conv2d_transpose(3, 3, 2).activation("sigmoid"), "mse")


def dcgan_generator(net):
    x = net.input(100).reshape(1, 1, 100).conv2d_transpose(512, 4, padding="valid", bias=False).batch_norm().relu()
    for width in [256, 128, 64]:
        x = x.conv2d_transpose(width, 4, 2, bias=False).batch_norm().relu()
    net.output(x.conv2d_transpose(3, 4, 2).activation("tanh"), "mse")


def dcgan_discriminator(net):
    x = net.input(64, 64, 3).conv2d(64, 4, 2).activation("leaky_relu")
    for width in [128, 256, 512]:
        x = x.normalized(width, 4, 2).activation("leaky_relu")
    net.output(x.conv2d(1, 4, padding="valid").flatten().activation("sigmoid"), "binary_crossentropy")


# For vectors of numbers and for texts, and for both beside a picture.


def autoencoder(net):
    x = net.input(784).dense(512).relu().dense(128).relu().dense(32)
    net.output(x.dense(128).relu().dense(512).relu().dense(784).activation("sigmoid"), "mse")


def lstm_classifier(net):
    x = net.input(100, words=WORDS).embedding(64).lstm(128)
    net.output(x.dense(1).activation("sigmoid"), "binary_crossentropy")


def transformer(net):
    x = encoder_layer(encoder_layer(net.input(128, words=WORDS).embedding(128).positions()))
    net.output(x.global_avg_pool().dense(10).activation("softmax"), "crossentropy")


def price(net):
    photo, text, measured = net.input(64, 64, 3), net.input(40, words=WORDS), net.input(12)
    seen = photo.conv2d(32, 3, 2).relu().conv2d(64, 3, 2).relu().conv2d(128, 3, 2).relu().global_avg_pool().dense(64).relu()
    told, known = text.embedding(32).lstm(64), measured.dense(64).relu()
    net.output(seen.concat(told, known).dense(128).relu().dense(1), "mse")


NETWORKS = {
    function.__name__: function
    for function in [
        mlp, detector, stereo,
        lstm, gru, encoder, conv1d, separable, unet_level, batch_norm, stem, residual,
        lenet, vgg11, resnet20, resnet18, mobilenet, inception,
        unet, conv_autoencoder, dcgan_generator, dcgan_discriminator,
        autoencoder, lstm_classifier, transformer, price,
        *kinds.NETWORKS,
    ]
}
