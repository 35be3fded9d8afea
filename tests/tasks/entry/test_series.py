"""A level that is taken off a window comes back in its forecast."""

import keras
import numpy as np
import pytest

from dlcli.data import DataSpec
from dlcli.inputs.forecasts import Forecast, SeriesColumn
from dlcli.inputs.frequencies import Frequency
from dlcli.recipe.sections.series import Preprocessing
from dlcli.tasks.entry import series

COLUMNS = (SeriesColumn("load", 5.0, 2.0), SeriesColumn("wind", -1.0, 0.5))
# What is forecast is the second column.
FORECAST = Forecast(COLUMNS, COLUMNS[1:], 2, ("time",), ("number",), Frequency("number", 1))
SPEC = DataSpec((3, 2), "float32", (), "", series=FORECAST)
WINDOWS = np.random.default_rng(0).normal(size=(4, 3, 2)).astype(np.float32)


def enter(numbers, **keys):
    inputs = keras.Input((3, 2))
    preprocessor = keras.Model(inputs, keras.layers.Identity()(inputs))
    return series.enter(
        numbers, preprocessor=preprocessor, spec=SPEC, preprocessing=Preprocessing(**keys)
    )


@pytest.mark.parametrize(
    ("relative_to", "level"),
    [("last", WINDOWS[:, -1:]), ("mean", WINDOWS.mean(axis=1, keepdims=True))],
)
def test_windows_are_relative_and_their_indicators_are_not(relative_to, level):
    indicators = np.ones((4, 3, 2), np.float32)
    numbers = np.concatenate([WINDOWS, indicators], axis=2)
    features = np.array(enter(numbers, relative_to=relative_to).features)
    assert np.allclose(features, np.concatenate([WINDOWS - level, indicators], axis=2), atol=1e-6)


def test_a_network_that_gives_the_mean_forecasts_the_last_value():
    means = np.full((4, 2, 1), -1.0, np.float32)
    of_scores = np.array(enter(WINDOWS, relative_to="last").leave(means))
    assert np.allclose(of_scores, -1 + 0.5 * WINDOWS[:, -1:, 1:], atol=1e-6)
    in_units = np.array(enter(WINDOWS, relative_to="last", scaling="none").leave(means))
    assert np.allclose(in_units, np.repeat(WINDOWS[:, -1:, 1:], 2, axis=1), atol=1e-6)


def test_without_a_level_nothing_changes():
    entered = enter(WINDOWS)
    assert entered.features is WINDOWS
    assert entered.leave(WINDOWS) is WINDOWS
