"""The times of a series: read, put in order, continued, and written as they were read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from dlcli.errors import DataError

NAMES = ("time", "date", "datetime", "timestamp", "month", "week", "day", "year")
"""Names of columns that are taken for the times, in lower case."""

NUMBER = "number"
"""The format of times that are numbers."""

# A format is read by polars and written by Python; both know these codes. Of those that fit
# all cells the first is taken. A day before its month is told from one after it by `_AMBIGUOUS`.
_CLOCKS = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", "T%H:%M", "T%H:%M:%SZ", " %H:%M:%S%.f",
           "T%H:%M:%S%.f", "T%H:%M:%S%.fZ")  # fmt: skip
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y")
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%Y %b", "%b-%Y")
_AMBIGUOUS = (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"))

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a series has the times of its own clock
_DAY = 86_400_000_000  # microseconds
_UNITS = (("day", _DAY), ("hour", _DAY // 24), ("minute", 60_000_000), ("second", 1_000_000))


@dataclass(frozen=True)
class Step:
    """What lies between two rows.

    Args:
        months: calendar months, or 0.
        size: microseconds where there are no months; of times that are numbers, their unit.
        last_days: whether the months are counted from each month's last day.
    """

    months: int
    size: float
    last_days: bool = False

    def words(self, is_number: bool) -> str:
        """The step for people, such as "1 hour"."""
        if self.months:
            unit, count = (
                ("year", self.months / 12) if self.months % 12 == 0 else ("month", self.months)
            )
        elif is_number:
            return f"{self.size:g}"
        else:
            unit, size = next((each for each in _UNITS if self.size % each[1] == 0), _UNITS[-1])
            count = self.size / size
        return f"{count:g} {unit}{'s' if count != 1 else ''}"


def parse(column: pl.Series, time_format: str | None, shown: str) -> tuple[np.ndarray, str]:
    """Read times.

    Args:
        column: dates, numbers or text.
        time_format: how text is written, or None to find out.
        shown: what to call the table in an error.

    Returns:
        int64 (num_rows,) microseconds since 1970, or float64 where they are numbers; and
        the format to write further ones in.

    Raises:
        DataError: one is missing or none; day and month cannot be told apart.
    """
    missing = np.flatnonzero(column.is_null().to_numpy())
    if len(missing):
        raise DataError(
            f"{shown} row {missing[0] + 1}: '{column.name}', the time, is missing.",
            "Fill it in, or leave the row out.",
        )
    if column.dtype == pl.Date:
        return _microseconds(column), "%Y-%m-%d"
    if column.dtype == pl.Datetime:
        return _microseconds(column.dt.replace_time_zone(None)), "%Y-%m-%d %H:%M:%S"
    if time_format and time_format != NUMBER:
        return _by_format(column, time_format, shown), time_format
    text = column.cast(pl.String)
    if time_format is None and (found := _detected(text, shown)):
        return _microseconds(_read(text, found)), found
    numbers = text.cast(pl.Float64, strict=False)
    wrong = np.flatnonzero(
        numbers.is_null().to_numpy() | ~numbers.is_finite().fill_null(False).to_numpy()
    )
    if len(wrong):
        # A row that does not fit is told by the format of the first one.
        first = _detected(text[:1], shown) if wrong[0] == 0 else None
        if first and first != NUMBER:
            return _by_format(column, first, shown), first
        raise DataError(
            f"{shown} row {wrong[0] + 1}: '{column.name}' is '{text[int(wrong[0])]}', which is no "
            "time that is understood.",
            "Say how times are written: data.time_format='%d/%m/%Y %H:%M', or name another "
            "column: data.time=COLUMN",
        )
    return numbers.to_numpy(), NUMBER


def write(values: np.ndarray, time_format: str) -> list[str]:
    """Times as text, in the format that they were read in."""
    if time_format == NUMBER:
        return [f"{value:.15g}" for value in values]
    python = time_format.replace("%.f", ".%f")
    return [(_EPOCH + timedelta(microseconds=int(value))).strftime(python) for value in values]


def step_of(values: np.ndarray) -> Step:
    """The step that is most common between times in ascending order; 1 for a single one."""
    differences = np.diff(values)
    differences = differences[differences > 0]
    if not len(differences):
        return Step(0, 1.0)
    for last_days in (False, True) if values.dtype.kind == "i" else ():
        months, rest = _months(values, last_days)
        if (rest == rest[0]).all():
            between = np.diff(months)
            common = int(np.median(between[between > 0])) if (between > 0).any() else 0
            if common:
                return Step(common, 0.0, last_days)
    if values.dtype.kind == "f":  # 0.3 - 0.2 is not quite 0.2 - 0.1
        differences = np.array([float(f"{difference:.9g}") for difference in differences])
    sizes, counts = np.unique(differences, return_counts=True)
    return Step(0, float(sizes[counts.argmax()]))


def continued(last: float | np.integer, step: Step, count: int, is_number: bool) -> np.ndarray:
    """The times that follow one, (count,), in the dtype of `parse`."""
    ahead = np.arange(1, count + 1)
    if is_number:
        return float(last) + step.size * ahead
    if not step.months:
        return int(last) + int(step.size) * ahead
    months, rest = _months(np.array([last], np.int64), step.last_days)
    starts = (months + step.months * ahead).astype("datetime64[M]").astype("datetime64[us]")
    # A month may be too short for the day: 30 February is the last of February.
    ends = (months + step.months * ahead + 1).astype("datetime64[M]").astype("datetime64[us]")
    moments = np.minimum(starts.astype(np.int64) + rest, ends.astype(np.int64) - _DAY + rest % _DAY)
    following: np.ndarray = moments - (_DAY if step.last_days else 0)
    return following


def irregular(values: np.ndarray, step: Step) -> np.ndarray:
    """Where a row does not follow the one before it by a step: int64 positions, from 1."""
    if step.months:
        months, rest = _months(values, step.last_days)
        wrong = (np.diff(months) != step.months) | (np.diff(rest) != 0)
    else:
        wrong = np.abs(np.diff(values) - step.size) > 1e-6 * abs(step.size)
    return np.flatnonzero(wrong) + 1


def _months(values: np.ndarray, last_days: bool) -> tuple[np.ndarray, np.ndarray]:
    """Months since 1970, and the microseconds since their start; both int64.

    Args:
        last_days: count from the last day of the month before: each is a day later then.
    """
    moments = (values + (_DAY if last_days else 0)).astype("datetime64[us]")
    months = moments.astype("datetime64[M]")
    return months.astype(np.int64), (moments - months.astype("datetime64[us]")).astype(np.int64)


def _detected(text: pl.Series, shown: str) -> str | None:
    """The format that all cells are written in, or None."""
    sample = text[: min(len(text), 50)]
    if sample.str.contains(r"^-?\d{1,4}(\.\d+)?$").all():  # a year, or a count
        return None
    for time_format in [*(date + clock for date in _DATES for clock in _CLOCKS), *_MONTHS]:
        if _fits(sample, time_format) and _fits(text, time_format):
            return time_format
    for pair in _AMBIGUOUS:
        for clock in _CLOCKS:
            fitting = [each + clock for each in pair if _fits(text, each + clock)]
            if len(fitting) == 2:
                raise DataError(
                    f"{shown}: in '{text.name}' day and month cannot be told apart: '{text[0]}'.",
                    f"Say which comes first: data.time_format='{fitting[0]}' or '{fitting[1]}'",
                )
            if fitting:
                return fitting[0]
    return None


def _fits(text: pl.Series, time_format: str) -> bool:
    return _read(text, time_format).null_count() == 0


def _read(text: pl.Series, time_format: str) -> pl.Series:
    """Text as datetimes, null where it does not fit."""
    if not re.search("%[djeUWuaAs]", time_format) and "%m" in time_format + _month_names(
        time_format
    ):
        text, time_format = "01 " + text, "%d " + time_format  # a month begins with its first day
    return text.str.to_datetime(time_format, strict=False, exact=True, time_unit="us")


def _month_names(time_format: str) -> str:
    return "%m" if "%b" in time_format or "%B" in time_format else ""


def _by_format(column: pl.Series, time_format: str, shown: str) -> np.ndarray:
    text = column.cast(pl.String)
    try:
        read = _read(text, time_format)
    except pl.exceptions.PolarsError:
        raise DataError(
            f"data.time_format is '{time_format}', which is no format of times.",
            "Expected codes such as %Y, %m, %d, %H, %M and %S.",
        ) from None
    wrong = np.flatnonzero(read.is_null().to_numpy())
    if len(wrong):
        raise DataError(
            f"{shown} row {wrong[0] + 1}: '{column.name}' is '{text[int(wrong[0])]}', which is no "
            f"time as '{time_format}' has it.",
            "Correct it, or say how times are written: data.time_format='%d/%m/%Y %H:%M'",
        )
    return _microseconds(read)


def _microseconds(column: pl.Series) -> np.ndarray:
    values: np.ndarray = column.cast(pl.Datetime("us")).to_physical().to_numpy().astype(np.int64)
    return values
