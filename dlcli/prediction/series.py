"""Series: what follows the history in a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import forecasts, series, tables
from dlcli.inputs.series import Series
from dlcli.prediction import protocols
from dlcli.prediction.answers import module_of
from dlcli.prediction.protocols import Predicted


def predict(
    predictor: Predictor, inputs: Sequence[str], events: Events = ignore
) -> Iterator[Predicted]:
    """Forecast the steps that follow each history, one prediction a step, in the order given.

    Files have a row a step, of which the last ones count; "-" is a CSV table on standard input.
    """
    forecast = forecasts.from_metadata(predictor.metadata["forecast"])
    for source in inputs:
        path = Path("/dev/stdin" if source == "-" else source)
        contents = tables.read(
            path, **tables.number_reading_for(predictor.metadata), keep_empty=True
        )
        warn(events, contents.notes)
        given = predictor.metadata.get("set", {})
        read = series.history(contents.frame, forecast, given, source)
        warn(events, read.warnings)
        yield from following(predictor, read, source, is_named=len(inputs) > 1)


def following(
    predictor: Predictor, read: Series, source: str, is_named: bool = False
) -> Iterator[Predicted]:
    """Forecast the steps that follow a history.

    Args:
        read: the history, of which the last rows count.
        is_named: whether the answers name it too.

    Raises:
        DataError: the history is too short, or values are missing and may not be.
    """
    form, horizon = predictor.metadata["input"], predictor.metadata["forecast"]["horizon"]
    num_steps = form["shape"][0]
    if len(read.rows) < num_steps:
        raise DataError(
            f"{source} has {len(read.rows):,} rows; the model forecasts from {num_steps:,}.",
            "Give a longer history.",
        )
    if form["missing"] == "fail":
        _check_complete(read, num_steps, source)
    (rows,) = predictor.predict_batch(read.values[None, -num_steps:])
    file = {"input": source} if is_named else {}
    times = [{**file, **time} for time in read.following(horizon)]
    yield from _steps(predictor, [" ".join(each.values()) for each in times], rows, times)


def of_split(
    predictor: Predictor,
    names: Sequence[str],
    answers: np.ndarray,
    targets: np.ndarray,
) -> Iterator[Predicted]:
    """The forecasts of windows of a split, step by step; `names` are the times they begin at."""
    horizon = answers.shape[1]
    for name, rows, truth in zip(names, answers, targets, strict=True):
        steps = range(1, horizon + 1)
        shown = [name] if horizon == 1 else [f"{name} step {step}" for step in steps]
        cells = [{"from": name, "step": step} if horizon > 1 else {} for step in steps]
        yield from _steps(predictor, shown, rows, cells, truth)


def _steps(
    predictor: Predictor,
    names: Sequence[str],
    rows: np.ndarray,
    cells: Sequence[Mapping[str, Any]],
    truth: np.ndarray | None = None,
) -> Iterator[Predicted]:
    """The predictions of consecutive steps, (num_steps, num_targets)."""
    module: protocols.StepPredictions = module_of(predictor.metadata)
    found = module.decoded(rows, predictor.metadata, 0)
    truths = [None] * len(names) if truth is None else module.truths(truth, predictor.metadata)
    for place, (name, true, given) in enumerate(zip(names, truths, cells, strict=True)):
        yield module.prediction(name, [each[place] for each in found], true, given)


def _check_complete(read: Series, num_steps: int, source: str) -> None:
    gaps = np.argwhere(np.isnan(read.values[-num_steps:]))
    if len(gaps):
        row, column = gaps[0]
        place = read.rows[len(read.rows) - num_steps + row] + 1
        raise DataError(
            f"{source} row {place}: '{read.names[column]}' is missing, and the model was trained "
            "with preprocessing.missing=fail.",
            "Fill it in.",
        )
