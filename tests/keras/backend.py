"""Keras on TensorFlow, on the CPU, and how a model is run here: in a graph, as `fit` runs it."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from tensors import Given  # noqa: E402

VERSIONS = {"keras": keras.__version__, "tensorflow": tf.__version__}


def give_weights(model, key, ranges=()):
    """Sets every weight by formula under `<key>.<layer>.<kind>`; `ranges` has those that want one of their own."""
    given = {}
    for name, weight in named_weights(model).items():
        shape, full = tuple(weight.shape), f"{key}.{name}"
        if name in ranges:
            given[name] = Given.uniform(full, shape, *ranges[name])
        else:
            given[name] = Given.weight(full, shape)
        weight.assign(given[name].array)
    return given


def named_weights(model):
    """`<layer>.<kind>` to variable; a layer used twice, or inside a shared chain, appears once."""
    weights = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            weights.update(named_weights(layer))
        else:
            for weight in layer.weights:
                weights[f"{layer.name}.{weight.name}"] = weight
    return weights


def output_and_gradients(model, inputs, upstream, training=False):
    """The output, and the gradient of sum(output * upstream) for every input and every weight."""
    weights = named_weights(model)

    @tf.function
    def run(tensors, gradient):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            output = model(
                tensors if len(tensors) > 1 else tensors[0], training=training
            )
        sources = [*tensors, *(w.value for w in weights.values())]
        return output, tape.gradient(
            output,
            sources,
            output_gradients=gradient,
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )

    tensors = [tf.constant(given.array) for given in inputs.values()]
    output, gradients = run(tensors, tf.constant(upstream))
    names = [*inputs, *weights]
    return output.numpy(), {
        name: g.numpy() for name, g in zip(names, gradients, strict=True)
    }
