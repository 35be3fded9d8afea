"""What simple models reach on the test split, to stand beside the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcli.baselines import linear, majority, mean
from dlcli.evaluation import metrics


def measure(
    train_targets: np.ndarray,
    test_targets: np.ndarray,
    class_names: Sequence[str],
    features: tuple[np.ndarray, np.ndarray] | None = None,
) -> list[dict[str, Any]]:
    """Measure the majority class, or the mean; with features a linear model as well.

    Args:
        train_targets: (num_train,) class indices or numbers.
        test_targets: (num_test,) class indices or numbers.
        class_names: none in a regression.
        features: of the train and of the test split, float32 (num_examples, num_features).

    Returns:
        For each its name and its metrics, the simplest first.
    """
    if class_names:
        found = [majority.measure(train_targets, test_targets)]
    else:
        constant = mean.answers(train_targets, len(test_targets))
        found = [{"name": "mean target", **metrics.regression(constant, test_targets)}]
    if features is None:
        return found
    train, test = features
    answers = linear.answers(train, train_targets, test, len(class_names))
    if not class_names:
        result = metrics.regression(answers, test_targets)
        return [*found, {"name": "linear regression", **result}]
    result = metrics.classification(answers, test_targets, class_names)
    chosen = {name: result[name] for name in ("examples", "loss", "accuracy")}
    return [*found, {"name": "logistic regression", **chosen}]
