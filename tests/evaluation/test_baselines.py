"""Baselines are measured by the metrics of the model."""

import numpy as np

from dlcli.data import DataSet, DataSpec, Split, Splits
from dlcli.evaluation import baselines
from dlcli.recipe import schema

X = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]


def measure(task, y, test_y, *class_names):
    everything = np.arange(len(X))
    train, test = (Split(X, targets, everything, [""] * len(X)) for targets in (y, test_y))
    dataset = DataSet(Splits(train, train, test), DataSpec((), "", class_names, ""))
    loaded = schema.load("table-linear", [f"task={task}"])
    return baselines.measure(loaded, dataset, lambda split: split, {"class_names": class_names})


def test_a_classification_is_measured_against_its_shares_and_a_linear_model() -> None:
    y = (X[:, 0] > 0).astype(np.int32)
    majority, linear = measure("table-classification", y, y, "a", "b")
    assert majority == {
        "name": "majority class",
        "examples": 40,
        "loss": np.float64(-np.log(0.5)),
        "accuracy": 0.5,
    }
    assert list(linear) == ["name", "examples", "loss", "accuracy"]
    assert (linear["name"], linear["examples"]) == ("logistic regression", 40)


def test_a_regression_is_measured_in_its_units() -> None:
    y = 100 * X[:, 0]
    mean, linear = measure("table-regression", y, y + 1)
    assert mean["name"] == "mean target"
    assert linear["name"] == "linear regression"
    assert 0 < linear["rmse"] < 5 < mean["rmse"]
