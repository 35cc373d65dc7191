"""Every loss, its value and its gradient, as `fit` computes them: through the compiled model, in a graph.

There Keras looks behind an output: a softmax or a sigmoid hands it the logits, and the cross-entropy is taken from
them. Any other output is taken as probabilities, which are normalised (categorical only) and clipped.
"""

import numpy as np

from backend import keras, tf
from tensors import Given, answer, number, recipes


def case(name, loss, config, head, x, target, weight=None):
    """Value, and gradient with respect to what goes into `head`."""
    inputs = keras.Input(x.array.shape[1:])
    # CTC takes logits, and does not look whether they come from a softmax.
    before = "linear" if loss == "CTC" else head
    output = keras.layers.Activation(before, name="output")(inputs)
    model = keras.Model(inputs, output)
    model.compile(loss=getattr(keras.losses, loss)(**config))

    @tf.function
    def run(x, target, weight):
        with tf.GradientTape() as tape:
            tape.watch(x)
            predicted = model(x, training=True)
            value = model.compute_loss(
                x=x, y=target, y_pred=predicted, sample_weight=weight
            )
        if before != head:
            predicted = tf.nn.softmax(predicted)
        return predicted, value, tape.gradient(value, x)

    predicted, value, gradient = run(
        tf.constant(x.array),
        tf.constant(target.array),
        None if weight is None else tf.constant(weight.array),
    )
    given = {"x": x, "target": target}
    if weight is not None:
        given["sample_weight"] = weight
    return name, {
        "loss": loss,
        "config": config,
        "head": head,
        "given": recipes(given),
        "output": answer(predicted),
        "value": number(value),
        "gradients": {"x": answer(gradient)},
    }


def sample_weight(key, samples, rank):
    """One weight a sample, a zero among them; of shape [n, 1, ...] where Keras broadcasts it over pixels."""
    return Given.uniform(
        f"losses/{key}.sample_weight",
        (samples, *([1] * (rank - 1))),
        0.25,
        2.0,
        fix=[(1, 0.0)],
    )


