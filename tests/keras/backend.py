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
        weight.assign(given[name].array.reshape(weight.shape))
    return given


def named_weights(model):
    """`<layer>.<kind>` to variable; a layer used twice, or inside a shared chain, appears once."""
    weights = {}
    for layer in model.layers:
        while isinstance(layer, keras.layers.TimeDistributed):
            layer = layer.layer
        if isinstance(layer, keras.Model):
            weights.update(named_weights(layer))
        elif isinstance(layer, keras.layers.Bidirectional):
            # Both halves have names that end alike.
            for half in [layer.forward_layer, layer.backward_layer]:
                direction = "forward" if half is layer.forward_layer else "backward"
                cell = type(half).__name__
                cell = "simple_rnn" if cell == "SimpleRNN" else cell.lower()
                for weight in half.weights:
                    weights[f"{layer.name}_{direction}_{cell}.{weight.name}"] = weight
        else:
            for weight in layer.weights:
                weights[f"{layer.name}.{kind(layer, weight)}"] = weight
    return weights


def kind(layer, weight):
    """What we call a weight within its layer: the parts of an attention layer all have a kernel and a bias."""
    attention = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)
    if not isinstance(layer, attention):
        return weight.name
    part = weight.path.split("/")[-2].removeprefix("attention_")
    return f"{part}_{weight.name}"


def output_and_gradients(model, inputs, upstream, training=False, sources=None):
    """The output, and the gradient of sum(output * upstream) for every input and every weight, or those that are named."""
    outputs, gradients = run(model, inputs, {0: upstream}, training, sources)
    return outputs[0], gradients


def several_outputs_and_gradients(model, inputs, places, upstreams):
    """All outputs, and the gradient of the sum of output * upstream, over the outputs at the `places` of the upstreams."""
    by_place = {places[name]: given.array for name, given in upstreams.items()}
    return run(model, inputs, by_place)


def run(model, inputs, upstreams, training=False, sources=None):
    """Runs a model in a graph; `upstreams` are gradients by the number of the output."""
    weights = named_weights(model)

    @tf.function
    def graph(tensors, gradients):
        with tf.GradientTape() as tape:
            tape.watch([t for t in tensors if t.dtype.is_floating])
            outputs = model(
                tensors if len(tensors) > 1 else tensors[0], training=training
            )
            outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        every = dict(zip(inputs, tensors)) | {n: w.value for n, w in weights.items()}
        wanted = every if sources is None else {n: every[n] for n in sources}
        return outputs, tape.gradient(
            [outputs[place] for place in upstreams],
            wanted,
            output_gradients=gradients,
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )

    tensors = [tf.constant(given.array) for given in inputs.values()]
    gradients = [tf.constant(gradient) for gradient in upstreams.values()]
    outputs, gradients = graph(tensors, gradients)
    # The gradient of an embedding is a list of rows, of which one may come more than once.
    gradients = {n: tf.convert_to_tensor(g) for n, g in gradients.items()}
    return [y.numpy() for y in outputs], {n: g.numpy() for n, g in gradients.items()}
