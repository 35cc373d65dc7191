"""Metrics over two unequal batches, through `evaluate`, under the names `evaluate` gives them."""

import numpy as np

from backend import keras
from tensors import Given, number, recipes

SAMPLES, BATCH = 8, 5


def no_loss(_target, predicted):
    """`evaluate` wants a loss; this one fits every target."""
    return keras.ops.zeros(keras.ops.shape(predicted)[:1])


def case(name, metrics, predicted, target, weighs=True):
    """`weighted` are the same metrics as Keras's `weighted_metrics`; plain `metrics` see no sample weights."""
    weight = Given.uniform(f"metrics/{name}.sample_weight", (SAMPLES,), 0.25, 2.0)
    given = {"prediction": predicted, "target": target, "sample_weight": weight}

    def evaluate(**compiled):
        inputs = keras.Input(predicted.array.shape[1:])
        model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
        model.compile(loss=no_loss, **compiled)
        results = model.evaluate(
            predicted.array,
            target.array,
            sample_weight=weight.array,
            batch_size=BATCH,
            verbose=0,
            return_dict=True,
        )
        return {key: number(value) for key, value in results.items() if key != "loss"}

    def fresh():
        return [m if isinstance(m, str) else m() for m in metrics]

    return name, {
        "batch_size": BATCH,
        "given": recipes(given),
        "metrics": evaluate(metrics=fresh()),
        **({"weighted": evaluate(weighted_metrics=fresh())} if weighs else {}),
    }


