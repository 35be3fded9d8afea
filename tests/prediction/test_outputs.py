"""What the arrays of each output become: names, numbers, documents, cells, sentences."""

import numpy as np
import pytest

from dlcli.prediction import classification, forecasting, multilabel, next_token, regression
from dlcli.prediction.prediction import Cell, Column, document

CLASSES = {"class_names": ["a", "b", "c"], "target": ""}
LABELS = {
    **CLASSES,
    "thresholds": [0.5, 0.25, 0.75],
    "recipe": {"data": {"label_separator": ";"}},
}
TARGETS = {"forecast": {"targets": [{"name": "x"}, {"name": "y"}]}}


def test_classes_that_are_as_likely_keep_their_order():
    rows = np.array([[0.25, 0.5, 0.25], [0.4, 0.2, 0.4]])
    names, probabilities = classification.decoded(rows, CLASSES, 2)
    assert names.tolist() == [["b", "a"], ["a", "c"]]
    assert probabilities.dtype == np.float32
    item = classification.prediction("n", [names[0], probabilities[0]], "c", {"row": 1})
    assert item.best == "b"
    assert item.is_known
    assert document(item) == {
        "input": "n",
        "columns": {"row": 1},
        "classes": [{"class": "b", "probability": 0.5}, {"class": "a", "probability": 0.25}],
        "true_class": "c",
    }
    assert item.sentence("y") == "y: b 50.0% (true class: c)"
    assert item.row(known=True) == [
        Cell("input", "n"), Cell("answer", "b", "bold"), Cell("probability", "50.0%", "", "right"),
        Cell("next", "a 25.0%", "dim"), Cell("true class", "c", "red"),
    ]  # fmt: skip
    assert len(item.row(known=False)) == 4
    assert document(classification.Prediction("n", error="bad")) == {"input": "n", "error": "bad"}


def test_classes_in_columns_have_six_decimals_or_all():
    found = classification.decoded(np.array([[0.1, 0.2, 0.7], [1, 0, 0]]), CLASSES, 1)
    assert classification.cells(found, [1], exact=False) == [["c", "a"], ["0.700000", None]]
    assert classification.cells(found, (), exact=True) == [["c", "a"], [pytest.approx(0.7), 1.0]]
    columns, truth = classification.columns({**CLASSES, "target": "t"}, 2)
    assert [each.name for each in columns] == [
        "predicted_t", "probability", "predicted_t_2", "probability_2"
    ]  # fmt: skip
    assert truth == Column("true_t", "string")
    assert [each.name for each in classification.columns(CLASSES, 1)[0]] == ["class", "probability"]


def test_labels_are_the_classes_that_reach_their_thresholds():
    rows = np.array([[0.5, 0.25, 0.625], [0.25, 0.125, 0.5]], np.float32)
    found = multilabel.decoded(rows, LABELS, 2)
    [truth, none] = multilabel.truths(np.array([[1, 0, 1], [0, 0, 0]], np.uint8), LABELS)
    assert (truth, none) == ("a;c", "")
    item, other = (
        multilabel.prediction("n", [each[row] for each in found], known, {})
        for row, known in enumerate((truth, none))
    )
    a, b, c = (
        {"class": name, "probability": value, "threshold": threshold}
        for name, value, threshold in (("a", 0.5, 0.5), ("b", 0.25, 0.25), ("c", 0.625, 0.75))
    )
    assert document(item) == {
        "input": "n", "labels": [a, b], "classes": [c, a], "true_labels": ["a", "c"]
    }  # fmt: skip
    assert item.best == "a"
    assert other.best == "c"
    assert item.sentence("y") == "y: a 50.0%, b 25.0% (truth: a, c)"
    assert other.sentence("") == "none (likeliest: c 50.0%) (truth: none)"
    assert item.row(known=True) == [
        Cell("input", "n"), Cell("labels", "a, b", "bold"),
        Cell("likeliest", "c 62.5%, a 50.0%", "dim"), Cell("true labels", "a, c", "red"),
    ]  # fmt: skip
    assert other.row(known=True)[-1] == Cell("true labels", "none", "green")
    unknown = multilabel.prediction("n", [each[0] for each in found], None, {})
    assert not unknown.is_known
    assert other.is_known
    assert len(unknown.row(known=False)) == 3
    assert "true_labels" not in document(unknown)
    assert document(multilabel.Prediction("n", error="bad")) == {"input": "n", "error": "bad"}


