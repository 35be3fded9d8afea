"""Any number of classes: float64 probabilities (num_examples, num_classes)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcli.baselines import classification

CONSTANT = "label frequency"
LINEAR = "logistic regression"


def constant(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """The share of examples that have each class."""
    shares: np.ndarray = targets.mean(axis=0, dtype=np.float64)
    return shares


def linear(
    features: Any,
    targets: np.ndarray,
    unseen: Any,
    num_classes: int,
    inverse_penalty: float = 1.0,
) -> np.ndarray:
    """A logistic regression for each class; of one that all examples have or none, that share."""
    probabilities = np.tile(constant(targets, num_classes), (unseen.shape[0], 1))
    for index in np.flatnonzero(np.ptp(targets, axis=0)):
        of_class = targets[:, index].astype(np.int32)
        found = classification.linear(features, of_class, unseen, 2, inverse_penalty)
        probabilities[:, index] = found[:, 1]
    return probabilities


def certain(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """1 for each class that an example has and 0 for all others."""
    return targets.astype(np.float64)
