"""One class of several, as a probability for each."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from dlcli.data import DataSpec
from dlcli.tasks.protocols import Loss, Metrics


def head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """Probabilities (batch, ..., num_classes)."""
    # The gradient of a bias that many steps share would be summed up in bfloat16: of 3,200 numbers
    # that sum was 40 % off.
    dtype = "float32" if len(features.shape) > 2 else None
    scores = keras.layers.Dense(len(spec.class_names), dtype=dtype, name="scores")(features)
    return keras.layers.Activation("softmax", dtype="float32", name="probabilities")(scores)


def loss(spec: DataSpec) -> str:
    """Mean cross-entropy in nats."""
    return "sparse_categorical_crossentropy"


def weighted_loss(
    targets: np.ndarray, spec: DataSpec, class_weights: str, label_smoothing: float
) -> Loss:
    """Cross-entropy with smoothed labels, in which rare classes may count as much as others."""
    num_classes = len(spec.class_names)
    weights = np.ones(num_classes, np.float32)
    if class_weights == "balanced":
        weights = balanced_weights(targets, num_classes)
    return cross_entropy(weights, label_smoothing)


def balanced_weights(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """Weights by which each class counts as much as any other.

    The mean over the examples is 1, as in scikit-learn's `class_weight="balanced"` (King and
    Zeng, 2001, "Logistic regression in rare events data").

    Args:
        targets: int (num_examples,), class indices.
        num_classes: classes without an example get 0.

    Returns:
        float32 (num_classes,).
    """
    counts = np.bincount(targets, minlength=num_classes)
    share = len(targets) / np.count_nonzero(counts)
    return np.where(counts > 0, share / np.maximum(counts, 1), 0).astype(np.float32)


def cross_entropy(class_weights: np.ndarray, label_smoothing: float) -> Loss:
    """Cross-entropy with a weight for each class and with smoothed labels.

    Args:
        class_weights: float32 (num_classes,).
        label_smoothing: share of a label that goes to all classes evenly (Szegedy et al., 2016,
            "Rethinking the Inception architecture", section 7).

    Returns:
        targets int (batch,) and probabilities (batch, num_classes) to losses (batch,).
    """

    def loss(targets: Any, probabilities: Any) -> Any:
        losses = keras.losses.categorical_crossentropy(
            ops.one_hot(ops.cast(targets, "int32"), len(class_weights)),
            probabilities,
            label_smoothing=label_smoothing,
        )
        return losses * ops.take(ops.convert_to_tensor(class_weights), targets)

    return loss


METRICS: Metrics = {"accuracy": lambda spec: keras.metrics.SparseCategoricalAccuracy("accuracy")}
