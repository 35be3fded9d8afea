"""A series out of a table: numbers in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import columns, frequencies, time_columns, times
from dlcli.inputs.forecasts import Forecast
from dlcli.inputs.frequencies import Frequency
from dlcli.inputs.time_formats import NUMBER
from dlcli.inputs.times import Times

_SHOWN = 3  # places named in a warning
_DEVIATIONS = 10.0  # standard deviations from the mean; a trend stays below for long


@dataclass(frozen=True)
class Series:
    """Columns of numbers in order of time.

    Args:
        values: float64 (num_rows, num_columns), NaN where a value is missing.
        rows: (num_rows,) int64, where each row stands in the table.
        time: names of the columns of the times, none where the rows are counted.
        times: of the rows; without columns their numbers from 1.
        frequency: how the time of a row follows from that of the row before.
        warnings: what a user should know of the times, in sentences.
    """

    values: np.ndarray
    names: tuple[str, ...]
    rows: np.ndarray
    time: tuple[str, ...]
    times: Times
    frequency: Frequency
    warnings: tuple[str, ...] = ()

    def column(self, name: str) -> np.ndarray:
        """The values of one column, float64 (num_rows,)."""
        values: np.ndarray = self.values[:, self.names.index(name)]
        return values

    def following(self, count: int) -> list[dict[str, str]]:
        """The times after the last row: for each step the cells of the columns of the times."""
        names = self.time or ("row",)
        ahead = self.times.following(self.frequency, count).cells()
        return [dict(zip(names, cells, strict=True)) for cells in ahead]

    def written(self) -> list[str]:
        """The times of the rows, as text."""
        return self.times.written()

    def take(self, places: np.ndarray | slice) -> Series:
        """Some of the rows."""
        return replace(
            self, values=self.values[places], rows=self.rows[places], times=self.times.take(places)
        )

    def noting(self, *notes: str) -> Series:
        """With more warnings."""
        return replace(self, warnings=(*self.warnings, *notes))


def of_frame(
    frame: pl.DataFrame,
    names: Sequence[str],
    time: Sequence[str],
    shown: str,
    *,
    formats: Sequence[str] | None = None,
    preferred: Sequence[str] = (),
    frequency: Frequency | None = None,
) -> Series:
    """Take a series out of a table; rows out of order are sorted by their times.

    Args:
        time: the columns of the times, or none.
        formats: how the times are written, or None to find out.
        preferred: formats that are taken where they fit.
        frequency: from one row to the next, or None to find out.

    Raises:
        DataError: a column is missing, or a cell is no number or no time; it is named.
    """
    taken = []
    for name in names:
        series = columns.named(frame, name, shown)
        numbers, bad = columns.numbers(series)
        if len(bad):
            raise DataError(
                f"{shown} row {bad[0] + 1}: {columns.not_a_number(series, bad[0])}.",
                "Correct it, leave the column out with data.exclude, or add what means 'missing' "
                "to data.missing_values.",
            )
        taken.append(numbers)
    values = np.stack(taken, axis=1)
    if not time:
        return counted(values, names)
    cells = [columns.named(frame, name, shown) for name in time]
    # A row with neither a time nor a value is a blank line.
    rows = np.flatnonzero(
        ~np.isnan(values).all(axis=1)
        | np.any([cell.is_not_null().to_numpy() for cell in cells], axis=0)
    )
    found = times.parse(
        [cell.gather(rows) for cell in cells], formats, shown, preferred=preferred, rows=rows
    )
    notes = list(found.notes)
    between = np.diff(found.values)
    if (between < 0).any():
        listed = "', '".join(time)
        notes.append(
            f"the rows of {shown} run back in '{listed}'; their order is reversed."
            if (between < 0).all()
            else f"the rows of {shown} are not in order of '{listed}'; they are sorted."
        )
        order = np.argsort(found.values, kind="stable")
        rows, found = rows[order], found.take(order)
    if frequency and not found.fits(frequency):
        raise DataError(
            f"data.frequency is '{frequency.words()}', and the times of {shown} are "
            f"{'numbers' if found.is_number else 'dates'}, such as {found.written()[0]}.",
            "Give a number for numbers, such as data.frequency=0.5, and for dates such as "
            "data.frequency='1 day'; or null to find out.",
        )
    return Series(
        values[rows],
        tuple(names),
        rows,
        tuple(time),
        found,
        frequency or found.frequency(),
        tuple(notes),
    )


def counted(values: np.ndarray, names: Sequence[str]) -> Series:
    """A series of rows that have no times: they are counted from 1.

    Args:
        values: float64 (num_rows, num_columns), NaN where a value is missing.
    """
    rows = np.arange(len(values))
    numbers = Times(rows + 1.0, np.zeros(len(rows), np.int64), (NUMBER,))
    return Series(values, tuple(names), rows, (), numbers, Frequency("number", 1.0))


def one_series(read: Series, frame: pl.DataFrame, shown: str) -> Series:
    """See that a table holds one series, and note what is odd about its times.

    Raises:
        DataError: several rows have one time.
    """
    _require_unique(read, frame, shown)
    if read.time and len(gaps := read.times.irregular(read.frequency)):
        read = read.noting(_gaps(read, gaps, shown))
    return read


def history(
    frame: pl.DataFrame, forecast: Forecast, given: Mapping[str, Any], shown: str
) -> Series:
    """Take what a model forecasts from out of a table, up to the last row that has a value.

    Args:
        given: keys of a recipe's `data` section that are given for this table alone.

    Raises:
        DataError: as for `of_frame`; or there is no value at all.
    """
    names = [column.name for column in forecast.columns]
    read = _of_model(frame, names, forecast, given, shown)
    targets = [target.name for target in forecast.targets if target.name in names]
    read = _without_copies(read, shown)
    known = read.take(slice(_end(read, targets or names)))
    if not len(known.rows):
        raise DataError(
            f"{shown} has no value of {columns.names_shown(targets or names)} to forecast from.",
            "Give the rows before those that are to be forecast, with their values.",
        )
    if num_empty := len(read.rows) - len(known.rows):
        first = read.take(slice(len(known.rows), None)).written()[0]
        steps = "step" if forecast.horizon == 1 else "steps"
        known = known.noting(
            f"no value of {columns.names_shown(targets or names)} in the last "
            f"{_rows(range(num_empty))} of {shown}: the forecast begins with the first of them "
            f"({first}) and has {forecast.horizon:,} {steps}."
        )
    return _compared(known, shown) if known.time else known


def known_past(
    frame: pl.DataFrame, forecast: Forecast, given: Mapping[str, Any], shown: str
) -> Series:
    """Take what a model reads and forecasts out of a table, to measure it.

    Raises:
        DataError: as for `of_frame`; or several rows have one time.
    """
    names = dict.fromkeys(column.name for column in (*forecast.columns, *forecast.targets))
    read = _of_model(frame, list(names), forecast, given, shown)
    _require_unique(read, frame, shown)
    read = without_end(read, shown)
    return _compared(read, shown) if read.time else read


def without_end(read: Series, shown: str) -> Series:
    """Leave out the rows at the end of a series that have no value; that is noted."""
    end = _end(read, read.names)
    if end == len(read.rows):
        return read
    return read.take(slice(end)).noting(
        f"no values in the last {_rows(read.rows[end:])} of {shown}; left out."
    )


def of_keys(
    data: Mapping[str, Any],
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, Frequency | None]:
    """The columns of the times, their formats and the frequency of a `data` section.

    Args:
        data: `time` and `time_format` are a text, several texts or None, `frequency` a text or
            None.

    Raises:
        DataError: the frequency is none.
    """
    time, formats = (
        (value,) if isinstance(value, str) else None if value is None else tuple(value)
        for value in (data.get("time"), data.get("time_format"))
    )
    words = data.get("frequency")
    return time, formats, None if words is None else frequencies.parse(str(words))


def key(values: Sequence[str]) -> str | tuple[str, ...]:
    """Names or formats as a `data` section has them: one as a text."""
    return values[0] if len(values) == 1 else tuple(values)


def _require_unique(read: Series, frame: pl.DataFrame, shown: str) -> None:
    values = read.times.values
    if len(np.unique(values)) < len(values):
        raise time_columns.several(frame[read.rows.tolist()], read.time, values, shown)


def _of_model(
    frame: pl.DataFrame,
    names: Sequence[str],
    forecast: Forecast,
    given: Mapping[str, Any],
    shown: str,
) -> Series:
    """`of_frame` with the times of a model, as far as nothing else is given."""
    time, formats, frequency = of_keys(given)
    read = of_frame(
        frame,
        names,
        forecast.time if time is None else time,
        shown,
        formats=formats,
        preferred=forecast.time_format,
        frequency=frequency,
    )
    read = read.noting(*_far(read, forecast, shown))
    return read if frequency else replace(read, frequency=forecast.frequency)


def _far(read: Series, forecast: Forecast, shown: str) -> Iterator[str]:
    """Say of which columns most values are far from those that a model was trained on."""
    for column in forecast.columns:
        values = read.column(column.name)
        values = values[~np.isnan(values)]
        far = values[np.abs(values - column.mean) > _DEVIATIONS * column.std]
        if 2 * len(far) > len(values):
            yield (
                f"{len(far):,} of {len(values):,} values of '{column.name}' in {shown} are far "
                f"from those of the training (mean {column.mean:.6g}, standard deviation "
                f"{column.std:.6g}), such as {far[0]:.6g}: the forecast may be meaningless."
            )


def _end(read: Series, names: Sequence[str]) -> int:
    """The row after the last one that has a value in one of some columns."""
    known = ~np.isnan(np.stack([read.column(name) for name in names], axis=1)).all(axis=1)
    return int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0


def _without_copies(read: Series, shown: str) -> Series:
    """Leave out rows that are copies of another; note times that several other rows have."""
    again = np.flatnonzero(np.diff(read.times.values) == 0) + 1
    if not len(again):
        return read
    is_copy = np.array([
        np.array_equal(read.values[row], read.values[row - 1], equal_nan=True) for row in again
    ])  # fmt: skip
    first = read.take(again[:1]).written()[0]
    if is_copy.all():
        kept = np.setdiff1d(np.arange(len(read.rows)), again)
        return read.take(kept).noting(
            f"{_rows(again)} of {shown} repeat the row before ({first}, ...); left out."
        )
    return read.noting(
        f"{_rows(again)} of {shown} with the time of the row before ({first}, ...) and other "
        "values: if these are several series, the forecast is meaningless. Give one series."
    )


def _compared(read: Series, shown: str) -> Series:
    """Note where rows do not follow each other as those did that a model was trained on."""
    each = np.unique(read.times.values, return_index=True)[1]  # of equal times one
    times, own = read.times.take(each), read.times.frequency()
    gaps = each[times.irregular(read.frequency)]
    if not times.fits(read.frequency) or len(gaps) > (len(each) - 1) / 2:
        found = read.noting(
            f"{shown} has a frequency of {own.words()}; the model was trained with "
            f"{read.frequency.words()}: its forecast may be meaningless."
        )
        return found if times.fits(read.frequency) else replace(found, frequency=own)
    return read.noting(_gaps(read, gaps, shown)) if len(gaps) else read


def _gaps(read: Series, places: np.ndarray, shown: str) -> str:
    """What to say of rows that do not follow the row before."""
    listed = ", ".join(read.take(places[:_SHOWN]).written())
    more = ", ..." if len(places) > _SHOWN else ""
    names = "', '".join(read.time)
    if len(places) > (len(read.rows) - 1) / 2:
        return (
            f"the rows of {shown} are not evenly spaced in '{names}' ({_rows(places)} do not "
            f"follow the row before by {read.frequency.words()}), and are taken as if they were. "
            "Average them over equal times if the distances matter."
        )
    return (
        f"{_rows(places)} of {shown} {'does' if len(places) == 1 else 'do'} not follow the row "
        f"before by {read.frequency.words()}, as the others do ({listed}{more}); all are taken as "
        f"evenly spaced. Where rows are missing, add them with '{names}' alone."
    )


def _rows(places: Sequence[int] | np.ndarray) -> str:
    """How many rows there are, in words."""
    return f"{len(places):,} {'row' if len(places) == 1 else 'rows'}"