def losses():
    cases = []

    def add(name, loss, head, shape, make_target, low=-3.0, high=3.0, **config):
        """The same case without and with sample weights, in batches of four."""
        x = Given.uniform(f"losses/{name}.x", (4, *shape), low, high)
        target = make_target(f"losses/{name}.target", (4, *shape))
        cases.append(case(name, loss, config, head, x, target))
        weight = sample_weight(name, 4, len(shape))
        weighted = f"{name}_weighted"
        cases.append(case(weighted, loss, config, head, x, target, weight))

    def class_numbers(key, shape):
        return Given.classes(key, shape[:-1], shape[-1])

    def zeros_and_ones(key, shape):
        numbers = Given.classes(key, shape, 2)
        return Given(numbers.array.astype(np.float32), numbers.recipe)

    def soft(key, shape):
        return Given.uniform(key, shape, 0.0, 1.0)

    categorical, sparse, binary = (
        "CategoricalCrossentropy",
        "SparseCategoricalCrossentropy",
        "BinaryCrossentropy",
    )
    for name, loss, target in [
        ("categorical", categorical, Given.one_hot),
        ("sparse", sparse, class_numbers),
    ]:
        add(f"{name}_softmax", loss, "softmax", (5,), target)
        add(f"{name}_softmax_pixels", loss, "softmax", (2, 3, 4), target)
        add(f"{name}_raw", loss, "linear", (5,), target, low=0.05, high=0.9)
    smooth = {"label_smoothing": 0.1}
    add(
        "categorical_softmax_smooth",
        categorical,
        "softmax",
        (5,),
        Given.one_hot,
        **smooth,
    )
    add(
        "categorical_raw_smooth",
        categorical,
        "linear",
        (5,),
        Given.one_hot,
        low=0.05,
        high=0.9,
        **smooth,
    )
    add("categorical_softmax_soft", categorical, "softmax", (5,), soft)

    add("binary_sigmoid", binary, "sigmoid", (3,), zeros_and_ones)
    add("binary_sigmoid_one", binary, "sigmoid", (1,), zeros_and_ones)
    add("binary_sigmoid_pixels", binary, "sigmoid", (2, 3, 1), zeros_and_ones)
    add("binary_sigmoid_smooth", binary, "sigmoid", (3,), zeros_and_ones, **smooth)
    add("binary_sigmoid_soft", binary, "sigmoid", (3,), soft)
    add("binary_raw", binary, "linear", (3,), zeros_and_ones, low=0.05, high=0.95)
    add(
        "binary_raw_smooth",
        binary,
        "linear",
        (3,),
        zeros_and_ones,
        low=0.05,
        high=0.95,
        **smooth,
    )

    for name, loss, config in [
        ("mean_squared", "MeanSquaredError", {}),
        ("mean_absolute", "MeanAbsoluteError", {}),
        ("huber", "Huber", {}),
        ("huber_half", "Huber", {"delta": 0.5}),
    ]:
        add(name, loss, "linear", (3,), Given.uniform, low=-2.0, high=2.0, **config)
        add(f"{name}_pixels", loss, "linear", (2, 3, 2), Given.uniform, **config)
        add(f"{name}_sigmoid", loss, "sigmoid", (3,), Given.uniform, **config)
    def count(key, shape):
        return Given.uniform(key, shape, 0.0, 3.0)

    add("kl_divergence", "KLDivergence", "softmax", (2, 3, 4), soft)
    add("cosine_similarity", "CosineSimilarity", "linear", (2, 3, 4), Given.uniform)
    add("poisson", "Poisson", "linear", (3,), count, low=0.1)
    add("hinge", "Hinge", "linear", (3,), zeros_and_ones, low=-2.0, high=2.0)
    add("squared_hinge", "SquaredHinge", "linear", (3,), zeros_and_ones, low=-2.0)
    add("categorical_hinge", "CategoricalHinge", "linear", (2, 3, 4), Given.one_hot)
    add("log_cosh", "LogCosh", "linear", (2, 3, 2), Given.uniform)
    for name, loss in [
        ("mean_squared_logarithmic", "MeanSquaredLogarithmicError"),
        ("mean_absolute_percentage", "MeanAbsolutePercentageError"),
    ]:
        add(name, loss, "linear", (3,), count, low=-0.5)
    focal = "BinaryFocalCrossentropy"
    balanced = {
        "apply_class_balancing": True,
        "alpha": 0.3,
        "gamma": 1.5,
        "label_smoothing": 0.1,
    }
    add("binary_focal", focal, "sigmoid", (2, 3, 1), zeros_and_ones)
    add("binary_focal_balanced", focal, "sigmoid", (3,), zeros_and_ones, **balanced)
    add("binary_focal_raw", focal, "linear", (3,), zeros_and_ones, 0.05, 0.95)
    focal = "CategoricalFocalCrossentropy"
    smooth = {"alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.1}
    add("categorical_focal", focal, "softmax", (2, 3, 4), Given.one_hot)
    add("categorical_focal_raw", focal, "linear", (5,), Given.one_hot, 0.05, **smooth)
    general = "CategoricalGeneralizedCrossEntropy"
    add("generalized", general, "softmax", (5,), class_numbers, q=0.7)
    add("dice_batch", "Dice", "sigmoid", (6,), zeros_and_ones)
    weights = {"alpha": 0.25, "beta": 0.75}
    add("tversky_batch", "Tversky", "sigmoid", (2, 3, 2), zeros_and_ones, **weights)
    # Of each sample.
    add("dice", "Dice", "sigmoid", (6,), zeros_and_ones, axis=(1,))
    add("tversky", "Tversky", "sigmoid", (6,), zeros_and_ones, axis=(1,), **weights)
    for name, head, low, high in [("softmax", "softmax", -3.0, 3.0), ("raw", "linear", 0.05, 0.9)]:
        name = f"sparse_{name}_ignore"
        add(name, sparse, head, (2, 3, 4), class_numbers, low, high, ignore_class=1)

    def labels(key, shape):
        """Of one, two and three labels, with equal neighbours, and none."""
        return Given.class_numbers((4, 3), [2, 0, 0, 1, 4, 0, 3, 3, 1, 0, 0, 0])

    add("ctc", "CTC", "softmax", (6, 5), labels)
    # In four steps are no three equal labels, nor five.
    x = Given.uniform("losses/ctc_impossible.x", (2, 4, 5), -3.0, 3.0)
    many = Given.class_numbers((2, 4), [1, 1, 1, 0, 1, 2, 2, 1])
    cases.append(case("ctc_impossible", "CTC", {}, "softmax", x, many))
    return dict(cases + extremes())


def extremes():
    """Logits far out, probabilities beyond the clipping, and the kinks of the distances."""
    far = Given.values((3, 4), [0, 100, -100, 30, -90, -90, -90, -91, 200, 0, 0, -200])
    hot = Given.values((3, 4), [1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0])
    numbers = Given.class_numbers((3,), [0, 3, 0])
    edge = Given.values((3, 4), [0, 1, 0, 0, 1e-8, 0.5, 0.5, 0, 0.2, 0.2, 0.2, 0.2])
    lone = Given.values((2, 6), [0, 100, -100, 30, -30, 5, 0, 1, 1e-8, 0.5, 1.5, -0.5])
    same = Given.values((2, 6), [1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0])
    error = Given.values((1, 6), [0.0, 1.0, -1.0, 0.5, -0.5, 2.0])
    zero = Given.values((1, 6), [0.0] * 6)
    categorical, sparse = "CategoricalCrossentropy", "SparseCategoricalCrossentropy"
    return [
        case("categorical_softmax_far", categorical, {}, "softmax", far, hot),
        case("sparse_softmax_far", sparse, {}, "softmax", far, numbers),
        case("categorical_raw_edges", categorical, {}, "linear", edge, hot),
        case("sparse_raw_edges", sparse, {}, "linear", edge, numbers),
        case("binary_sigmoid_far", "BinaryCrossentropy", {}, "sigmoid", lone, same),
        case("binary_raw_edges", "BinaryCrossentropy", {}, "linear", lone, same),
        case("mean_absolute_edges", "MeanAbsoluteError", {}, "linear", error, zero),
        case("huber_edges", "Huber", {}, "linear", error, zero),
        case("huber_half_edges", "Huber", {"delta": 0.5}, "linear", error, zero),
        *more_extremes(far, hot, edge, lone, same, error),
    ]


def more_extremes(far, hot, edge, lone, same, error):
    """The same of the others; targets that are ignored; areas of images."""
    sides = Given.values((1, 6), [1, 1, -1, 1, -1, -1])
    large = Given.values((1, 6), [1e4, -1e4, 0, 1e-4, 88, -0.5])
    small = Given.values((1, 6), [0.0, -1.0, 1e-9, 1e-7, 1.0, 3.0])
    counts = Given.values((1, 6), [0.0, 0.0, 1.0, 0.0, -2.0, 1e-9])
    equal = Given.values((3, 4), [2, 1, 1, 1, 0, 0, 0, 0, -5, 1, 1, -5])
    unknown = Given.class_numbers((3, 2), [0, 255, 3, 2, 255, 255])
    none = Given.class_numbers((3, 2), [255] * 6)
    pair = Given.uniform("losses/sparse_ignore_255.x", (3, 2, 4), -3.0, 3.0)
    area = Given.uniform("losses/dice_image.x", (2, 2, 3, 2), -3.0, 3.0)
    covered = Given.classes("losses/dice_image.target", (2, 2, 3, 2), 2)
    covered = Given(covered.array.astype(np.float32), covered.recipe)
    nothing = Given.values((2, 6), [0.0] * 12)
    sparse, axes = "SparseCategoricalCrossentropy", {"axis": (1, 2, 3)}
    focal, several = "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy"
    return [
        case("kl_divergence_edges", "KLDivergence", {}, "linear", edge, hot),
        case("poisson_edges", "Poisson", {}, "linear", Given.values((1, 3), [0, 1, 1e-8]), Given.values((1, 3), [0, 2, 1])),
        case("hinge_edges", "Hinge", {}, "linear", error, sides),
        case("squared_hinge_edges", "SquaredHinge", {}, "linear", error, sides),
        case("categorical_hinge_edges", "CategoricalHinge", {}, "linear", equal, hot),
        case("log_cosh_edges", "LogCosh", {}, "linear", large, sides),
        case("mean_squared_logarithmic_edges", "MeanSquaredLogarithmicError", {}, "linear", small, counts),
        case("mean_absolute_percentage_edges", "MeanAbsolutePercentageError", {}, "linear", error, counts),
        case("binary_focal_far", focal, {}, "sigmoid", lone, same),
        case("binary_focal_raw_edges", focal, {}, "linear", lone, same),
        case("categorical_focal_far", several, {}, "softmax", far, hot),
        case("categorical_focal_raw_edges", several, {}, "linear", edge, hot),
        case("dice_image", "Dice", axes, "sigmoid", area, covered),
        case("dice_of_nothing", "Dice", {"axis": (1,)}, "linear", nothing, nothing),
        case("sparse_ignore_255", sparse, {"ignore_class": 255}, "softmax", pair, unknown),
        case("sparse_ignore_all", sparse, {"ignore_class": 255}, "softmax", pair, none),
    ]


THEMES = {"losses": losses}
