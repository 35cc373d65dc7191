"""The networks of `networks.py` in Keras, on the backend that the environment variable `KERAS_BACKEND` names."""
import keras
import numpy
from keras import layers


class Positions(layers.Layer):
    """Adds what is learnt for each step."""

    def build(self, shape):
        self.positions = self.add_weight(shape=shape[1:])

    def call(self, x):
        return x + self.positions


def of_axes(layer, *kinds):
    """Which of the layers for steps, images and volumes reads the input."""
    return kinds[len(layer.inputs[0].shape) - 2]


def global_average(layer):
    return of_axes(layer, layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalAveragePooling3D)()


def max_pool(layer):
    a = layer.arguments
    return of_axes(layer, layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D)(a.size, a.stride, a.padding)


def convolution(layer):
    a = layer.arguments
    kind = of_axes(layer, layers.Conv1D, layers.Conv2D, layers.Conv3D)
    return kind(a.filters, a.size, a.stride, a.padding, dilation_rate=a.dilation, groups=a.groups, use_bias=a.bias)


ACTIVATIONS = {
    "relu": layers.ReLU,
    "relu6": lambda: layers.ReLU(6),
    "leaky_relu": lambda: layers.LeakyReLU(0.2),
    "gelu": lambda: layers.Activation("gelu"),
    "silu": lambda: layers.Activation("silu"),
    "softmax": layers.Softmax,
    "sigmoid": lambda: layers.Activation("sigmoid"),
    "tanh": lambda: layers.Activation("tanh"),
}
# What each makes of the arguments.
LAYERS = {
    "conv1d": convolution,
    "conv2d": convolution,
    "conv3d": convolution,
    "depthwise": lambda layer: layers.DepthwiseConv2D(
        layer.arguments.size, layer.arguments.stride, layer.arguments.padding, use_bias=layer.arguments.bias
    ),
    "conv2d_transpose": lambda layer: layers.Conv2DTranspose(
        layer.arguments.filters, layer.arguments.size, layer.arguments.stride, layer.arguments.padding, use_bias=layer.arguments.bias
    ),
    "max_pool": max_pool,
    "upsampling": lambda layer: layers.UpSampling2D(layer.arguments.times),
    "lstm": lambda layer: layers.LSTM(layer.arguments.units),
    "gru": lambda layer: layers.GRU(layer.arguments.units),
    "bidirectional_gru": lambda layer: layers.Bidirectional(layers.GRU(layer.arguments.units, return_sequences=True)),
    "positions": lambda layer: Positions(),
    "embedding": lambda layer: layers.Embedding(layer.arguments.rows, layer.arguments.width),
    "global_avg_pool": global_average,
    "dense": lambda layer: layers.Dense(layer.arguments.units),
    "batch_norm": lambda layer: layers.BatchNormalization(),
    "layer_norm": lambda layer: layers.LayerNormalization(),
    "instance_norm": lambda layer: layers.GroupNormalization(layer.shape[-1]),
    "dropout": lambda layer: layers.Dropout(layer.arguments.rate),
    "activation": lambda layer: ACTIVATIONS[layer.arguments.function](),
    "flatten": lambda layer: layers.Flatten(),
    "reshape": lambda layer: layers.Reshape(layer.shape),
}


# Of two operands.
MERGES = {"add": layers.Add, "subtract": layers.Subtract, "multiply": layers.Multiply}


def model(net):
    made, values = {}, {}
    for layer in net.layers:
        inputs = [values[x] for x in layer.inputs]
        if layer.kind == "input":
            values[layer] = layers.Input(layer.shape, dtype="int32" if layer.arguments.words else "float32")
        elif layer.kind == "attention":
            values[layer] = layers.MultiHeadAttention(layer.arguments.heads, layer.arguments.width)(
                *inputs, *inputs, use_causal_mask=layer.arguments.causal
            )
        elif layer.kind in MERGES:
            values[layer] = MERGES[layer.kind]()(inputs)
        elif layer.kind == "concat":
            values[layer] = layers.Concatenate(1 + layer.arguments.axis)(inputs)
        else:
            if layer.name not in made:
                made[layer.name] = LAYERS[layer.kind](layer)
            values[layer] = made[layer.name](*inputs)
        assert values[layer].shape[1:] == layer.shape, layer.name
    return keras.Model([values[layer] for layer in net.inputs], [values[layer] for layer, _, _ in net.outputs])


def step(net, mode, batch):
    """What is timed, as a function of nothing."""

    def numbers(layer):
        if layer.kind == "input" and layer.arguments.words:
            return numpy.random.randint(0, layer.arguments.words, (batch, *layer.shape)).astype("int32")
        return numpy.random.rand(batch, *layer.shape).astype("float32")

    def target(layer, loss):
        if loss == "sparse_crossentropy":
            return numpy.random.randint(0, layer.shape[-1], (batch, *layer.shape[:-1])).astype("int32")
        if loss == "crossentropy":
            return keras.utils.to_categorical(numpy.arange(batch) * 7 % layer.shape[-1], layer.shape[-1])
        return numbers(layer).round() if loss == "binary_crossentropy" else numbers(layer)

    network, xs = model(net), [numbers(layer) for layer in net.inputs]
    if mode == "infer":
        return lambda: network.predict_on_batch(xs)
    losses = {"crossentropy": "categorical_crossentropy", "sparse_crossentropy": "sparse_categorical_crossentropy"}
    network.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=[losses.get(loss, loss) for _, loss, _ in net.outputs],
        loss_weights=[weight for _, _, weight in net.outputs],
    )
    targets = [target(layer, loss) for layer, loss, _ in net.outputs]
    return lambda: network.train_on_batch(xs, targets)


def parameters(net):
    return model(net).count_params()
