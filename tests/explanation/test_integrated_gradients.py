import numpy as np
import pytest

from dlcli.explanation import examples, explain
from dlcli.explanation.integrated_gradients import integrate
from dlcli.explanation.subject import Subject


def test_of_a_linear_model_each_value_is_weight_times_difference():
    weights = np.array([2.0, -1.0, 0.5])
    found = integrate(
        lambda points: (points @ weights + 3, np.tile(weights, (len(points), 1))),
        np.array([1.0, 4.0, 2.0], np.float32),
        np.array([0.0, 1.0, 0.0], np.float32),
    )
    assert found.values == pytest.approx([2, -3, 1])
    assert (found.score, found.reference_score) == (2, 2)
    assert found.gap == pytest.approx(0, abs=1e-12)


def test_a_score_that_jumps_is_followed_to_where_it_jumps():
    # All of the rise is within some 1e-4 of the way: equally spaced points never meet it.
    def step(points):
        inner = 1e5 * (points.astype(np.float64).sum(axis=1) - 0.3)
        score = 0.5 * (1 + np.tanh(inner))
        return score, np.repeat(0.5e5 / np.cosh(np.clip(inner, -300, 300))[:, None] ** 2, 2, 1)

    found = integrate(step, np.array([0.75, 0.25]), np.zeros(2))
    assert found.values == pytest.approx([0.75, 0.25], abs=0.01)
    assert found.num_points < 600


def test_what_is_missing_on_both_sides_counts_nothing():
    def total(points):
        return np.nan_to_num(points).sum(axis=1), np.where(np.isnan(points), 0.0, 1.0)

    found = integrate(total, np.array([2.0, np.nan]), np.array([0.0, np.nan]))
    assert found.values.tolist() == pytest.approx([2.0, 0.0])


def test_of_a_linear_regression_of_a_table_they_are_the_weights_times_the_features(made):
    predictor, split = made("table-regression", "linear", "preprocessing.missing=indicator")
    typical = {"age": np.float32(2), "town": "Ulm"}
    subject = Subject(predictor, typical, "the train split")
    item = next(examples.of_split(predictor, split))
    result = explain.explain(subject, [item], ["integrated-gradients"])
    (attribution,) = result.explanations[0].attributions
    core, preprocessor = subject.network.core, subject.network.preprocessor
    kernel, _ = core.get_layer("score").get_weights()
    usual = subject.network.numbers(
        {"age": np.array([2], np.float32), "town": np.array(["Ulm"], object)}
    )
    by_feature = (subject.network.numbers(item.raw) - usual)[0] * kernel[:, 0] * 2.0
    # The number, its indicator, the commonest town, and all others.
    assert preprocessor.output.shape[1] == 4
    expected = [by_feature[:2].sum(), by_feature[2:].sum()]
    assert attribution.values == pytest.approx(expected, rel=1e-4)
    assert attribution.values.sum() == pytest.approx(
        attribution.score - attribution.reference_score, rel=1e-4
    )
