"""A series out of a table: numbers in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import columns, times
from dlcli.inputs.times import Step

_SHOWN = 3  # places named in a warning


@dataclass(frozen=True)
class Series:
    """Columns of numbers in order of time.

    Args:
        values: float64 (num_rows, num_columns), NaN where a value is missing.
        names: of the columns.
        rows: (num_rows,) int64, where each row stands in the table.
        time: name of the column of the times, or "".
        times: (num_rows,) see `dlcli.inputs.times.parse`; without a column the rows' numbers.
        time_format: how to write them.
        step: from one row to the next.
        warnings: what is odd about the times, in sentences.
    """

    values: np.ndarray
    names: tuple[str, ...]
    rows: np.ndarray
    time: str
    times: np.ndarray
    time_format: str
    step: Step
    warnings: tuple[str, ...]

    def column(self, name: str) -> np.ndarray:
        """The values of one column, float64 (num_rows,)."""
        values: np.ndarray = self.values[:, self.names.index(name)]
        return values

    def following(self, count: int) -> list[str]:
        """The times after the last row, as text."""
        is_number = self.time_format == times.NUMBER
        ahead = times.continued(self.times[-1], self.step, count, is_number)
        return times.write(ahead, self.time_format)

    def written(self) -> list[str]:
        """The times of the rows, as text."""
        return times.write(self.times, self.time_format)


def time_column(names: Sequence[str], chosen: str | None, shown: str) -> str:
    """The column of the times, or "" if there is none.

    Args:
        names: of all columns.
        chosen: as the recipe names it, or None.
        shown: what to call the table in an error.

    Raises:
        DataError: the chosen one is not there.
    """
    if chosen:
        columns.require(chosen, names, shown)
        return chosen
    lower = {name.lower(): name for name in reversed(names)}
    return next((lower[name] for name in times.NAMES if name in lower), "")


def of_frame(
    frame: pl.DataFrame, names: Sequence[str], time: str, time_format: str | None, shown: str
) -> Series:
    """Take a series out of a table; rows out of order are sorted by their times.

    Args:
        frame: what `dlcli.inputs.tables.read` gave.
        names: columns to take.
        time: the column of the times, or "".
        time_format: how they are written, or None to find out.
        shown: what to call the table in an error.

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
    rows = np.arange(len(frame))
    if not time:
        return Series(values, tuple(names), rows, "", rows + 1.0, times.NUMBER, Step(0, 1.0), ())
    moments, found = times.parse(columns.named(frame, time, shown), time_format, shown)
    warnings = []
    if (np.diff(moments) < 0).any():
        rows = np.argsort(moments, kind="stable")
        values, moments = values[rows], moments[rows]
        warnings.append(f"the rows of {shown} are not in order of '{time}'; they are sorted.")
    step = times.step_of(moments)
    warnings += _oddities(moments, found, step, time)
    return Series(values, tuple(names), rows, time, moments, found, step, tuple(warnings))


def _oddities(moments: np.ndarray, time_format: str, step: Step, time: str) -> list[str]:
    """What is to be said of times in ascending order that are not evenly spaced."""
    twice = np.flatnonzero(np.diff(moments) == 0) + 1
    others = np.setdiff1d(times.irregular(moments, step), twice)
    found = []
    if len(twice):
        found.append(
            f"{len(twice):,} rows have the time of the row before "
            f"({_listed(moments, twice, time_format)}): a file with several series is to be "
            "taken apart first."
        )
    if len(others):
        words = step.words(time_format == times.NUMBER)
        found.append(
            f"{len(others):,} rows do not follow the row before by {words}, as the others do "
            f"({_listed(moments, others, time_format)}); all are taken as evenly spaced. Where "
            f"rows are missing, add them with '{time}' alone."
        )
    return found


def _listed(moments: np.ndarray, places: np.ndarray, time_format: str) -> str:
    listed = ", ".join(times.write(moments[places[:_SHOWN]], time_format))
    return f"{listed}, ..." if len(places) > _SHOWN else listed
