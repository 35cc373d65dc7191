"""Encodings of positions. keras_hub's layers are not part of Keras: here is what they add, as they compute it, with Keras's
operations, and the gradients are TensorFlow's."""

from attention import answers
from backend import keras

ops = keras.ops


class Sine(keras.layers.Layer):
    """x + keras_hub's `SinePositionEncoding(max_wavelength)(x)`."""

    def __init__(self, max_wavelength=10000, **more):
        super().__init__(**more)
        self.max_wavelength = max_wavelength

    def call(self, x):
        steps, features = x.shape[-2:]
        positions = ops.cast(ops.arange(steps), "float32")
        pairs = ops.cast(2 * (ops.arange(features) // 2), "float32")
        timescales = ops.power(1.0 / self.max_wavelength, pairs / features)
        angles = ops.expand_dims(positions, 1) * ops.expand_dims(timescales, 0)
        cosines = ops.cast(ops.arange(features) % 2, "float32")
        return x + ops.sin(angles) * (1 - cosines) + ops.cos(angles) * cosines


class Learned(keras.layers.Layer):
    """x + keras_hub's `PositionEmbedding(steps)(x)`."""

    def build(self, shape):
        self.embeddings = self.add_weight(name="embeddings", shape=shape[1:])

    def call(self, x):
        return x + self.embeddings


def positions():
    shapes = {"x": (7, 6), "odd": (5, 3)}
    inputs = {n: keras.Input(shape, name=n) for n, shape in shapes.items()}
    results = {
        "sine": Sine()(inputs["x"]),
        "short": Sine(50)(inputs["odd"]),
        "learned": Learned(name="learned")(inputs["x"]),
    }
    layers = {n: {"layer": n} for n in results}
    return dict([answers("positions", "added", shapes, inputs, results, layers)])


THEMES = {"positions": positions}
