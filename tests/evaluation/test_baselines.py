"""Baselines are measured by the metrics of the model."""

import numpy as np

from dlcli.evaluation import baselines

X = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]


def test_a_classification_has_two_with_features_and_one_without() -> None:
    y = (X[:, 0] > 0).astype(np.int32)
    (alone,) = baselines.measure(y, y, ("a", "b"))
    assert alone == {"name": "majority class", "accuracy": 0.5}
    _, linear = baselines.measure(y, y, ("a", "b"), (X, X))
    assert list(linear) == ["name", "examples", "loss", "accuracy"]
    assert (linear["name"], linear["examples"]) == ("logistic regression", 40)


def test_a_regression_is_measured_in_its_units() -> None:
    y = 100 * X[:, 0]
    mean, linear = baselines.measure(y, y + 1, (), (X, X))
    assert mean["name"] == "mean target"
    assert linear["name"] == "linear regression"
    assert 0 < linear["rmse"] < 5 < mean["rmse"]
