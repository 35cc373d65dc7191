"""The networks of the examples: outputs, losses, every gradient, and the weights after five steps of Adam.

Layers carry the names that `network!` gives its weights, so `features_conv2d.kernel` means the same on both sides.
"""

import numpy as np

from backend import give_weights, keras, named_weights, tf
from tensors import Given, answer, number, recipes, spread, total

STEPS = 5
L = keras.layers
memory = keras.src.utils.summary_utils


def relu(x):
    return keras.activations.relu(x)


def functional():
    x = keras.Input((32,), name="x")
    h = relu(L.Dense(64, name="teste_dense")(x))
    h = L.Dense(16, name="teste_dense_2")(h)
    model = keras.Model(x, L.Softmax(name="teste")(h))
    return Network(model, 6, {"teste": Head("CategoricalCrossentropy")})


def digits():
    x = keras.Input((64,), name="pixels")
    h = relu(L.Dense(128, name="digit_dense")(x))
    h = relu(L.Dense(32, name="digit_dense_2")(h))
    h = L.Dense(10, name="digit_dense_3")(h)
    model = keras.Model(x, L.Softmax(name="digit")(h))
    return Network(model, 8, {"digit": Head("SparseCategoricalCrossentropy")})


def detector(side=64, filters=(128, 256), units=64):
    """The detector of the front page; `fit.py` trains a smaller one."""
    image = keras.Input((side, side, 3), name="image")
    h = relu(L.Conv2D(filters[0], 3, name="features_conv2d")(image))
    h = L.MaxPooling2D(2)(h)
    h = relu(L.Conv2D(filters[1], 3, name="features_conv2d_2")(h))
    h = L.MaxPooling2D(2)(h)
    features = L.Flatten()(h)
    h = relu(L.Dense(units, name="class_dense")(features))
    classes = L.Softmax(name="class")(L.Dense(10, name="class_dense_2")(h))
    h = relu(L.Dense(units, name="location_dense")(features))
    h = L.Dense(4, name="location_dense_2")(h)
    location = L.Activation("sigmoid", name="location")(h)
    model = keras.Model(image, [classes, location])
    heads = {
        "class": Head("CategoricalCrossentropy"),
        "location": Head("MeanSquaredError", weight=2.0),
    }
    return Network(model, 2, heads)


def eye(shape):
    """The chain that both images share."""
    image = keras.Input(shape)
    h = relu(L.Conv2D(128, 3, padding="same", name="eye_conv2d")(image))
    h = relu(L.Conv2D(256, 3, padding="same", name="eye_conv2d_2")(h))
    return keras.Model(image, h, name="eye")


def stereo(axis, stride):
    left = keras.Input((120, 160, 3), name="left")
    right = keras.Input((120, 160, 3), name="right")
    shared = eye((120, 160, 3))
    h = L.Concatenate(axis=axis)([shared(left), shared(right)])
    h = L.Conv2D(128, 3, strides=stride, padding="same", name="distance_conv2d")(h)
    h = L.Conv2D(32, 3, padding="same", name="distance_conv2d_2")(relu(h))
    h = L.Conv2D(1, 1, name="distance_conv2d_3")(relu(h))
    model = keras.Model([left, right], L.ReLU(name="distance")(h))
    network = Network(model, 1, {"distance": Head("MeanSquaredError")})
    # Without these the last relu starts dead, or is dead after the first step.
    network.ranges["distance_conv2d_3.bias"] = (0.4, 0.5)
    network.rate = 1e-4
    # Sums over 19,200 pixels that cancel: in f32 Keras's own gradients are off by that much from those in f64.
    network.slip = 1e-4
    return network


def stereo_width():
    """As declared on the front page: no window sees both images."""
    return stereo(axis=2, stride=(1, 2))


def stereo_channels():
    return stereo(axis=3, stride=1)


def price():
    picture = keras.Input((8, 8, 1), name="picture")
    metadata = keras.Input((12,), name="metadata")
    h = relu(L.Conv2D(16, 3, name="seen_conv2d")(picture))
    seen = L.Flatten()(relu(L.Conv2D(32, 3, name="seen_conv2d_2")(h)))
    known = relu(L.Dense(16, name="known_dense")(metadata))
    h = relu(L.Dense(32, name="price_dense")(L.Concatenate()([seen, known])))
    model = keras.Model([picture, metadata], L.Dense(1, name="price_dense_2")(h))
    return Network(model, 5, {"price": Head("MeanSquaredError")})


