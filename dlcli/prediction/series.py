"""Series: what follows the history in a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import forecasts, series, tables
from dlcli.inputs.series import Series
from dlcli.prediction.answers import module_of

if TYPE_CHECKING:
    from dlcli.outputs import protocols
    from dlcli.outputs.protocols import Predicted


def predict(
    predictor: Predictor, inputs: Sequence[str], events: Events = ignore
) -> Iterator[Predicted]:
    """Forecast the steps that follow each history, in the order given.

    Args:
        predictor: a predictor of series.
        inputs: files with a row a step, of which the last ones count; or "-" for a CSV table
            on standard input.
        events: told what a user should know of how the inputs were read.

    Yields:
        One prediction a step, with the time that it is for.

    Raises:
        DataError: a table cannot be read, lacks a column that the model reads, or is too short.
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
        predictor: a predictor of series.
        read: the history, of which the last rows count.
        source: what to call it in an error.
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
    """The forecasts of windows of a split, step by step, beside the truth.

    Args:
        predictor: who gave the answers.
        names: of the windows, the times at which their forecasts begin.
        answers: float (num_windows, horizon, num_targets).
        targets: the same of the truth, NaN where it is missing.
    """
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
