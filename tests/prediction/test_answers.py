"""Answers keep their places, whatever has an error or is cut off."""

from types import SimpleNamespace

import numpy as np
import polars as pl

from dlcli import prediction
from dlcli.prediction.source import Batch, Part, Source


def _found(batch: Batch, start: int, stop: int, task: str = "table-classification"):
    class_names = ["a", "b"] if task.endswith("classification") else []
    predictor = SimpleNamespace(
        metadata={"task": task, "class_names": class_names},
        predict_batch=lambda raw: np.stack([raw, 1 - raw], axis=1)[:, : len(class_names) or 1],
    )
    source = Source((Part(len(batch.names), lambda *_: iter([batch])),), lambda: "")
    found = prediction.predict(predictor, source, start=start, stop=stop, size=4, top_k=1)
    return [item for some in found for item in some.predictions()]


def test_an_error_has_the_place_of_its_input():
    batch = Batch(
        ["w", "x", "y", "z"],
        np.array([0.25, 0.75, 1.0]),
        {1: "bad"},
        pl.DataFrame({"n": [0, 1, 2, 3]}),
        ["a", "b", "a", "b"],
    )
    found = _found(batch, 0, 4)
    assert [item.best for item in found] == ["b", "", "a", "a"]
    assert [item.error for item in found] == ["", "bad", "", ""]
    assert [item.true_class for item in found] == ["a", "", "a", "b"]
    assert [item.cells["n"] for item in found] == [0, 1, 2, 3]
    assert _found(batch, 1, 3) == found[1:3]


def test_a_batch_of_errors_alone_needs_no_prediction():
    batch = Batch(["x", "y"], None, {0: "bad", 1: "worse"})
    for task in ("table-classification", "table-regression"):
        assert [item.error for item in _found(batch, 0, 2, task)] == ["bad", "worse"]


def test_numbers_that_are_missing_stay_apart_from_errors():
    [first, second, third] = _found(
        Batch(["x", "y", "z"], np.array([0.5, np.nan]), {0: "bad"}), 0, 3, "table-regression"
    )
    assert (first.value, first.error, second.value) == (None, "bad", 0.5)
    assert np.isnan(third.value)