def metrics():
    cases = []

    def add(name, metrics, shape, make_target, predicted=None, weighs=True):
        predicted = predicted or Given.uniform(
            f"metrics/{name}.prediction", (SAMPLES, *shape), 0.0, 1.0
        )
        target = make_target(f"metrics/{name}.target", (SAMPLES, *shape))
        cases.append(case(name, metrics, predicted, target, weighs))

    def class_numbers(key, shape):
        return Given.classes(key, shape[:-1], shape[-1])

    def zeros_and_ones(key, shape):
        numbers = Given.classes(key, shape, 2)
        return Given(numbers.array.astype(np.float32), numbers.recipe)

    def top(kind, k):
        return lambda: getattr(keras.metrics, kind)(k=k, name=f"top_{k}")

    accuracy = ["accuracy"]
    add("accuracy_one_hot", accuracy, (4,), Given.one_hot)
    add("accuracy_one_hot_pixels", accuracy, (2, 3, 4), Given.one_hot)
    add("accuracy_sparse", accuracy, (4,), class_numbers)
    add("accuracy_sparse_pixels", accuracy, (2, 3, 4), class_numbers)
    add("accuracy_binary", accuracy, (1,), zeros_and_ones)
    add("accuracy_binary_pixels", accuracy, (2, 3, 1), zeros_and_ones)
    # Several sigmoids: their targets look one-hot to Keras, and the largest counts.
    add("accuracy_several_sigmoids", accuracy, (3,), zeros_and_ones)
    # Equal largest values, and 0.5 of a binary head exactly.
    ties = [*([0.4, 0.4, 0.1, 0.1] * 4), *([0.1, 0.2, 0.5, 0.5] * 4)]
    add("accuracy_ties", accuracy, (4,), Given.one_hot, Given.values((8, 4), ties))
    half = Given.values(
        (8, 1), [0.5, 0.5, 0.5, 0.5, 0.50001, 0.50001, 0.49999, 0.49999]
    )
    add("accuracy_binary_half", accuracy, (1,), zeros_and_ones, half)

    hot_top = [top("TopKCategoricalAccuracy", k) for k in (1, 2, 3)]
    sparse_top = [top("SparseTopKCategoricalAccuracy", k) for k in (1, 2, 3)]
    add("top_one_hot", hot_top, (5,), Given.one_hot)
    add("top_one_hot_pixels", hot_top, (2, 3, 5), Given.one_hot)
    add("top_sparse", sparse_top, (5,), class_numbers)
    add("top_sparse_pixels", sparse_top, (2, 3, 5), class_numbers)
    tied = Given.values((8, 5), [0.3, 0.3, 0.3, 0.05, 0.05] * 8)
    add("top_one_hot_ties", hot_top, (5,), Given.one_hot, tied)
    add("top_sparse_ties", sparse_top, (5,), class_numbers, tied)

    distances = [keras.metrics.MeanAbsoluteError, keras.metrics.MeanSquaredError]
    add("distances", distances, (3,), Given.uniform)
    add("distances_one", distances, (1,), Given.uniform)
    add("distances_pixels", distances, (2, 3, 2), Given.uniform)
    def of(kind, **config):
        return lambda: getattr(keras.metrics, kind)(name=kind, **config)

    counts = [
        of("Precision"),
        of("Recall"),
        of("BinaryAccuracy", threshold=0.3),
        of("TruePositives", thresholds=0.3),
        of("FalsePositives"),
        of("FalseNegatives"),
        of("TrueNegatives"),
    ]
    add("counts", counts, (3,), zeros_and_ones)
    curves = [lambda: keras.metrics.AUC(name="roc"), lambda: keras.metrics.AUC(curve="PR", name="pr")]
    add("areas", curves, (3,), zeros_and_ones)
    add("areas_one", curves, (1,), zeros_and_ones)
    few = [lambda: keras.metrics.AUC(num_thresholds=5, name="roc"), lambda: keras.metrics.AUC(num_thresholds=5, curve="PR", name="pr")]
    # Keras has no weights of samples for these shapes.
    add("areas_few", few, (2, 3, 1), zeros_and_ones, weighs=False)
    edges = Given.values((8, 1), [0.0, 1.0, 0.0, 1.0, 0.5, 0.25, 0.75, 0.5])
    add("areas_edges", few, (1,), zeros_and_ones, edges)
    averages = [lambda a=a: keras.metrics.F1Score(average=a, name=a) for a in ("macro", "micro", "weighted")]
    high = [lambda: keras.metrics.F1Score(average="macro", threshold=0.7, name="high")]
    add("scores", [*averages, *high], (4,), Given.one_hot)
    one = [lambda: keras.metrics.F1Score(average="macro", threshold=0.5, name="f1"), of("BinaryIoU")]
    add("scores_one", one, (1,), zeros_and_ones)
    iou = {"num_classes": 4, "sparse_y_pred": False}
    add("iou", [of("OneHotMeanIoU", num_classes=4)], (4,), Given.one_hot, weighs=False)
    add(
        "iou_sparse",
        [of("MeanIoU", **iou), lambda: keras.metrics.MeanIoU(ignore_class=1, name="ignoring", **iou)],
        (2, 3, 4),
        class_numbers,
        weighs=False,
    )
    add(
        "regression",
        [
            of("RootMeanSquaredError"),
            of("R2Score"),
            of("CosineSimilarity"),
            of("MeanAbsolutePercentageError"),
            of("MeanSquaredLogarithmicError"),
            of("LogCoshError"),
            of("Poisson"),
        ],
        (3,),
        lambda key, shape: Given.uniform(key, shape, 0.5, 3.0),
    )
    add(
        "of_losses",
        [
            of("KLDivergence"),
            of("Hinge"),
            of("SquaredHinge"),
            of("CategoricalHinge"),
            of("BinaryCrossentropy"),
            of("CategoricalCrossentropy"),
        ],
        (4,),
        Given.one_hot,
    )
    def best(kind, share, **config):
        return lambda: getattr(keras.metrics, kind)(share, name=f"{kind}_{share}", **config)

    shares = [
        best(kind, share)
        for kind in (
            "PrecisionAtRecall",
            "RecallAtPrecision",
            "SensitivityAtSpecificity",
            "SpecificityAtSensitivity",
        )
        for share in (0.4, 0.75)
    ]
    add("shares", shares, (3,), zeros_and_ones)
    add("shares_edges", [best("PrecisionAtRecall", 0.5, num_thresholds=5)], (1,), zeros_and_ones, edges)
    betas = [
        lambda b=b, a=a, t=t: keras.metrics.FBetaScore(beta=b, average=a, threshold=t, name=f"{b}_{a}")
        for b, a, t in ((2.0, "macro", None), (0.5, "micro", 0.6), (2.0, "weighted", None))
    ]
    add("betas", betas, (4,), Given.one_hot)
    chosen = [of("OneHotIoU", num_classes=4, target_class_ids=[0, 2])]
    add("iou_chosen", chosen, (4,), Given.one_hot, weighs=False)
    add(
        "iou_chosen_sparse",
        [lambda: keras.metrics.IoU(target_class_ids=[3], ignore_class=1, name="IoU", **iou)],
        (2, 3, 4),
        class_numbers,
        weighs=False,
    )
    add("iou_yes", [of("BinaryIoU", target_class_ids=[1], threshold=0.3)], (1,), zeros_and_ones)
    together = [of("PearsonCorrelation"), of("ConcordanceCorrelation")]
    add("correlations", together, (5,), Given.uniform)
    add("entropy_sparse", [of("SparseCategoricalCrossentropy")], (4,), class_numbers)
    # The names where nothing is said, and where a text says it.
    add(
        "names",
        [keras.metrics.TopKCategoricalAccuracy, "mae", "mse"],
        (6,),
        Given.one_hot,
    )
    add(
        "names_sparse",
        [keras.metrics.SparseTopKCategoricalAccuracy],
        (6,),
        class_numbers,
    )
    return dict(cases)


THEMES = {"metrics": metrics}
