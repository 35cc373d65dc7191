"""Regularizers of weights and activities, and constraints: the gradients of the total loss, what `fit` writes into its history
over two epochs with a partial last batch, and the weights it leaves. Nothing is shuffled.
"""

import tensorflow as tf

from backend import give_weights, keras, named_weights
from tensors import Given, answer, number, recipes

layers = keras.layers
constraints = keras.constraints
from_keras = keras.regularizers

SAMPLES, BATCH, VALIDATION, EPOCHS = 10, 4, 3, 2


def case(name, inputs, make, optimizer=None, weighted=False, classes=None):
    """`inputs`: the shape of each; `make`: the results by their names, of the inputs, each with a mean squared error. `classes`: how many
    class numbers an input has that is made of these."""
    key = f"terms/{name}"

    def build():
        kinds = {n: "int32" if classes else "float32" for n in inputs}
        tensors = {
            n: keras.Input(shape, name=n, dtype=kinds[n]) for n, shape in inputs.items()
        }
        results = make(**tensors)
        model = keras.Model(list(tensors.values()), list(results.values()))
        # A variance is positive.
        moving = {n: (0.5, 1.5) for n in named_weights(model) if n.endswith("variance")}
        return model, results, give_weights(model, key, moving)

    def samples(part, results, count):
        given = {
            n: (
                Given.classes(f"{key}.{part}.{n}", (count, *shape), classes)
                if classes
                else Given.uniform(f"{key}.{part}.{n}", (count, *shape))
            )
            for n, shape in inputs.items()
        }
        targets = {
            n: Given.uniform(f"{key}.{part}.{n}", (count, *y.shape[1:]))
            for n, y in results.items()
        }
        weights = (
            {
                n: Given.uniform(f"{key}.{part}.{n}.weight", (count,), 0.0, 2.0)
                for n in results
            }
            if weighted
            else {}
        )
        return given, targets, weights

    model, results, start = build()
    gradients, total = of_total(model, *samples("training", results, SAMPLES))

    def run(eagerly):
        model, results, _ = build()
        model.compile(
            optimizer=(optimizer or (lambda: keras.optimizers.SGD(0.1)))(),
            loss=[keras.losses.MeanSquaredError() for _ in results],
            loss_weights=[1.0 + 0.5 * i for i in range(len(results))],
            run_eagerly=eagerly,
        )
        parts = {
            part: samples(part, results, count)
            for part, count in [("training", SAMPLES), ("validation", VALIDATION)]
        }

        def arrays(part):
            lists = [[t.array for t in of.values()] for of in parts[part] if of]
            return [values if len(values) > 1 else values[0] for values in lists]

        x, y, *weights = arrays("training")
        history = model.fit(
            x,
            y,
            sample_weight=weights[0] if weights else None,
            batch_size=BATCH,
            epochs=EPOCHS,
            shuffle=False,
            verbose=0,
            validation_data=tuple(arrays("validation")),
        ).history
        evaluated = model.evaluate(
            x,
            y,
            sample_weight=weights[0] if weights else None,
            batch_size=BATCH,
            verbose=0,
            return_dict=True,
        )
        return {
            "given": {
                "weights": recipes(start),
                **{
                    part: {
                        "inputs": recipes(given),
                        "targets": recipes(targets),
                        **({"sample_weights": recipes(weights)} if weights else {}),
                    }
                    for part, (given, targets, weights) in parts.items()
                },
            },
            "total": number(total),
            "gradients": {n: answer(g) for n, g in gradients.items()},
            "history": [[ours(n), [number(v) for v in h]] for n, h in history.items()],
            "evaluated": [[ours(n), number(v)] for n, v in evaluated.items()],
            "weights": {n: answer(w.numpy()) for n, w in named_weights(model).items()},
        }

    result = run(eagerly=False)
    if len(results) > 1:
        # As in `fit.py`: in a graph the losses of heads are not averaged over samples.
        eager = run(eagerly=True)
        result["history_by_samples"] = eager["history"]
        result["evaluated_by_samples"] = eager["evaluated"]
    return name, result


def ours(name):
    """Keras calls the loss of a head after the layer that it comes from."""
    return name.replace("_dense_loss", "_loss")


def of_total(model, given, targets, weights):
    """The gradients by all weights of the total loss of one batch, in training, and that loss."""
    trained = {n: w for n, w in named_weights(model).items() if w.trainable}

    @tf.function
    def graph(tensors, targets, weights):
        with tf.GradientTape() as tape:
            found = model(tensors if len(tensors) > 1 else tensors[0], training=True)
            found = found if isinstance(found, (list, tuple)) else [found]
            total = 0.0
            for i, (y, target) in enumerate(zip(found, targets)):
                loss = keras.losses.MeanSquaredError()(
                    target, y, sample_weight=weights[i] if weights else None
                )
                total += (1.0 + 0.5 * i) * loss
            total += sum(model.losses)
        by = {n: w.value for n, w in trained.items()}
        return tape.gradient(total, by), total

    constant = lambda of: [tf.constant(t.array) for t in of.values()]
    gradients, total = graph(constant(given), constant(targets), constant(weights))
    return {
        n: tf.convert_to_tensor(g).numpy() for n, g in gradients.items()
    }, total.numpy()


