"""Forecasts are measured on both scales, and drawn."""

import json

import numpy as np
import pytest

from dlcli.evaluation import forecasting
from dlcli.inputs import forecasts
from dlcli.inputs.forecasts import Forecast, SeriesColumn
from dlcli.inputs.frequencies import Frequency

A, B = SeriesColumn("a", 10.0, 2.0), SeriesColumn("负荷", 0.0, 0.5)


def metadata(*targets, horizon=2):
    forecast = Forecast(targets, targets, horizon, ("time",), ("%Y-%m",), Frequency("month", 1))
    return {"forecast": json.loads(json.dumps(forecast.document()))}


def test_a_forecast_survives_its_metadata():
    frequency = Frequency("month", 12, (31,))
    forecast = Forecast((A, B), (B,), 3, ("y", "m"), ("%Y", "%m"), frequency)
    document = json.loads(json.dumps(forecast.document()))
    assert forecasts.from_metadata(document) == forecast
    assert forecast.channels == (1,)


@pytest.mark.parametrize(
    ("time_format", "step", "words"),
    [
        ("%Y-%m", {"months": 1, "size": 0.0, "last_days": True}, "1 month on last day"),
        ("%Y-%m", {"months": 3, "size": 0.0, "last_days": False}, "3 months"),
        ("%Y-%m-%d", {"months": 0, "size": 86_400_000_000.0, "last_days": False}, "1 day"),
        ("number", {"months": 0, "size": 0.5, "last_days": False}, "0.5"),
    ],
)
def test_a_forecast_of_0_1_is_read(time_format, step, words):
    document = {"columns": [], "targets": [], "horizon": 1, "time": "day", "step": step}
    found = forecasts.from_metadata({**document, "time_format": time_format})
    assert (found.time, found.time_format) == (("day",), (time_format,))
    assert found.frequency.words() == words


def test_errors_are_scaled_by_the_train_split_and_given_in_units():
    targets = np.zeros((2, 2, 2))
    answers = np.array([[[2.0, 0.5], [0, 0]], [[0, 0], [4, 0]]])
    measured = forecasting.measure(answers, targets, metadata(A, B))
    assert measured["examples"] == 2
    assert measured["scaled_mse"] == pytest.approx((1 + 1 + 4) / 8)
    assert measured["scaled_mae"] == pytest.approx((1 + 1 + 2) / 8)
    assert measured["per_step"] == pytest.approx([2 / 4, 4 / 4])
    first, second = measured["per_target"]
    assert first == pytest.approx(
        {"target": "a", "rmse": np.sqrt(20 / 4), "mae": 1.5, "scaled_mse": 1.25,
         "scaled_mae": 0.75}
    )  # fmt: skip
    assert second["target"] == "负荷"
    assert "rmse" not in measured  # units differ


def test_a_single_target_has_its_figures_in_its_units():
    measured = forecasting.measure(np.full((3, 1, 1), 4.0), np.zeros((3, 1, 1)), metadata(A))
    assert (measured["rmse"], measured["mae"], measured["scaled_mse"]) == (4, 4, 4)


def test_what_is_missing_does_not_count():
    targets = np.array([[[0.0], [np.nan]], [[np.nan], [np.nan]]])
    measured = forecasting.measure(np.ones((2, 2, 1)), targets, metadata(A))
    assert measured["rmse"] == 1
    assert measured["per_step"] == [0.25, None]


@pytest.mark.parametrize("horizon", [1, 5])
def test_forecasts_are_drawn_beside_the_truth(tmp_path, horizon):
    random = np.random.default_rng(0)
    series = random.normal(size=(40, 2))
    starts = np.arange(40 - horizon + 1)
    targets = series[starts[:, None] + np.arange(horizon)]
    answers = targets + 0.1
    document = metadata(A, B, horizon=horizon)
    measured = forecasting.measure(answers, targets, document)
    drawn = dict(forecasting.draw(measured, answers, targets, document, tmp_path, "2024-{}".format))
    expected = {"forecast"} | ({"error_by_step"} if horizon > 1 else set())
    assert set(drawn) == expected
    assert all(path.stat().st_size > 5000 for path in drawn.values())
