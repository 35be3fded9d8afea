"""The simple models of series: what they know lies before the forecast."""

import numpy as np
import polars as pl
import pytest

from dlcli import baselines, preprocessing
from dlcli.baselines.sequence import _nearest
from dlcli.baselines.series import find_period
from dlcli.data import series
from dlcli.recipe import schema


def made(values, *overrides):
    loaded = schema.load("series-lstm", ["preprocessing.steps=6", *overrides])
    dataset = series.dataset(pl.DataFrame(values), "made", loaded.data, loaded.preprocessing)
    preprocessor = preprocessing.adapt(loaded, dataset.splits.train, dataset.spec)

    def numbers(split):
        return preprocessing.numbers(loaded, split, preprocessor)

    return dataset, dict(baselines.answers(loaded, dataset, numbers))


def waves(num_rows=240):
    steps = np.arange(num_rows)
    noise = np.random.default_rng(0).normal(0, 0.05, num_rows)
    return 50 + 10 * np.sin(2 * np.pi * steps / 12) + 0.1 * steps + noise


def test_no_change_and_the_same_as_a_period_ago():
    values = waves()
    _, answers = made({"x": values}, "preprocessing.horizon=15")
    first = 192  # of 240 rows, the last fifth is the test split
    assert answers["last value"].shape == (34, 15, 1)
    assert np.allclose(answers["last value"][0], values[first - 1], atol=1e-4)
    period = answers["12 steps before"][0, :, 0]
    assert np.allclose(period[:12], values[first - 12 : first], atol=1e-4)
    assert np.allclose(period[12:], values[first - 12 : first - 9], atol=1e-4)
    assert list(answers) == ["last value", "12 steps before", "linear model"]


def test_the_linear_model_answers_in_original_units_and_finds_what_is_linear():
    values = {"x": 1000 + waves(), "y": np.arange(240) * 2.0}
    dataset, answers = made(values, "preprocessing.horizon=2")
    truth = dataset.splits.test.targets[dataset.splits.test.rows]
    errors = np.abs(answers["linear model"] - truth)
    assert errors[:, :, 0].max() < 1
    assert errors[:, :, 1].max() < 0.5


@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_a_target_whose_past_is_not_read_is_predicted_from_the_rest(scaling):
    x = np.random.default_rng(0).normal(size=300)
    options = ("data.target=y", "data.features=[x]", f"preprocessing.scaling={scaling}")
    dataset, answers = made({"x": x, "y": np.roll(3 * x + 7, 1)}, *options)
    truth = dataset.splits.test.targets[dataset.splits.test.rows]
    assert np.abs(answers["linear model"] - truth).max() < 0.3


def test_gaps_do_not_reach_the_answers():
    values = waves()
    values[[20, 100, 191, 230]] = np.nan
    _, answers = made({"x": values})
    assert all(np.isfinite(each).all() for each in answers.values())
    assert answers["last value"][0, 0, 0] == pytest.approx(values[190], abs=1e-4)


def test_the_test_part_changes_no_answer_to_its_first_window():
    values = waves()
    changed = values.copy()
    changed[193:] += 1000
    (_, before), (_, after) = made({"x": values}), made({"x": changed})
    assert list(before) == list(after)
    for name, answers in before.items():
        assert np.array_equal(answers[0], after[name][0]), name


@pytest.mark.parametrize(("period", "noise"), [(12, 0.1), (7, 0.5), (24, 0.3)])
def test_a_period_is_found_whatever_the_trend(period, noise):
    steps = np.arange(period * 15)
    random = np.random.default_rng(0)
    shape = random.normal(size=period)[steps % period]
    values = shape + noise * random.normal(size=len(steps)) + 0.05 * steps
    assert find_period(values[:, None]) == period


def test_noise_a_trend_and_a_constant_have_no_period():
    random = np.random.default_rng(0)
    assert find_period(random.normal(size=(200, 1))) == 0
    assert find_period(np.arange(200.0)[:, None]) == 0
    assert find_period(np.ones((200, 1))) == 0
    assert find_period(np.cumsum(random.normal(size=(200, 1)), axis=0)[:4]) == 0


def test_the_nearest_neighbour_counts_the_steps_that_both_have():
    nan = np.nan
    known = np.array([[1, 1, nan], [5, 5, 5], [9, nan, 9]], np.float32)[:, :, None]
    asked = np.array([[1, nan, nan], [nan, 5, 6], [nan, nan, 8]], np.float32)[:, :, None]
    assert _nearest(known, asked).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("offset", "scale"), [(0, 1e-9), (1e9, 1), (0, 1e25), (1e12, 1)])
def test_offset_and_scale_change_nothing(offset, scale):
    options = ("preprocessing.horizon=2",)
    plain, others = (
        made({"x": values}, *options) for values in (waves(), offset + scale * waves())
    )
    truth = plain[0].splits.test.targets[plain[0].splits.test.rows]
    assert list(others[1]) == list(plain[1])
    for name, answers in plain[1].items():
        found = (others[1][name] - offset) / scale
        assert np.abs(found - answers).max() < 1e-3 * truth.std(), name
