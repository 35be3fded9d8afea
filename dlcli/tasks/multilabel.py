"""Any number of classes, as a probability for each."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from dlcli.data import DataSpec
from dlcli.tasks.protocols import Loss, Metrics


def head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """Probabilities (batch, num_classes), each between 0 and 1."""
    scores = keras.layers.Dense(len(spec.class_names), name="scores")(features)
    return keras.layers.Activation("sigmoid", dtype="float32", name="probabilities")(scores)


def loss(spec: DataSpec) -> str:
    """Binary cross-entropy in nats, the mean over the classes."""
    return "binary_crossentropy"


def weighted_loss(
    targets: np.ndarray, spec: DataSpec, class_weights: str, label_smoothing: float
) -> Loss:
    """Binary cross-entropy in which the examples with a class may count as much as those without.

    Labels are smoothed towards one half, as binary ones are in Keras.
    """
    weights = np.ones((2, len(spec.class_names)), np.float32)
    if class_weights == "balanced":
        weights = balanced_weights(targets)

    def weighted(targets: Any, probabilities: Any) -> Any:
        truth = ops.cast(targets, probabilities.dtype)
        smoothed = truth * (1 - label_smoothing) + label_smoothing / 2
        losses = keras.losses.binary_crossentropy(smoothed[..., None], probabilities[..., None])
        return ops.mean(losses * ops.where(truth == 1, weights[1], weights[0]), axis=-1)

    return weighted


def balanced_weights(targets: np.ndarray) -> np.ndarray:
    """Weights by which, in each class, examples with it count as much as those without.

    As scikit-learn's `class_weight="balanced"` of a classifier for each class.

    Args:
        targets: uint8 (num_examples, num_classes).

    Returns:
        float32 (2, num_classes): of examples without and with a class; 0 where there are none.
    """
    with_it = targets.sum(axis=0, dtype=np.int64)
    numbers = np.stack([len(targets) - with_it, with_it])
    shares = len(targets) / np.maximum((numbers > 0).sum(axis=0), 1)
    return np.where(numbers > 0, shares / np.maximum(numbers, 1), 0).astype(np.float32)


class PrAuc(keras.metrics.AUC):
    """The mean area of the classes that occur; to Keras's, a class that does not adds 0."""

    def result(self) -> Any:
        """As mean average precision, which is shown after training."""
        occurs = self.true_positives[0] + self.false_negatives[0] > 0
        known = ops.maximum(ops.sum(ops.cast(occurs, self.dtype)), 1)
        return super().result() * (self.num_labels / known)


METRICS: Metrics = {
    "pr_auc": lambda spec: PrAuc(
        curve="PR", multi_label=True, num_labels=len(spec.class_names), name="pr_auc"
    )
}