def normalized():
    x = keras.Input((7,), name="x")
    h = L.Dense(9, use_bias=False, name="y_dense")(x)
    h = relu(L.BatchNormalization(name="y_batch_norm")(h))
    model = keras.Model(x, L.Dense(3, name="y_dense_2")(h))
    network = Network(model, 6, {"y": Head("MeanSquaredError")})
    for kind in ["gamma", "moving_variance"]:
        network.ranges[f"y_batch_norm.{kind}"] = (0.5, 1.5)
    return network


def frozen():
    """Frozen before and behind what is trained: a BatchNormalization that is frozen computes as in inference."""
    x = keras.Input((7,), name="x")
    h = L.Dense(9, use_bias=False, trainable=False, name="y_dense")(x)
    h = relu(L.BatchNormalization(trainable=False, name="y_batch_norm")(h))
    h = L.Dense(5, name="y_dense_2")(h)
    h = L.BatchNormalization(trainable=False, name="y_batch_norm_2")(h)
    h = L.BatchNormalization(name="y_batch_norm_3")(keras.ops.tanh(h))
    model = keras.Model(x, L.Dense(3, name="y_dense_3")(h))
    network = Network(model, 6, {"y": Head("MeanSquaredError")})
    for layer in ["y_batch_norm", "y_batch_norm_2", "y_batch_norm_3"]:
        for kind in ["gamma", "moving_variance"]:
            network.ranges[f"{layer}.{kind}"] = (0.5, 1.5)
    return network


def words():
    """Words of a few kinds among many, so that most rows of the table have no gradient; Adam moves them all the same."""
    text = keras.Input((6,), dtype="int32", name="text")
    known = keras.Input((4,), name="known")
    h = L.Embedding(30, 5, name="read_embedding")(text)
    h = L.LSTM(7, return_sequences=True, name="read_lstm")(h)
    read = L.LSTM(3, name="read_lstm_2")(h)
    h = L.Concatenate()([read, known])
    model = keras.Model([text, known], L.Dense(1, name="score_dense")(h))
    network = Network(model, 5, {"score": Head("MeanSquaredError")})
    network.classes["text"] = 12
    return network


class Head:
    def __init__(self, loss, weight=1.0):
        self.loss = loss
        self.weight = weight

    def target(self, key, shape):
        if self.loss == "CategoricalCrossentropy":
            return Given.one_hot(key, shape)
        if self.loss == "SparseCategoricalCrossentropy":
            return Given.classes(key, shape[:-1], shape[-1])
        return Given.uniform(key, shape, 0.0, 1.0)


class Network:
    """A model, the size of its batch, and its heads in the order of its outputs."""

    def __init__(self, model, batch, heads):
        self.model = model
        self.batch = batch
        self.heads = heads
        self.ranges = {}
        self.classes = {}
        self.rate = 1e-3
        self.slip = 1e-5

    def inputs(self, key, samples=None):
        return {
            x.name: self.input(
                f"{key}.{x.name}", x.name, (samples or self.batch, *x.shape[1:])
            )
            for x in self.model.inputs
        }

    def input(self, key, name, shape):
        if name in self.classes:
            return Given.classes(key, shape, self.classes[name])
        return Given.uniform(key, shape, 0.0, 1.0)

    def targets(self, key, samples=None):
        return {
            name: head.target(
                f"{key}.{name}.target", (samples or self.batch, *output.shape[1:])
            )
            for (name, head), output in zip(self.heads.items(), self.model.outputs)
        }


def summary(model):
    rows = []
    for layer in model.layers:
        rows.append(
            {
                "name": layer.name,
                "shape": list(layer.output.shape[1:]),
                "parameters": layer.count_params(),
            }
        )
    return {
        "memory": memory.readable_memory_size(memory.weight_memory_size(model.weights)),
        "parameters": model.count_params(),
        "trainable": sum(int(np.prod(w.shape)) for w in model.trainable_weights),
        "layers": [row for row in rows if row["parameters"]],
    }


