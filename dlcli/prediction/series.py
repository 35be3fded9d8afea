"""Series: what follows the history in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.errors import DataError
from dlcli.events import Events, Warned, ignore
from dlcli.inputs import forecasts, series, tables
from dlcli.inputs.series import Series
from dlcli.prediction.prediction import Prediction


def predict(
    predictor: Predictor, inputs: Sequence[str], events: Events = ignore
) -> Iterator[Prediction]:
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
        contents.pass_on(events)
        given = predictor.metadata.get("set", {})
        read = series.history(contents.frame, forecast, given, source)
        for note in read.warnings:
            events(Warned(note))
        yield from following(predictor, read, source, is_named=len(inputs) > 1)


def following(
    predictor: Predictor, read: Series, source: str, is_named: bool = False
) -> Iterator[Prediction]:
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
    (answer,) = predictor.predict_batch(read.values[None, -num_steps:])
    for time, row in zip(read.following(horizon), answer, strict=True):
        file = {"input": source} if is_named else {}
        name = " ".join([*file.values(), *time.values()])
        yield Prediction(name, cells={**file, **time}, values=_named(row, predictor))


def of_split(
    predictor: Predictor,
    names: Sequence[str],
    answers: np.ndarray,
    targets: np.ndarray,
) -> Iterator[Prediction]:
    """The forecasts of windows of a split, step by step, beside the truth.

    Args:
        predictor: who gave the answers.
        names: of the windows, the times at which their forecasts begin.
        answers: float (num_windows, horizon, num_targets).
        targets: the same of the truth, NaN where it is missing.
    """
    horizon = answers.shape[1]
    for name, steps, truth in zip(names, answers, targets, strict=True):
        for number, (row, true_row) in enumerate(zip(steps, truth, strict=True), 1):
            shown = name if horizon == 1 else f"{name} step {number}"
            cells: dict[str, Any] = {"from": name, "step": number} if horizon > 1 else {}
            yield Prediction(
                shown,
                cells=cells,
                values=_named(row, predictor),
                true_values={
                    key: value
                    for key, value in _named(true_row, predictor).items()
                    if not np.isnan(value)
                },
            )


def _named(row: np.ndarray, predictor: Predictor) -> dict[str, float]:
    # As text a float32 has the digits that it knows, and no others.
    targets = predictor.metadata["forecast"]["targets"]
    return {target["name"]: float(str(value)) for target, value in zip(targets, row, strict=True)}


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
