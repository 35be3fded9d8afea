"""A linear model on the very numbers that the network sees."""

from __future__ import annotations

import numpy as np

from dlcli import outputs
from dlcli.baselines import protocols
from dlcli.outputs import Output

_MAX_ROWS = 100_000  # evenly spread; more change a linear model little and take minutes


def model(
    train_features: np.ndarray,
    train_targets: np.ndarray,
    features: np.ndarray,
    num_classes: int,
    output: Output,
) -> tuple[str, np.ndarray]:
    """Fit the linear model of an output, and predict with it.

    Args:
        train_features: float32 (num_train, num_features).
        train_targets: (num_train, ...).
        features: float32 (num_examples, num_features) to predict for.
        num_classes: 0 of numbers.

    Returns:
        A name and the predictions, (num_examples, ...).
    """
    models: protocols.SimpleModels = outputs.module("baselines", output)
    rows = np.linspace(0, len(train_targets) - 1, min(_MAX_ROWS, len(train_targets))).astype(int)
    seen, unseen = train_features[rows].astype(np.float64), features.astype(np.float64)
    return models.LINEAR, models.linear(seen, train_targets[rows], unseen, num_classes)
