"""Metrics of classification and regression in NumPy.

Importing scikit-learn's takes longer than most evaluations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def classification(
    probabilities: np.ndarray, targets: np.ndarray, class_names: Sequence[str]
) -> dict[str, Any]:
    """Measure a classifier.

    Args:
        probabilities: float (num_examples, num_classes).
        targets: int (num_examples,) class indices.
        class_names: one a class.

    Returns:
        `examples`, `loss` (mean cross-entropy in nats), `accuracy`, `per_class`
        (precision, recall, f1, examples; None where undefined) and `confusion`
        (rows: true class, columns: predicted class).
    """
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


def regression(predictions: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
    """Measure forecasts of a number.

    Args:
        predictions: float (num_examples,) or (num_examples, 1).
        targets: float (num_examples,), in the same units.

    Returns:
        `examples`, `rmse` and `mae` in the target's units, and `r2`, the share of the
        targets' variance that is explained (None where they do not vary).
    """
    truth = targets.astype(np.float64)
    errors = predictions.reshape(len(targets)).astype(np.float64) - truth
    variance = float(np.square(truth - truth.mean()).mean())
    return {
        "examples": len(targets),
        "rmse": float(np.sqrt(np.square(errors).mean())),
        "mae": float(np.abs(errors).mean()),
        "r2": 1 - float(np.square(errors).mean()) / variance if variance else None,
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
