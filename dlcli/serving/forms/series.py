"""A history, and the forecast that follows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.events import Events
from dlcli.inputs import forecasts, frequencies, series, tables
from dlcli.inputs.forecasts import Forecast
from dlcli.inputs.series import Series
from dlcli.prediction import series as of_series
from dlcli.prediction.protocols import Predicted
from dlcli.serving import forms, values


def page(document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
    """Its form, with the columns and the times."""
    form, forecast = document["input"], forecasts.from_metadata(document["forecast"])
    targets = ", ".join(each.name for each in forecast.targets)
    steps = "step" if forecast.horizon == 1 else "steps"
    words = frequencies.from_metadata(document["forecast"]).words()
    each = f", {words} each" if forecast.time else ""
    return {
        "form": "history",
        "does": f"Forecasts {targets} {forecast.horizon} {steps} ahead{each}.",
        "examples": forms.examples_of_values(*form["shape"]),
        "steps": form["shape"][0],
        "horizon": forecast.horizon,
        "columns": len(forecast.columns),
        "time": forecast.time_label,
        "header": [*forecast.time, *(column.name for column in forecast.columns)],
    }


def predict_values(
    predictor: Predictor, given: Sequence[Any], top_k: int, events: Events
) -> tuple[Iterator[Predicted], dict[str, Any]]:
    """The steps that follow a history of numbers, and the end of the history."""
    forecast = forecasts.from_metadata(predictor.metadata["forecast"])
    names = [column.name for column in forecast.columns]
    read = series.counted(values.steps(given, names, "columns"), names)
    end = _end(read, forecast, predictor.metadata["input"]["shape"][0])
    return of_series.following(predictor, read, values.NAME), {"label": "row", **end}


def history(path: Path, document: Mapping[str, Any]) -> dict[str, Any]:
    """The end of a series that a forecast follows: its times, and the values of its targets."""
    forecast = forecasts.from_metadata(document["forecast"])
    frame = tables.read(path, **tables.number_reading_for(document), keep_empty=True).frame
    read = series.history(frame, forecast, document.get("set", {}), path.name)
    return _end(read, forecast, document["input"]["shape"][0])


def _end(read: Series, forecast: Forecast, num_steps: int) -> dict[str, Any]:
    """The last steps of a series: their times, and the values of the targets."""
    last = slice(-num_steps, None)
    known = {
        target.name: [
            None if np.isnan(value) else float(str(value))
            for value in read.column(target.name)[last]
        ]
        for target in forecast.targets
        if target.name in read.names
    }
    return {"times": read.written()[last], "values": known}
