"""The mean target of the train split, answered always."""

from __future__ import annotations

import numpy as np


def answers(train_targets: np.ndarray, num_examples: int) -> np.ndarray:
    """The same number for all examples, float64 (num_examples,).

    Args:
        train_targets: (num_train,) numbers.
        num_examples: to be answered.
    """
    return np.full(num_examples, train_targets.mean(dtype=np.float64))
