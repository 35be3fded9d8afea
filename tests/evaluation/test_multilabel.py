"""Measures of several classes at once, against scikit-learn, and the thresholds they go by."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from dlcli.evaluation import bootstrap, multilabel, paired

NUM_CLASSES = 4


@pytest.fixture
def answers():
    random = np.random.default_rng(0)
    truth = (random.random((120, NUM_CLASSES)) < [0.5, 0.3, 0.1, 0]).astype(np.uint8)
    noisy = 0.5 * truth + 0.6 * random.random(truth.shape) - 0.05
    # With ties, and with certainty.
    probabilities = np.round(np.clip(noisy, 0, 1), 2).astype(np.float32)
    document = {
        "class_names": ["a", "b", "c", "never"],
        "thresholds": [0.4, 0.5, 0.6, 2.0],
    }
    return probabilities, truth, document


def test_figures_are_those_of_scikit_learn(answers):
    probabilities, truth, document = answers
    found = multilabel.measure(*answers)
    predicted = probabilities >= document["thresholds"]
    for average in ("macro", "micro"):
        expected = metrics.f1_score(truth, predicted, average=average, zero_division=np.nan)
        assert found[f"{average}_f1"] == pytest.approx(expected)
    assert found["exact_match"] == pytest.approx(metrics.accuracy_score(truth, predicted))
    seen, known = truth[:, :3], probabilities[:, :3]
    expected = metrics.average_precision_score(seen, known)
    assert found["mean_average_precision"] == pytest.approx(expected)
    clipped = np.clip(probabilities.astype(float), 1e-7, 1 - 1e-7)
    assert found["loss"] == pytest.approx(metrics.log_loss(truth.ravel(), clipped.ravel()))
    each = metrics.precision_recall_fscore_support(truth, predicted, zero_division=0)
    for index, row in enumerate(found["per_class"][:3]):
        names = ("precision", "recall", "f1", "examples")
        assert [row[name] for name in names] == pytest.approx([values[index] for values in each])
        one = metrics.average_precision_score(truth[:, index], probabilities[:, index])
        assert row["average_precision"] == pytest.approx(one)


def test_a_class_that_neither_occurs_nor_is_predicted_has_no_figures(answers):
    never = multilabel.measure(*answers)["per_class"][3]
    assert never == {
        "class": "never", "precision": None, "recall": None, "f1": None,
        "average_precision": None, "threshold": 2.0, "examples": 0,
    }  # fmt: skip


def test_without_any_label_f1_is_0():
    document = {"class_names": ["a"], "thresholds": [0.5]}
    found = multilabel.measure(np.zeros((2, 1), np.float32), np.zeros((2, 1), np.uint8), document)
    assert found["macro_f1"] == found["micro_f1"] == 0
    assert found["mean_average_precision"] is None
    assert found["exact_match"] == 1.0


def test_parts_without_any_label_have_no_f1_and_no_interval():
    document = {"class_names": ["a"], "thresholds": [0.5]}
    nothing = multilabel.terms(np.zeros((2, 1)), np.zeros((2, 1), np.uint8), document)
    found = multilabel.from_means({name: values.mean(axis=0) for name, values in nothing.items()})
    assert np.isnan(found["macro_f1"])
    assert np.isnan(found["micro_f1"])
    assert "macro_f1" not in bootstrap.intervals(nothing, multilabel.from_means)
    alike = bootstrap.difference(nothing, nothing, multilabel.from_means, "macro_f1")
    assert (alike.value, alike.interval, alike.p) == (0, bootstrap.Interval(0, 0), 1)


def test_a_draw_without_any_label_leaves_the_interval_as_it_is():
    document = {"class_names": ["a"], "thresholds": [0.5]}
    truth = np.array([[1], [0], [0]], np.uint8)
    terms = multilabel.terms(truth.astype(np.float32), truth, document)
    interval = bootstrap.intervals(terms, multilabel.from_means)["macro_f1"]
    assert interval == bootstrap.Interval(1, 1)


def test_figures_are_made_of_means_of_terms(answers):
    terms, found = multilabel.terms(*answers), multilabel.measure(*answers)
    means = {name: values.mean(axis=0) for name, values in terms.items()}
    for name, value in multilabel.from_means(means).items():
        assert float(value) == pytest.approx(found[name])
    assert "mean_average_precision" not in multilabel.from_means(means)
    drawn = multilabel.from_means(bootstrap.means(terms, num_resamples=5))
    assert all(np.shape(values) == (5,) for values in drawn.values())


def test_intervals_hold_the_figures_and_do_not_depend_on_how_means_are_computed(
    answers, monkeypatch
):
    terms, found = multilabel.terms(*answers), multilabel.measure(*answers)
    intervals = bootstrap.intervals(terms, multilabel.from_means)
    assert set(intervals) == {"loss", "exact_match", "macro_f1", "micro_f1"}
    assert all(interval.holds(found[name]) for name, interval in intervals.items())
    monkeypatch.setattr(bootstrap, "_MANY_TERMS", 1)
    others = bootstrap.intervals(terms, multilabel.from_means)
    for name, interval in others.items():
        assert interval.low == pytest.approx(intervals[name].low, abs=1e-12)
        assert interval.high == pytest.approx(intervals[name].high, abs=1e-12)


def test_models_are_compared_by_the_paired_bootstrap(answers):
    probabilities, truth, document = answers
    first = multilabel.terms(probabilities, truth, document)
    second = multilabel.terms(truth.astype(np.float32), truth, document)
    test = paired.run([first], [second], multilabel, "macro_f1")
    assert test.method == "bootstrap"
    assert test.difference > 0.1
    assert test.p < 0.01
    exact = paired.run([first], [second], multilabel, "exact_match")
    assert exact.method == "McNemar"


def brute_force(probability, is_true):
    """The largest F1 of any threshold."""
    cuts = [0.0, *(np.unique(probability) + 1e-9)]
    return max(metrics.f1_score(is_true, probability > cut, zero_division=0) for cut in cuts)


def test_thresholds_have_the_largest_f1(answers):
    probabilities, truth, _ = answers
    found = multilabel.decide(probabilities, truth)["thresholds"]
    assert all(isinstance(each, float) for each in found)
    for index in range(3):
        predicted = probabilities[:, index] >= found[index]
        f1 = metrics.f1_score(truth[:, index], predicted)
        assert f1 == pytest.approx(brute_force(probabilities[:, index], truth[:, index]))
        # Between two probabilities, so that rounding changes no prediction.
        assert np.abs(probabilities[:, index] - found[index]).min() > 1e-3
    assert found[3] == 0.5


def test_of_thresholds_that_are_as_good_the_one_nearest_to_a_half_is_taken():
    probabilities = np.array([[0.9], [0.8], [0.4], [0.3]], np.float32)
    # 1 of 1 and 1 missed, or 2 of 4: both have an F1 of 2/3.
    truth = np.array([[1], [0], [0], [1]], np.uint8)
    assert multilabel.decide(probabilities, truth)["thresholds"] == [pytest.approx(0.85)]
    both = np.array([[1], [1], [0], [0]], np.uint8)
    assert multilabel.decide(probabilities, both)["thresholds"] == [pytest.approx(0.6)]
    every = np.ones((4, 1), np.uint8)
    assert multilabel.decide(probabilities, every)["thresholds"] == [pytest.approx(0.15)]


def test_without_examples_thresholds_are_one_half():
    nothing = np.empty((0, 2), np.float32)
    assert multilabel.decide(nothing, nothing) == {"thresholds": [0.5, 0.5]}


def test_figures_of_classes_are_drawn(answers, tmp_path):
    probabilities, truth, document = answers
    names = {**document, "class_names": ["a", "$b$", "_c", "猫" * 60]}
    measured = multilabel.measure(probabilities, truth, names)
    drawn = list(multilabel.draw(measured, probabilities, truth, names, tmp_path, str))
    assert [tag for tag, _ in drawn] == ["classes"]
    assert drawn[0][1].stat().st_size > 5_000


def test_what_a_run_keeps_is_small_where_there_is_much(answers, monkeypatch):
    probabilities, truth, _ = answers
    assert set(multilabel.stored(probabilities, truth)) == {"truth", "probabilities"}
    monkeypatch.setattr(multilabel, "MAX_STORED", 10)
    assert set(multilabel.stored(probabilities, truth)) == {"truth"}
