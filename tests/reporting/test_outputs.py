"""What a report says of the predictions of each output."""

import numpy as np
import pytest

from dlcli import kinds
from dlcli.evaluation.predictions import Predictions
from dlcli.reporting import outputs


def kept(task, answers, terms):
    count = len(next(iter(terms.values())))
    arrays = (
        {name: np.asarray(each) for name, each in given.items()} for given in (answers, terms)
    )
    return Predictions(task, [f"{number}" for number in range(count)], *arrays)


def test_the_largest_come_first_and_apart():
    badness = np.array([1.0, 9.0, 8.0, 3.0, -np.inf, 7.0])
    assert outputs.largest(badness, 3) == [1, 2, 5]
    assert outputs.largest(badness, 9, apart=2) == [1, 5, 3]
    assert outputs.largest(np.array([2.0, 2.0]), 2) == [0, 1]


def test_of_classes_mistakes_alone_are_shown_the_surest_first():
    found = kept(
        "text-classification",
        {
            "truth": [0, 1, 1],
            "predicted": [0, 0, 0],
            "confidence": [0.9, 0.6, 0.996],
            "true_probability": [0.9, 0.4, 0.004],
        },
        {"accuracy": [1, 0, 0], "loss": [9.0, 0.9, 5.5]},
    )
    report = outputs.of(found.task)
    assert report.worst(found, 12) == [2, 1]
    assert report.shown(found, {"position": 2}, {"class_names": ["no", "yes"]}) == {
        "truth": "yes",
        "answer": "no",
        "confidence": "100 %",
        "true_probability": "0.4 %",
    }


@pytest.mark.parametrize(
    ("truth", "predicted", "shown"),
    [
        (2.0, 2.5, ("2", "2.5", "+0.5")),
        (123_456.0, 123_456.25, ("123,456.000", "123,456.250", "+0.25")),
        (5000.0, 1000.0, ("5,000", "1,000", "-4,000")),
        (1e20, 1e20, ("1e+20", "1e+20", "+0")),
    ],
)
def test_numbers_have_the_digits_that_their_error_needs(truth, predicted, shown):
    found = kept(
        "table-regression",
        {"truth": [truth], "predicted": [predicted]},
        {"absolute_error": [abs(predicted - truth)]},
    )
    report = outputs.of(found.task)
    assert report.worst(found, 12) == [0]
    document = report.shown(found, {"position": 0}, {})
    assert tuple(document[name] for name in ("truth", "answer", "error")) == shown


def test_forecasts_that_overlap_are_shown_once():
    found = kept(
        "series-forecasting",
        {
            "rows": np.arange(6),
            "truth": np.arange(18.0).reshape(6, 3, 1),
            "predicted": np.zeros((6, 3, 1)),
        },
        {"squares": [1.0, 9.0, 8.0, 7.0, 3.0, 2.0], "known": [3.0, 3.0, 3.0, 0.0, 3.0, 3.0]},
    )
    assert outputs.of(found.task).worst(found, 6) == [1, 4]


def test_characters_are_marked_by_how_hard_they_were():
    found = kept("text-generation", {"losses": [[0.2, 3.7, 99.0]]}, {"loss": [34.3]})
    shown = outputs.of(found.task).shown(found, {"position": 0, "next": ["a", "b", "c"]}, {})
    assert shown == {"error": "34.300", "characters": [("a", 0), ("b", 3), ("c", 4)]}
    without = kept("text-generation", {}, {"loss": [1.0]})
    shown = outputs.of(found.task).shown(without, {"position": 0, "next": ["a"]}, {})
    assert shown["characters"] == [("a", 0)]


@pytest.mark.parametrize("task", kinds.tasks())
def test_what_makes_something_is_used_by_generate(task):
    generates = outputs.of(task).GENERATES
    assert bool(generates) == bool(kinds.output_of(task).generate_options)
