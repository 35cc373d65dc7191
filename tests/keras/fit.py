"""What `fit` writes into its history over two epochs with a partial last batch, and the weights it leaves.

Nothing is shuffled. Class weights go with one output only, and not beside sample weights, as Keras has it.
"""

import networks
from backend import give_weights, keras, named_weights
from tensors import Given, answer, number, recipes

SAMPLES, BATCH, VALIDATION, EPOCHS = 22, 8, 9, 2


def case(name, make, metrics, weights=(), optimizer=None, class_weight=None):
    """`weights` says which data have sample weights: "training", "validation", both or none of them."""
    key = f"fit/{name}"
    optimizer = optimizer or {"kind": "Adam", "config": {"learning_rate": 0.01}}

    def run(eagerly):
        network = make()
        model, heads = network.model, network.heads
        start = give_weights(model, key)
        model.compile(
            optimizer=getattr(keras.optimizers, optimizer["kind"])(
                **optimizer["config"]
            ),
            loss=[getattr(keras.losses, head.loss)() for head in heads.values()],
            loss_weights=[head.weight for head in heads.values()],
            metrics=metrics(),
            run_eagerly=eagerly,
        )
        data = {
            part: samples(f"{key}.{part}", network, count, part in weights)
            for part, count in [("training", SAMPLES), ("validation", VALIDATION)]
        }
        history = model.fit(
            **arrays(data["training"]),
            batch_size=BATCH,
            epochs=EPOCHS,
            shuffle=False,
            verbose=0,
            class_weight=class_weight,
            validation_data=tuple(arrays(data["validation"]).values()),
        ).history
        evaluated = model.evaluate(
            **arrays(data["training"]), batch_size=BATCH, verbose=0, return_dict=True
        )
        return {
            "optimizer": optimizer,
            "batch_size": BATCH,
            "epochs": EPOCHS,
            "loss_weights": {n: head.weight for n, head in heads.items()},
            **({"class_weight": class_weight} if class_weight else {}),
            "given": {
                "weights": recipes(start),
                **{
                    part: {what: recipes(given) for what, given in sets.items()}
                    for part, sets in data.items()
                },
            },
            "history": [[n, [number(v) for v in h]] for n, h in history.items()],
            "evaluated": [[n, number(value)] for n, value in evaluated.items()],
            "weights": {n: answer(w.numpy()) for n, w in named_weights(model).items()},
        }

    result = run(eagerly=False)
    if len(result["loss_weights"]) > 1:
        # In a graph Keras does not know the size of a batch where it averages the loss of a head, so that the partial
        # batch counts as much as a full one, and the heads do not add up to the total. Run eagerly it knows.
        eager = run(eagerly=True)
        result["history_by_samples"] = eager["history"]
        result["evaluated_by_samples"] = eager["evaluated"]
    return name, result


def samples(key, network, count, weighted):
    sets = {
        "inputs": network.inputs(key, count),
        "targets": network.targets(key, count),
    }
    if weighted:
        sets["sample_weights"] = {
            head: Given.uniform(f"{key}.{head}.weight", (count,), 0.0, 2.0)
            for head in network.heads
        }
    return sets


def arrays(sets):
    """As the arguments of `fit`; Keras wants a lone array where there is one output."""

    def alone(given):
        values = [tensor.array for tensor in given.values()]
        return values if len(values) > 1 else values[0]

    values = {"x": alone(sets["inputs"]), "y": alone(sets["targets"])}
    if "sample_weights" in sets:
        values["sample_weight"] = alone(sets["sample_weights"])
    return values


def fit():
    def accuracy():
        return ["accuracy"]

    classes = {0: 1.5, 3: 0.25, 7: 2.0}
    sgd = {"kind": "SGD", "config": {"learning_rate": 0.1}}

    def small_detector():
        return networks.detector(side=12, filters=(4, 6), units=8)

    def of_detector():
        return [["accuracy"], [keras.metrics.MeanAbsoluteError()]]

    return dict(
        [
            case("digits", networks.digits, accuracy),
            case("digits_sgd", networks.digits, accuracy, optimizer=sgd),
            case(
                "digits_sample_weights",
                networks.digits,
                accuracy,
                ["training", "validation"],
            ),
            case(
                "digits_class_weights",
                networks.digits,
                accuracy,
                class_weight=classes,
            ),
            case(
                "functional_class_weights",
                networks.functional,
                accuracy,
                class_weight=classes,
            ),
            case("detector", small_detector, of_detector),
            case("detector_sgd", small_detector, of_detector, optimizer=sgd),
            case(
                "detector_sample_weights",
                small_detector,
                of_detector,
                ["training", "validation"],
            ),
            case(
                "price",
                networks.price,
                lambda: ["mae", "mse"],
                ["training"],
            ),
        ]
    )


THEMES = {"fit": fit}
