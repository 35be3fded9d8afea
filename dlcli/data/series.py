"""From a series to a data set: what is forecast from what, and where the splits are cut.

Train, validation and test follow each other in time. What a window forecasts lies in one
split. What it is forecast from may reach back before the beginning of that split, as it would
in use (and as the literature does on the ETT data sets); nothing of a later split is ever seen
in an earlier one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from dlcli.data import DataSet, DataSpec, Split, Splits
from dlcli.errors import DataError
from dlcli.inputs import affine, columns, series, time_columns, times
from dlcli.inputs.affine import Affine, Affines
from dlcli.inputs.forecasts import Forecast, SeriesColumn
from dlcli.inputs.series import Series
from dlcli.inputs.windows import Windows
from dlcli.recipe import overrides
from dlcli.recipe.sections.series import Data, Preprocessing

_SPLITS = ("train", "validation", "test")
_MIN_ROWS = 20  # fewer may count up by chance


def dataset(
    frame: pl.DataFrame,
    shown: str,
    data: Data,
    preprocessing: Preprocessing,
    target: str | None = None,
) -> DataSet:
    """Make a data set of a table in order of time.

    Args:
        target: the column to predict if the recipe names none.

    Raises:
        DataError: a column is missing, a cell does not fit, or there are too few rows.
    """
    time, formats, frequency = series.of_keys(data.model_dump())
    guess: tuple[str, ...] = ()
    if time is None:
        filled = frame.filter(~pl.all_horizontal(pl.all().is_null()))
        time, guess = time_columns.guessed(filled, formats, shown)
    for name in time:
        columns.require(name, frame.columns, shown)
    features, targets, warnings = _roles(frame, time, data, shown, target)
    warnings += guess
    names = tuple(dict.fromkeys((*features, *targets)))
    read = series.of_frame(frame, names, time, shown, formats=formats, frequency=frequency)
    read = series.without_end(series.one_series(read, frame, shown), shown)
    warnings += read.warnings
    if not time:
        warnings.append(
            f"{shown} has no column of times: its rows are taken to be in order, evenly spaced."
        )
    borders = _borders(len(read.rows), data, shown)
    gaps = np.isnan(read.values[: borders[-1]])
    if gaps.any():
        row, column = np.argwhere(gaps)[0]
        place = f"{shown} row {read.rows[row] + 1}: '{names[column]}' is missing"
        if preprocessing.missing == "fail":
            raise DataError(
                f"{place}, and preprocessing.missing is 'fail'.",
                "Fill it in, or choose preprocessing.missing=interpolate.",
            )
        listed = ", ".join(
            f"'{names[each]}' {gaps[:, each].sum():,}" for each in np.flatnonzero(gaps.any(axis=0))
        )
        warnings.append(
            f"values are missing ({listed}); see preprocessing.missing and missing_indicator."
        )
    train = {name: read.column(name)[: borders[1]] for name in names}
    affines = Affines(_affines(features, train), _affines(targets, train))
    if affines:
        warnings.append(affines.sentence())
    forecast = Forecast(
        columns=tuple(_column(name, train[name], shown) for name in features),
        targets=tuple(_column(name, train[name], shown) for name in targets),
        horizon=preprocessing.horizon,
        time=time,
        time_format=read.times.formats,
        frequency=read.frequency,
    )
    if preprocessing.relative_to != "none" and None in forecast.channels:
        lacking = targets[forecast.channels.index(None)]
        raise DataError(
            f"data.features lacks the target '{lacking}', and preprocessing.relative_to is "
            f"'{preprocessing.relative_to}'.",
            "Add it to data.features, or choose preprocessing.relative_to=none.",
        )
    splits = {
        name: windows(read, forecast, affines, preprocessing.steps, begin, end, shown)
        for name, begin, end in zip(_SPLITS, borders, borders[1:], strict=False)
    }
    stride = preprocessing.stride
    splits["train"] = _thinned(splits["train"], stride)
    return DataSet(
        Splits(**splits),
        DataSpec(
            input_shape=(preprocessing.steps, len(features)),
            input_dtype="float32",
            class_names=(),
            fingerprint=_fingerprint(read, affines),
            target=", ".join(targets),
            series=forecast,
            affines=affines,
            warnings=tuple(warnings),
            inferred=_inferred(read),
        ),
    )


def windows(
    read: Series, forecast: Forecast, affines: Affines, steps: int, begin: int, end: int, shown: str
) -> Split:
    """The windows whose forecasts lie within some rows, one for each row that one can begin at.

    Args:
        steps: rows that a forecast is made from.
        begin, end: the rows that are forecast; what they are forecast from may lie before.

    Returns:
        Examples float (steps, channels) and targets float64 (horizon, num_targets), both
        windows of one array in memory, named by the times at which their forecasts begin.

    Raises:
        DataError: there is not one.
    """
    values = affines.stored(_chosen(read, [column.name for column in forecast.columns]))
    truth = _chosen(read, [target.name for target in forecast.targets])
    starts = np.arange(max(begin, steps), end - forecast.horizon + 1) - steps
    # All splits share the windows of the whole series, so that a window is known by its start.
    every = np.arange(max(len(values) - steps - forecast.horizon + 1, 0))
    if not len(starts):
        raise DataError(
            f"{shown} has too few rows: a window takes {steps} steps and forecasts "
            f"{forecast.horizon}, and there are {end - begin:,} rows to forecast.",
            "Choose a smaller preprocessing.steps or preprocessing.horizon, or other shares of the "
            "rows: data.validation_fraction, data.test_fraction.",
        )
    labels = read.written()
    return Split(
        Windows(values, every, steps),
        Windows(truth, every + steps, forecast.horizon),
        starts,
        [labels[start + steps] for start in every],
        affines,
    )


def _thinned(split: Split, stride: int) -> Split:
    return replace(split, rows=split.rows[::stride])


def _chosen(read: Series, names: Sequence[str]) -> np.ndarray:
    return np.stack([read.column(name) for name in names], axis=1)


def _roles(
    frame: pl.DataFrame, time: Sequence[str], data: Data, shown: str, default: str | None
) -> tuple[list[str], list[str], list[str]]:
    """Names of the features and of the targets, and what is to be said of the columns."""
    named = data.target if data.target is not None else default
    targets = [named] if isinstance(named, str) else list(named or ())
    for name in (*targets, *(data.features or ()), *data.exclude):
        columns.require(name, frame.columns, shown)
        if name in time and (len(time) == 1 or name not in (data.features or ())):
            raise DataError(
                f"'{name}' is a column of the times; it is neither a feature nor a target."
            )
    warnings = []
    if data.features is not None:
        features = [name for name in data.features if name not in data.exclude]
    else:
        features = []
        for name in frame.columns:
            if name in time or name in data.exclude:
                continue
            if name not in targets and not _holds_numbers(frame[name]):
                warnings.append(f"the column '{name}' is left out: {_why(frame[name])}.")
            else:
                features.append(name)
        for name in features if len(features) > 1 else ():
            if name not in targets and _grows_evenly(frame[name]):
                ways = [f"leave it out: {overrides.typed('data.exclude', [*data.exclude, name])}"]
                if not time:
                    ways.append(f"name it as the time: {overrides.typed('data.time', name)}")
                warnings.append(
                    f"the column '{name}' grows evenly from row to row and is taken for a quantity "
                    f"like the others; if it is none, {' or '.join(ways)}"
                )
    if not features:
        raise DataError(
            f"{shown} has no column of numbers to predict from: it has "
            f"{columns.names_shown(frame.columns)}.",
            "Give a table with a row for each step and a column of numbers.",
        )
    if not targets:
        targets = ["target"] if "target" in features else list(features)
    return features, targets, warnings


def _holds_numbers(series: pl.Series) -> bool:
    numbers, _ = columns.numbers(series)
    return bool(np.isfinite(numbers).any())


def _why(series: pl.Series) -> str:
    """Give the reason for which a column is left out."""
    if times.is_dated(series):
        return "it holds times, and others are those of the rows"
    if time_columns.is_unread(series):
        cell = series.drop_nulls()[0]
        return f"its cells, such as '{cell}', are no numbers and no times that are understood"
    return "it holds no numbers"


def _grows_evenly(series: pl.Series) -> bool:
    """Tell whether numbers count the rows, or the time from the first one."""
    steps = np.diff(columns.numbers(series)[0])
    return len(steps) >= _MIN_ROWS and bool(steps[0] > 0) and np.allclose(steps, steps[0], 1e-4, 0)


def _borders(num_rows: int, data: Data, shown: str) -> tuple[int, int, int, int]:
    """Where the splits begin, and where the last one ends."""
    if data.split_rows is not None:
        first, second, third = np.cumsum(data.split_rows).tolist()
        if third > num_rows:
            raise DataError(
                f"data.split_rows asks for {third:,} rows; {shown} has {num_rows:,}.",
                "Ask for fewer, or use data.validation_fraction and data.test_fraction.",
            )
        return 0, first, second, third
    num_test = max(round(num_rows * data.test_fraction), 1)
    num_validation = max(round((num_rows - num_test) * data.validation_fraction), 1)
    return 0, num_rows - num_test - num_validation, num_rows - num_test, num_rows


def _column(name: str, values: np.ndarray, shown: str) -> SeriesColumn:
    present = values[~np.isnan(values)]
    if not len(present):
        raise DataError(
            f"the column '{name}' of {shown} has no value in the train split.",
            "Leave it out with data.exclude.",
        )
    if found := affine.fitted(name, 0, present):
        return SeriesColumn(name, found.offset, found.scale)
    return SeriesColumn(name, *affine.mean_and_std(affine.narrow(present)))


def _affines(names: Sequence[str], train: Mapping[str, np.ndarray]) -> tuple[Affine, ...]:
    found = (affine.fitted(name, place, train[name]) for place, name in enumerate(names))
    return tuple(filter(None, found))


def _inferred(read: Series) -> dict[str, Any]:
    """Keys of the `data` section with what was found out, or was given."""
    if not read.time:
        return {"time": ()}
    return {
        "time": series.key(read.time),
        "time_format": series.key(read.times.formats),
        "frequency": read.frequency.words(),
    }


def _fingerprint(read: Series, affines: Affines) -> str:
    written = "\0".join((*read.names, *(read.time or ("",)), *read.times.formats))
    sha256 = hashlib.sha256(written.encode())
    # Of what float32 holds, so that it is that of dlcli 0.1.
    values = read.values if affines else affine.narrow(read.values)
    sha256.update(values.tobytes())
    sha256.update(read.times.values.tobytes())
    return sha256.hexdigest()
