"""Predictions of the token that follows a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.prediction import classification
from dlcli.prediction.classification import Prediction, cells, changed, columns, decoded, prediction

__all__ = ["Prediction", "cells", "changed", "columns", "decoded", "final", "prediction", "truths"]


def final(raw: Any, rows: np.ndarray) -> np.ndarray:
    """The probabilities after the last character of each text, (num_texts, num_characters)."""
    if rows.ndim == 2:  # of a model that predicts at the last step only
        return rows
    return rows[np.arange(len(raw)), [len(text) - 1 for text in raw]]


def truths(targets: np.ndarray, metadata: Mapping[str, Any]) -> Sequence[str]:
    """The true tokens; of targets at every step (num_examples, steps), the last counts."""
    last = targets[:, -1] if targets.ndim > 1 else targets
    return classification.truths(last, metadata)
