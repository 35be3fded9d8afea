"""One class of several: float64 probabilities (num_examples, num_classes)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

CONSTANT = "majority class"
LINEAR = "logistic regression"


def constant(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """The shares of the classes, so that the likeliest is that of the majority."""
    shares: np.ndarray = np.bincount(targets, minlength=num_classes) / len(targets)
    return shares


def linear(
    features: Any, targets: np.ndarray, unseen: Any, num_classes: int, inverse_penalty: float = 1.0
) -> np.ndarray:
    """Logistic regression by scikit-learn; a class without examples has the probability 0."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough for a bound
        model = LogisticRegression(C=inverse_penalty, max_iter=1000).fit(features, targets)
    probabilities = np.zeros((unseen.shape[0], num_classes))
    probabilities[:, model.classes_] = model.predict_proba(unseen)
    return probabilities


def certain(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """1 for the class and 0 for all others."""
    rows: np.ndarray = np.eye(num_classes)[targets]
    return rows
