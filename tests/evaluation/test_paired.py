"""Paired tests are right where the answer is known."""

import numpy as np
import pytest
from scipy import stats

from dlcli.evaluation import classification, forecasting, paired


def terms(right):
    right = np.asarray(right, float)
    return {"accuracy": right, "loss": 1 - right}


def test_equal_answers_differ_by_nothing():
    same = terms([1, 0, 1, 1])
    found = paired.run([same], [same], classification, "accuracy")
    assert (found.method, found.difference, found.p) == ("McNemar", 0, 1)


def test_mcnemar_counts_the_answers_that_only_one_has_right():
    first = terms([1] * 50 + [0] * 12 + [1] * 3)
    second = terms([1] * 50 + [1] * 12 + [0] * 3)
    found = paired.run([first], [second], classification, "accuracy")
    assert (found.only_first, found.only_second) == (3, 12)
    assert found.difference == pytest.approx(9 / 65)
    # Twice the chance of 12 heads or more in 15 throws of a coin.
    assert found.p == pytest.approx(2 * stats.binom.sf(11, 15, 0.5))
    assert found.interval.low > 0


def test_a_difference_of_one_answer_is_chance():
    found = paired.run([terms([1] * 50 + [0])], [terms([1] * 51)], classification, "accuracy")
    assert found.p == 1


def test_mcnemar_is_of_any_share_of_right_answers_and_of_nothing_else():
    class Shares:
        from_means = staticmethod(dict)

    found = paired.run([{"f1": np.ones(9)}], [{"f1": np.zeros(9)}], Shares, "f1")
    assert (found.method, found.only_first) == ("McNemar", 9)
    for metric, values in (("f1", np.full(9, 0.5)), ("rmse", np.ones(9))):
        found = paired.run([{metric: values}], [{metric: values}], Shares, metric)
        assert found.method == "bootstrap"


def test_several_seeds_are_tested_by_their_mean():
    random = np.random.default_rng(0)
    first = [terms(random.random(300) < 0.6) for _ in range(3)]
    second = [terms(random.random(300) < 0.8) for _ in range(3)]
    found = paired.run(first, second, classification, "accuracy")
    assert found.method == "bootstrap"
    assert found.difference == pytest.approx(0.2, abs=0.05)
    assert found.p < 0.01


def test_overlapping_windows_are_drawn_in_blocks():
    random = np.random.default_rng(0)

    def errors(scale):
        squares = np.convolve(scale * random.random(259), np.ones(10) / 10, "valid")
        return {"squares": squares, "distances": squares, "known": np.ones(250)}

    found = paired.run([errors(1)], [errors(0.5)], forecasting, "scaled_mse", block=10)
    assert (found.method, found.block) == ("bootstrap", 10)
    assert found.interval.high < 0


def test_p_of_several_tests_is_raised():
    assert paired.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert paired.holm([0.9]) == [0.9]
    assert paired.holm([0.6, 0.7]) == [1, 1]
