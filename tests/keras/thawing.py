"""A network whose first layers are trained, frozen, and trained again, as a program does it in Keras: `trainable` is changed and the model
compiled anew, with a fresh optimizer. What `fit` writes into its history each time, with a partial last batch, and all weights after it,
the statistics of BatchNormalization included. Nothing is shuffled. A bias before
BatchNormalization would have no gradient but rounding, which RMSprop makes large: there is none.
"""

from backend import give_weights, keras, named_weights
from tensors import Given, answer, number, recipes

L = keras.layers

SAMPLES, BATCH, EPOCHS = 10, 4, 2
TRUNK = ["y_dense", "y_batch_norm"]


def model():
    x = keras.Input((7,), name="x")
    h = L.Dense(9, use_bias=False, name="y_dense")(x)
    h = keras.activations.relu(L.BatchNormalization(momentum=0.8, name="y_batch_norm")(h))
    h = L.Dense(5, use_bias=False, name="y_dense_2")(h)
    h = L.BatchNormalization(momentum=0.8, name="y_batch_norm_2")(h)
    return keras.Model(x, L.Dense(3, name="y_dense_3")(keras.ops.tanh(h)))


def thawed(optimizer):
    key = "thawing"
    net = model()
    moving = {n: (0.5, 1.5) for n in named_weights(net) if n.endswith("variance")}
    start = give_weights(net, key, moving)
    x = {"x": Given.uniform(f"{key}.x", (SAMPLES, 7))}
    y = {"y": Given.uniform(f"{key}.y", (SAMPLES, 3))}
    runs = []
    for trainable in [True, False, True]:
        for name in TRUNK:
            net.get_layer(name).trainable = trainable
        net.compile(optimizer=optimizer(), loss="mse")
        history = net.fit(
            x["x"].array,
            y["y"].array,
            batch_size=BATCH,
            epochs=EPOCHS,
            shuffle=False,
            verbose=0,
        ).history
        runs.append(
            {
                "frozen": [] if trainable else TRUNK,
                "losses": [number(loss) for loss in history["loss"]],
                "weights": {
                    n: answer(w.numpy()) for n, w in named_weights(net).items()
                },
            }
        )
    return {
        "given": {"weights": recipes(start), "inputs": recipes(x), "targets": recipes(y)},
        "runs": runs,
    }


def cases():
    return {
        "sgd": thawed(lambda: keras.optimizers.SGD(0.1, momentum=0.9)),
        "rms_prop": thawed(lambda: keras.optimizers.RMSprop(0.01)),
    }


THEMES = {"thawing": cases}
