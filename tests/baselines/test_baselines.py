"""Simple models answer from the train split alone."""

import numpy as np
import pytest

from dlcli.baselines import linear, majority, mean


def test_majority_and_mean() -> None:
    assert majority.measure(np.array([1, 1, 0]), np.array([0, 0, 1, 0])) == {
        "name": "majority class",
        "accuracy": 0.25,
    }
    assert mean.answers(np.array([1.0, 3.0]), 3).tolist() == [2, 2, 2]


def test_a_linear_model_finds_a_line() -> None:
    x = np.linspace(-1, 1, 50, dtype=np.float32)[:, None]
    y = (3 * x[:, 0] + 1000).astype(np.float32)
    assert linear.answers(x, y, x[:1], 0) == pytest.approx([997], abs=0.5)


def test_a_logistic_model_finds_a_threshold_and_leaves_unseen_classes_out() -> None:
    x = np.linspace(-1, 1, 50, dtype=np.float32)[:, None]
    y = 2 * (x[:, 0] > 0).astype(np.int32)  # the middle class is never seen
    probabilities = linear.answers(x, y, x, 3)
    assert (probabilities.argmax(axis=1) == y).mean() > 0.95
    assert probabilities[:, 1].tolist() == [0] * 50