def test_labels_stand_in_one_cell_as_in_the_data():
    rows = np.array([[0.5, 0.25, 0.625], [0, 0, 0]], np.float32)
    found = multilabel.decoded(rows, LABELS, 1)
    assert multilabel.cells(found, (), exact=False) == [
        ["a;b", ""], ["c", "a"], ["0.625000", "0.000000"]
    ]  # fmt: skip
    assert multilabel.cells(found, (), exact=True)[2] == [0.625, 0.0]
    columns, truth = multilabel.columns({**LABELS, "target": "t"}, 1)
    assert [each.name for each in columns] == ["predicted_t", "class", "probability"]
    assert truth == Column("true_t", "string")
    assert multilabel.columns(LABELS, 1)[0][0].name == "labels"


def test_the_last_of_the_steps_of_a_text_counts():
    rows = np.arange(12).reshape(2, 2, 3)
    raw = np.array(["x", "xy"], object)
    assert next_token.final(raw, rows).tolist() == [[0, 1, 2], [9, 10, 11]]
    assert next_token.final(raw, rows[:, 0]).tolist() == [[0, 1, 2], [6, 7, 8]]
    assert next_token.truths(np.array([[0, 1], [1, 2]]), CLASSES) == ["b", "c"]
    assert next_token.truths(np.array([0, 2]), CLASSES) == ["a", "c"]


def test_numbers_have_the_digits_that_they_know():
    found = regression.decoded(np.array([[0.1], [2.5]], np.float32), {}, 3)
    item = regression.prediction("n", [found[0][0]], 1.0, {})
    assert document(item) == {"input": "n", "prediction": 0.1, "true_value": 1.0}
    assert item.sentence("") == "prediction 0.1 (truth: 1)"
    assert item.row(known=True)[1:] == [
        Cell("answer", "0.1", "", "right"), Cell("true value", "1", "", "right")
    ]  # fmt: skip
    assert regression.cells(found, [1], exact=True) == [["0.1", None]]
    assert regression.truths(np.array([[0.1]], np.float32), {}) == [0.1]
    assert regression.columns({"target": "t"}, 3)[0] == [Column("predicted_t", "float32")]
    wide = {"target": "t", "affine": {"inputs": [], "outputs": [
        {"name": "t", "key": 0, "offset": 1e9, "scale": 1.0}
    ]}}  # fmt: skip
    assert regression.columns(wide, 3) == (
        [Column("predicted_t", "float64")], Column("true_t", "float64")
    )  # fmt: skip


def test_a_step_of_a_forecast_has_what_is_known_of_it():
    found = forecasting.decoded(np.array([[1, 2], [3, 4]], np.float32), TARGETS, 0)
    [truth, _] = forecasting.truths(np.array([[np.nan, 5], [6, 7]]), TARGETS)
    item = forecasting.prediction("n", [found[0][0]], truth, {})
    assert document(item) == {
        "input": "n", "prediction": {"x": 1.0, "y": 2.0}, "true_value": {"y": 5.0}
    }  # fmt: skip
    assert item.sentence("x, y") == "next: x 1, y 2 (truth: 5)"
    assert [cell[:2] for cell in item.row(known=True)] == [
        ("step", "n"), ("x", "1"), ("truth", ""), ("y", "2"), ("truth", "5")
    ]  # fmt: skip
    assert not forecasting.prediction("n", [found[0][1]], None, {}).is_known


def test_what_changes_a_prediction():
    rows = np.array([[0.6, 0.4], [0.6, 0.4]])
    others = np.array([[0.9, 0.1], [0.4, 0.6]])
    assert classification.changed(rows, others, np.array([0, 1]), CLASSES) == 0.5
    # Of three labels that either gives, one is given by both.
    labels = np.array([[0.9, 0.9, 0.1]]), np.array([[0.9, 0.1, 0.9]])
    assert multilabel.changed(*labels, np.array([[1, 0, 0]]), LABELS) == pytest.approx(2 / 3)
    # The error of the first target is 1, of the second 4; more than half of it counts.
    expected = np.zeros((1, 2, 2))
    truth = np.array([[[1, 4], [-1, np.nan]]])
    others = np.array([[[0.4, 1.9], [0.6, 2.1]]])
    assert forecasting.changed(expected, others, truth, TARGETS) == 0.5