def case(key, network):
    model, heads = network.model, network.heads
    weights = give_weights(model, key, network.ranges)
    inputs, targets = network.inputs(key), network.targets(key)
    losses = [getattr(keras.losses, head.loss)() for head in heads.values()]
    every = named_weights(model)
    variables = {n: v for n, v in every.items() if v.trainable}
    optimizer = keras.optimizers.Adam(network.rate)
    optimizer.build(list(variables.values()))
    x = [tf.constant(given.array) for given in inputs.values()]
    y = [tf.constant(given.array) for given in targets.values()]

    @tf.function
    def gradients(x, y):
        with tf.GradientTape() as tape:
            tape.watch(floats(x))
            outputs = model(x if len(x) > 1 else x[0], training=True)
            outputs = outputs if isinstance(outputs, list) else [outputs]
            each = [loss(t, o) for loss, t, o in zip(losses, y, outputs)]
            value = sum(head.weight * v for head, v in zip(heads.values(), each))
        sources = [*floats(x), *(v.value for v in variables.values())]
        found = tape.gradient(value, sources)
        # The gradient of an embedding is a list of rows; Keras's Adam takes it as the table that it stands for.
        return outputs, each, value, [tf.convert_to_tensor(g) for g in found]

    differentiable = [n for n, t in zip(inputs, x) if t.dtype.is_floating]
    totals, trace = [], []
    for step in range(STEPS):
        outputs, each, value, found = gradients(x, y)
        totals.append(number(value))
        of_inputs, of_weights = (
            found[: len(differentiable)],
            found[len(differentiable) :],
        )
        trace.append([g.numpy() for g in of_weights])
        if step == 0:
            first = {
                "outputs": {n: answer(o) for n, o in zip(heads, outputs)},
                "losses": {n: number(v) for n, v in zip(heads, each)},
                "total": number(value),
                "gradients": {n: answer(g) for n, g in zip(variables, trace[0])},
                "input_gradients": {
                    n: answer(g) for n, g in zip(differentiable, of_inputs)
                },
            }
        optimizer.apply(of_weights, list(variables.values()))

    return {
        "summary": summary(model),
        "loss_weights": {name: head.weight for name, head in heads.items()},
        "given": {
            "inputs": recipes(inputs),
            "targets": recipes(targets),
            "weights": recipes(weights),
        },
        **first,
        "adam": {
            "learning_rate": network.rate,
            "totals": totals,
            "weights": {
                name: trained(variable.numpy(), [step[i] for step in trace], network)
                for i, (name, variable) in enumerate(variables.items())
            }
            | {
                name: answer(variable.numpy())
                for name, variable in every.items()
                if name not in variables
            },
        },
    }


def floats(tensors):
    """Those that have a gradient."""
    return [t for t in tensors if t.dtype.is_floating]


def trained(weight, gradients, network):
    """A weight after the steps, its norm, and some entries, each with its slack.

    Adam divides a gradient by its own size, so a rounding error in a tiny one becomes a large part of the learning
    rate. An entry's slack is how far it moves when its gradients are off by `slip` of the tensor's largest; a gradient
    of exactly zero (a dead unit) is zero for everybody and stays so.
    """
    flat = weight.reshape(-1)
    plain = [g.reshape(-1).astype(np.float64) for g in gradients]
    path = adam(plain, network.rate)
    slack = np.zeros(flat.size)
    for signs in [[1] * STEPS, [-1] * STEPS, [1, -1, 1, -1, 1], [-1, 1, -1, 1, -1]]:
        slipped = [
            g + (g != 0) * sign * network.slip * np.abs(g).max()
            for g, sign in zip(plain, signs)
        ]
        slack = np.maximum(slack, np.abs(adam(slipped, network.rate) - path))
    return {
        "shape": list(weight.shape),
        "norm": total(np.linalg.norm(flat.astype(np.float64))),
        "norm_slack": total(np.linalg.norm(slack)),
        "entries": [[i, number(flat[i])] for i in spread(flat.size)],
        "slack": [float(f"{slack[i]:.3g}") for i in spread(flat.size)],
    }


def adam(gradients, base_rate):
    """How far Keras's Adam moves weights, in f64."""
    moved = m = v = np.zeros_like(gradients[0])
    for step, g in enumerate(gradients, 1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        rate = base_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        moved = moved - rate * m / (np.sqrt(v) + 1e-7)
    return moved


NETWORKS = [
    functional,
    digits,
    detector,
    stereo_width,
    stereo_channels,
    price,
    normalized,
    frozen,
    words,
]
THEMES = {
    f"network_{n.__name__}": lambda n=n: {n.__name__: case(n.__name__, n())}
    for n in NETWORKS
}
