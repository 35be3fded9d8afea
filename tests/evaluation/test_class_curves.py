"""Curves of classes, against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from dlcli.evaluation import class_curves


@pytest.fixture
def answers():
    generator = np.random.default_rng(0)
    truth = generator.random(200) < 0.3
    # With ties, which are one threshold.
    return truth, np.round(np.clip(truth * 0.3 + generator.random(200) * 0.7, 0, 1), 2)


def test_areas_are_those_of_scikit_learn(answers):
    truth, probability = answers
    area = class_curves.area(*class_curves.roc(truth, probability))
    assert area == pytest.approx(metrics.roc_auc_score(truth, probability))
    mean = class_curves.average_precision(*class_curves.precision_recall(truth, probability))
    assert mean == pytest.approx(metrics.average_precision_score(truth, probability))


def test_the_mean_precision_of_perfect_answers_is_exactly_1():
    # As a sum of steps of the recall it may be just below, which is shown as 99.9 %.
    for count in range(1, 60):
        truth, probability = np.arange(2 * count) < count, -np.arange(2 * count) / 200
        curve = class_curves.precision_recall(truth, probability)
        assert class_curves.average_precision(*curve) == 1


@pytest.mark.parametrize("num_classes", [2, 3, 30, 300])
def test_curves_are_drawn_also_of_classes_without_examples(tmp_path, num_classes):
    generator = np.random.default_rng(1)
    probabilities = generator.dirichlet(np.ones(num_classes), 40).astype(np.float32)
    truth = np.eye(num_classes, dtype=bool)[generator.integers(0, max(num_classes - 1, 2), 40)]
    names = [f"class {number}" for number in range(num_classes)]
    path = tmp_path / "curves.png"
    class_curves.draw(probabilities, truth, names, path)
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize("names", [["_a", "$b$"], ["only one"]])
def test_names_are_no_formulas_and_a_split_of_one_class_has_no_curve(tmp_path, names):
    probabilities = np.full((3, len(names)), 1 / len(names), np.float32)
    path = tmp_path / "curves.png"
    class_curves.draw(probabilities, np.eye(len(names), dtype=bool)[[0] * 3], names, path)
    assert path.stat().st_size > 5_000


def test_of_very_many_answers_some_examples_stand_for_all(tmp_path, monkeypatch):
    monkeypatch.setattr(class_curves, "_MAX_ANSWERS", 300)
    seen = []
    real = class_curves.roc
    monkeypatch.setattr(
        class_curves, "roc", lambda *given: seen.append(len(given[0])) or real(*given)
    )
    probabilities = np.random.default_rng(1).dirichlet(np.ones(3), 1000).astype(np.float32)
    truth = np.eye(3, dtype=bool)[np.arange(1000) % 3]
    class_curves.draw(probabilities, truth, ["a", "b", "c"], tmp_path / "curves.png")
    assert max(seen) <= 300