def dense(x):
    hidden = layers.Dense(
        4,
        kernel_regularizer=from_keras.L1L2(0.01, 0.02),
        bias_regularizer=from_keras.L1(0.03),
        kernel_constraint=constraints.MaxNorm(0.8),
        bias_constraint=constraints.NonNeg(),
        name="y_dense",
    )(x)
    hidden = layers.Activation("relu", activity_regularizer=from_keras.L2(0.05))(hidden)
    return {
        "y": layers.Dense(
            3,
            kernel_regularizer=from_keras.OrthogonalRegularizer(0.1),
            activity_regularizer="l1",
            kernel_constraint=constraints.MinMaxNorm(0.4, 0.9, rate=0.5, axis=1),
            name="y_dense_2",
        )(hidden)
    }


def image(x):
    x = layers.Conv2D(
        3,
        3,
        kernel_regularizer="l2",
        kernel_constraint=constraints.MaxNorm(0.7, axis=[0, 1, 2]),
        activity_regularizer=from_keras.L1(0.001),
        name="y_conv2d",
    )(x)
    x = layers.DepthwiseConv2D(
        2,
        depthwise_regularizer="l1",
        depthwise_constraint=constraints.UnitNorm(axis=[0, 1]),
        name="y_depthwise_conv2d",
    )(x)
    x = layers.SeparableConv2D(
        2,
        2,
        depthwise_regularizer=from_keras.L2(0.1),
        pointwise_regularizer=from_keras.L1L2(0.01, 0.02),
        depthwise_constraint="non_neg",
        pointwise_constraint="max_norm",
        name="y_separable_conv2d",
    )(x)
    x = layers.Flatten(activity_regularizer="l2")(x)
    orthogonal = from_keras.OrthogonalRegularizer(factor=0.2, mode="columns")
    return {"y": layers.Dense(5, kernel_regularizer=orthogonal, name="y_dense")(x)}


def text(x):
    x = layers.Embedding(
        7,
        4,
        embeddings_regularizer="l2",
        embeddings_constraint=constraints.MaxNorm(0.9, axis=1),
        name="y_embedding",
    )(x)
    x = layers.LSTM(
        3,
        return_sequences=True,
        kernel_regularizer="l1",
        recurrent_regularizer=from_keras.OrthogonalRegularizer(0.3),
        bias_regularizer="l2",
        recurrent_constraint=constraints.UnitNorm(),
        activity_regularizer="l2",
        name="y_lstm",
    )(x)
    x = layers.BatchNormalization(
        gamma_regularizer=from_keras.L2(0.1),
        beta_regularizer="l1",
        gamma_constraint=constraints.MaxNorm(1.5),
        beta_constraint="non_neg",
        name="y_batch_norm",
    )(x)
    x = layers.PReLU(
        alpha_regularizer="l2", alpha_constraint="non_neg", name="y_p_relu"
    )(x)
    return {"y": layers.Dense(2, name="y_dense")(x)}


def shared(a, b):
    eye = layers.Dense(
        3,
        kernel_regularizer=from_keras.L2(0.1),
        activity_regularizer=from_keras.L2(0.2),
        name="eye",
    )
    both = layers.Add()([eye(a), eye(b)])
    both = layers.ActivityRegularization(l1=0.01, l2=0.02)(both)
    seen = layers.ActivityRegularization(l2=0.5)(a)
    return {
        "y": layers.Dense(2, bias_regularizer="l1", name="y_dense")(both),
        "z": layers.Dense(1, kernel_constraint="unit_norm", name="z_dense")(seen),
    }


def heads(x):
    x = layers.MultiHeadAttention(
        2,
        3,
        kernel_regularizer="l2",
        bias_regularizer=from_keras.L1(0.02),
        kernel_constraint=constraints.MaxNorm(0.5),
        name="y_multi_head_attention",
    )(x, x)
    return {"y": x}


def terms():
    def adam():
        return keras.optimizers.Adam(0.05, weight_decay=0.1, global_clipnorm=0.3)

    def averaged():
        return keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)

    return dict(
        [
            case("dense", {"x": (5,)}, dense),
            case("dense_averaged", {"x": (5,)}, dense, averaged),
            case("image", {"x": (6, 5, 2)}, image),
            case("text", {"x": (6,)}, text, adam, classes=7),
            case("shared", {"a": (4,), "b": (4,)}, shared, weighted=True),
            case("heads", {"x": (3, 4)}, heads),
        ]
    )


THEMES = {"terms": terms}
