"""A linear model on the very numbers that the network sees, by scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np

_MAX_ROWS = 100_000  # evenly spread; more change a linear model little and take minutes


def answers(
    train_features: np.ndarray,
    train_targets: np.ndarray,
    features: np.ndarray,
    num_classes: int,
) -> np.ndarray:
    """Fit logistic regression, or without classes ridge regression, and answer with it.

    Args:
        train_features: float32 (num_train, num_features).
        train_targets: (num_train,) class indices or numbers.
        features: float32 (num_examples, num_features) to be answered.
        num_classes: 0 in a regression.

    Returns:
        float64 probabilities (num_examples, num_classes), or numbers (num_examples,).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    rows = np.linspace(0, len(train_targets) - 1, min(_MAX_ROWS, len(train_targets))).astype(int)
    seen, targets = train_features[rows].astype(np.float64), train_targets[rows]
    unseen = features.astype(np.float64)
    if not num_classes:
        predicted: np.ndarray = (
            Ridge(alpha=1.0).fit(seen, targets.astype(np.float64)).predict(unseen)
        )
        return predicted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough for a bound
        model = LogisticRegression(max_iter=1000).fit(seen, targets)
    probabilities = np.zeros((len(unseen), num_classes))
    probabilities[:, model.classes_] = model.predict_proba(unseen)
    return probabilities
