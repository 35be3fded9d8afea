"""Intervals cover what they are to cover, and differences are told from chance."""

import numpy as np
import pytest

from dlcli.evaluation import bootstrap, classification, regression

RANDOM = np.random.default_rng(7)


def coverage(draw, truth, block=1, num_sets=150):
    held = 0
    for _ in range(num_sets):
        interval = bootstrap.intervals({"loss": draw()}, dict, block, 200)["loss"]
        held += interval.holds(truth)
    return held / num_sets


def test_an_interval_covers_the_truth_as_often_as_it_says():
    # Of 150 sets 142.5 are to be covered, with a deviation of 2.7.
    assert 0.89 <= coverage(lambda: RANDOM.random(150) < 0.8, 0.8) <= 0.99


def test_blocks_cover_windows_that_overlap_where_single_ones_do_not():
    def overlapping():
        return np.convolve(RANDOM.normal(size=419), np.ones(20) / 20, "valid")

    assert coverage(overlapping, 0.0) < 0.6
    assert coverage(overlapping, 0.0, block=40) > 0.82


def test_many_examples_are_grouped_and_spread_as_single_ones():
    values = RANDOM.normal(size=25_001)
    interval = bootstrap.intervals({"loss": values}, dict)["loss"]
    width = 2 * 1.96 * values.std() / np.sqrt(len(values))
    assert interval.high - interval.low == pytest.approx(width, rel=0.15)
    assert interval.holds(values.mean())


@pytest.mark.parametrize(
    ("share", "expected"), [(1.0, (0.05 ** (1 / 30), 1)), (0.0, (0, 1 - 0.05 ** (1 / 30)))]
)
def test_no_mistake_among_few_is_no_certainty(share, expected):
    interval = bootstrap.intervals({"accuracy": np.full(30, share)}, dict)["accuracy"]
    assert (interval.low, interval.high) == pytest.approx(expected)


def test_the_same_seed_gives_the_same_interval():
    terms = {"loss": RANDOM.normal(size=50)}
    assert bootstrap.intervals(terms, dict) == bootstrap.intervals(terms, dict)


def test_equal_models_do_not_differ():
    terms = {"loss": RANDOM.random(80), "accuracy": (RANDOM.random(80) < 0.5).astype(float)}
    found = bootstrap.difference(terms, terms, classification.from_means, "accuracy")
    assert (found.value, found.interval.low, found.interval.high, found.p) == (0, 0, 0, 1)


def test_a_clearly_better_model_differs():
    truth = RANDOM.normal(size=200)
    near, far = (
        regression.terms(truth + size * RANDOM.normal(size=200), truth, {}) for size in (0.5, 1)
    )
    found = bootstrap.difference(near, far, regression.from_means, "rmse")
    assert found.value == pytest.approx(-0.5, abs=0.15)
    assert found.interval.high < 0
    assert found.p < 0.01


def test_a_block_is_as_long_as_windows_overlap():
    assert bootstrap.block_length("image-classification", 1000) == 1
    assert bootstrap.block_length("series-forecasting", 1000, 24) == 24
    assert bootstrap.block_length("series-forecasting", 1000, 1) == 10
    assert bootstrap.block_length("series-forecasting", 5, 24) == 5
    assert bootstrap.block_length("text-generation", 27) == 3
