"""How good probabilities of classes are, in NumPy: scikit-learn takes longer to import."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import MAX_STORED, plots

METRIC = "accuracy"


def measure(
    probabilities: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure a classifier.

    Args:
        probabilities: float (num_examples, num_classes).
        targets: int (num_examples,) class indices.
        metadata: `class_names`, one a class, is read.

    Returns:
        `examples`, `loss` (mean cross-entropy in nats), `accuracy`, `per_class`
        (precision, recall, f1, examples; None where undefined) and `confusion`
        (rows: true class, columns: predicted class).
    """
    class_names = metadata["class_names"]
    num_classes = len(class_names)
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(confusion, (targets, predicted), 1)
    chosen = probabilities[np.arange(len(targets)), targets].astype(np.float64)
    per_class = []
    for index, name in enumerate(class_names):
        correct = int(confusion[index, index])
        precision = _ratio(correct, int(confusion[:, index].sum()))
        recall = _ratio(correct, int(confusion[index].sum()))
        per_class.append(
            {
                "class": name,
                "precision": precision,
                "recall": recall,
                "f1": _ratio(2 * correct, int(confusion[:, index].sum() + confusion[index].sum())),
                "examples": int(confusion[index].sum()),
            }
        )
    return {
        "examples": len(targets),
        # Keras's clipping, so that the figure is the one that training shows.
        "loss": float(-np.log(np.clip(chosen, 1e-7, 1 - 1e-7)).mean()),
        "accuracy": float((predicted == targets).mean()),
        "per_class": per_class,
        "confusion": confusion.tolist(),
    }


def terms(
    probabilities: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """What of each example the metrics are means of.

    Args:
        probabilities, targets, metadata: what `measure` takes.

    Returns:
        `loss` in nats and `accuracy`, 1 where the answer is right, else 0; (num_examples,).
    """
    chosen = probabilities[np.arange(len(targets)), targets].astype(np.float64)
    return {
        "loss": -np.log(np.clip(chosen, 1e-7, 1 - 1e-7)),
        "accuracy": (probabilities.argmax(axis=1) == targets).astype(np.float64),
    }


def from_means(means: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of means of what `terms` gives, one value or an array of them each."""
    return dict(means)


def stored(probabilities: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """The answers as a run keeps them.

    Args:
        probabilities, targets: what `measure` takes.

    Returns:
        `truth`, `predicted`, int32 class indices; `confidence`, the probability of `predicted`,
        and `true_probability`, that of `truth`; and where they are few, all `probabilities`.
    """
    predicted, rows = probabilities.argmax(axis=1), np.arange(len(targets))
    whole = {"probabilities": probabilities} if probabilities.size <= MAX_STORED else {}
    return {
        "truth": targets.astype(np.int32),
        "predicted": predicted.astype(np.int32),
        "confidence": probabilities[rows, predicted].astype(np.float32),
        "true_probability": probabilities[rows, targets].astype(np.float32),
        **whole,
    }


def draw(
    measured: Mapping[str, Any],
    answers: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
    name_of: Callable[[int], str],
) -> Iterator[tuple[str, Path]]:
    """Draw the confusion matrix.

    Args:
        measured: what `measure` gave.
        answers, targets: what it was given.
        metadata: `class_names` is read.
        folder: where plots go.
        name_of: what an example is called, by its position.

    Yields:
        A tag and the file of each plot.
    """
    path = folder / "confusion.png"
    plots.confusion_matrix(np.array(measured["confusion"]), metadata["class_names"], path)
    yield "confusion_matrix", path


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
