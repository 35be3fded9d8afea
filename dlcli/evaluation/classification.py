"""How good probabilities of classes are, in NumPy: scikit-learn takes longer to import."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import MAX_STORED, plots

MAX_DENSE = 100
"""Classes up to which the confusion matrix is kept as one; with more, what is not 0."""

WRITTEN = ("class_names", "target")
keep = decide = draw_progress = None


def measure(
    probabilities: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure probabilities (num_examples, num_classes).

    Returns:
        `examples`, `loss` (mean cross-entropy in nats), `accuracy`, `per_class`
        (precision, recall, f1, examples; None where undefined) and `confusion`
        (rows: true class, columns: predicted class), or of more than MAX_DENSE classes
        `confusion_counts` ([true class, predicted class, examples], those with examples).
    """
    class_names = metadata["class_names"]
    num_classes = len(class_names)
    predicted = probabilities.argmax(axis=1)
    chosen = probabilities[np.arange(len(targets)), targets].astype(np.float64)
    correct = np.bincount(targets[predicted == targets], minlength=num_classes).tolist()
    num_true = np.bincount(targets, minlength=num_classes).tolist()
    num_predicted = np.bincount(predicted, minlength=num_classes).tolist()
    per_class = [
        {
            "class": name,
            "precision": _ratio(correct[index], num_predicted[index]),
            "recall": _ratio(correct[index], num_true[index]),
            "f1": _ratio(2 * correct[index], num_true[index] + num_predicted[index]),
            "examples": num_true[index],
        }
        for index, name in enumerate(class_names)
    ]
    pairs, counts = np.unique(np.stack([targets, predicted], axis=1), axis=0, return_counts=True)
    if num_classes > MAX_DENSE:
        confusion = {"confusion_counts": np.column_stack([pairs, counts]).tolist()}
    else:
        matrix = np.zeros((num_classes, num_classes), np.int64)
        matrix[pairs[:, 0], pairs[:, 1]] = counts
        confusion = {"confusion": matrix.tolist()}
    return {
        "examples": len(targets),
        # Keras's clipping, so that the figure is the one that training shows.
        "loss": float(-np.log(np.clip(chosen, 1e-7, 1 - 1e-7)).mean()),
        "accuracy": float((predicted == targets).mean()),
        "per_class": per_class,
        **confusion,
    }


def terms(
    probabilities: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """`loss` in nats and `accuracy`, 1 where the answer is right, else 0."""
    chosen = probabilities[np.arange(len(targets)), targets].astype(np.float64)
    return {
        "loss": -np.log(np.clip(chosen, 1e-7, 1 - 1e-7)),
        "accuracy": (probabilities.argmax(axis=1) == targets).astype(np.float64),
    }


def from_means(means: Mapping[str, Any]) -> dict[str, Any]:
    """The means are the metrics."""
    return dict(means)


def stored(probabilities: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """`truth` and `predicted`, int32 class indices, with the probability of each.

    These are `true_probability` and `confidence`; where they are few, all `probabilities` too.
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
    """Draw the confusion matrix, up to MAX_DENSE classes."""
    if "confusion" not in measured:  # nobody could read it
        return
    path = folder / "confusion.png"
    plots.confusion_matrix(np.array(measured["confusion"]), metadata["class_names"], path)
    yield "confusion_matrix", path


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
