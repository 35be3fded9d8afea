"""The frequency of a series: how the time of a row follows from that of the row before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from dlcli.errors import DataError

DAY = 86_400_000_000
"""Microseconds of a day."""

_UNITS = {"day": DAY, "hour": DAY // 24, "minute": 60_000_000, "second": 1_000_000,
          "millisecond": 1000, "microsecond": 1}  # fmt: skip
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BUSINESS_DAYS = (0, 1, 2, 3, 4)
_LAST = 31  # of the days of a month: its last, whatever its number
_NTH = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1}
_DAYS_OF_MONTH = 4  # at most as many rows a month are taken for fixed days of it
_WEEKS = 2  # that show which weekdays have rows
_SHARE = 0.8  # of the rows that such weekdays would have
_EXAMPLES = "such as '15 minutes', '1 day', '1 business day', '1 month' or '1 month on last day'"


@dataclass(frozen=True)
class Frequency:
    """How the time of a row follows from that of the row before.

    Args:
        unit: "second" for time that passes; "day" and "month" for the calendar, where the time
            of the day stays as it is on the clock; "number" for times that are numbers.
        count: units from one row to the next.
        days: of the unit "day" the weekdays that have rows, 0 for Monday, none for all; of
            "month" the days of the month, 31 for its last, none for the day of the row before.
        nth: of the unit "month" that there is a row on the n-th of `days`, a weekday, of a
            month, -1 for the last; else 0.
    """

    unit: Literal["number", "second", "day", "month"]
    count: float
    days: tuple[int, ...] = ()
    nth: int = 0

    @property
    def is_calendar(self) -> bool:
        """Whether it is counted on the calendar: clocks, not durations, are alike."""
        return self.unit in {"day", "month"}

    def following(self, last: float | np.integer, count: int) -> np.ndarray:
        """The times that follow one.

        Args:
            last: a number, or microseconds since 1970; of the calendar as the clock shows them.

        Returns:
            (count,), float64 of numbers, else int64.
        """
        ahead = np.arange(1, count + 1)
        if self.unit == "number":
            return float(last) + self.count * ahead
        if self.unit == "second":
            return int(last) + np.round(self.count * 1e6 * ahead).astype(np.int64)
        day, clock = divmod(int(last), DAY)
        if self.unit == "day" and not self.days:
            days = day + int(self.count) * ahead
        elif self.unit == "day":
            days = day + np.arange(1, 7 * count + 8)
            days = days[np.isin(_weekday(days), self.days)][:count]
        else:
            first = np.int64(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            months = first + int(self.count) * np.arange(count + 2)
            days = self._anchored(_day_of_month(np.array([day]))).days_of(months)
            days = days[days > day][:count]
        return days * DAY + clock

    def days_of(self, months: np.ndarray) -> np.ndarray:
        """The days since 1970 with rows in some months since 1970, in order, int64."""
        begins = months.astype("datetime64[M]")
        first = begins.astype("datetime64[D]").astype(np.int64)
        last = (begins + 1).astype("datetime64[D]").astype(np.int64) - 1
        if self.nth > 0:
            days = first + (self.days[0] - _weekday(first)) % 7 + 7 * (self.nth - 1)
        elif self.nth < 0:
            days = last - (_weekday(last) - self.days[0]) % 7
        else:
            days = np.minimum(first[:, None] + np.array(self.days) - 1, last[:, None])
        return np.unique(days)

    def irregular(self, values: np.ndarray) -> np.ndarray:
        """Where a row does not follow the one before it: int64 positions, from 1.

        Args:
            values: (num_rows,) as `following` takes them, in ascending order.
        """
        if self.unit in {"number", "second"}:
            size = self.count * (1 if self.unit == "number" else 1e6)
            return np.flatnonzero(np.abs(np.diff(values) - size) > 1e-6 * abs(size)) + 1
        days, clocks = np.divmod(values, DAY)
        if self.unit == "day":
            between = np.diff(days)
            if self.days:
                mask = [weekday in self.days for weekday in range(7)]
                dates = days.astype("datetime64[D]")
                between = np.busday_count(dates[:-1], dates[1:], mask)
                between[~np.is_busday(dates[1:], mask)] = -1
            wrong = between != self.count
        else:
            months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            every = np.arange(months[0], months[-1] + 1)
            grid = self._anchored(_day_of_month(days[:1])).days_of(every)
            places = np.searchsorted(grid, days)
            on_grid = grid[np.minimum(places, len(grid) - 1)] == days
            wrong = (np.diff(places) != self.count) | ~on_grid[1:]
        return np.flatnonzero(wrong | (np.diff(clocks) != 0)) + 1

    def words(self) -> str:
        """The frequency as `parse` reads it, such as "1 month on last day"."""
        if self.unit == "number":
            return written(self.count)
        if self.unit == "day" and self.days == _BUSINESS_DAYS:
            return "1 business day"
        unit: str = self.unit
        count = self.count
        if unit == "second":
            size = round(count * 1e6)
            unit = next(each for each, least in _UNITS.items() if size % least == 0)
            count = size / _UNITS[unit]
        elif unit == "day" and count % 7 == 0:
            unit, count = "week", count / 7
        elif unit == "month" and count % 12 == 0:
            unit, count = "year", count / 12
        on = ""
        if self.nth:
            name = next(name for name, nth in _NTH.items() if nth == self.nth)
            on = f" on {name} {_WEEKDAYS[self.days[0]]}"
        elif self.unit == "day" and self.days:
            on = f" on {', '.join(_WEEKDAYS[day] for day in self.days)}"
        elif self.days == (_LAST,):
            on = " on last day"
        elif self.days:
            on = " on day " + ", ".join("last" if day == _LAST else f"{day}" for day in self.days)
        return f"{count:.15g} {unit}{'s' if count != 1 else ''}{on}"

    def _anchored(self, day: np.ndarray) -> Frequency:
        """With the day of the month of a row where no days are given."""
        return self if self.days else replace(self, days=(int(day[0]),))


def written(number: float) -> str:
    """A number as text: whole ones without an exponent, which cells of tables do not have."""
    return f"{number:.0f}" if number == int(number) else f"{number:.15g}"


def of(values: np.ndarray, clocks: np.ndarray) -> Frequency:
    """Find the frequency of most rows.

    Args:
        values: (num_rows,) times in ascending order, float64 of numbers, else int64 microseconds.
        clocks: the same as the clock shows them.
    """
    differences = np.diff(values)
    differences = differences[differences > 0]
    if values.dtype.kind == "f":
        # 0.3 - 0.2 is not quite 0.2 - 0.1
        rounded = np.array([float(f"{difference:.9g}") for difference in differences])
        return Frequency("number", _most_common(rounded) if len(rounded) else 1.0)
    days, times_of_day = np.divmod(clocks, DAY)
    days = np.unique(days)
    if (times_of_day == times_of_day[0]).all():
        if len(days) < 2:
            return Frequency("day", 1)
        return _monthly(days) or _weekdays(days) or Frequency("day", _most_common(np.diff(days)))
    return Frequency("second", _most_common(differences) / 1e6)


def parse(text: str) -> Frequency:
    """Read a frequency as `Frequency.words` writes it.

    Raises:
        DataError: it is none.
    """
    problem = DataError(
        f"data.frequency is '{text}', which is no frequency.", f"Expected a text {_EXAMPLES}."
    )
    match = re.fullmatch(
        r"(?P<count>\d+(?:\.\d+)?(?:e[+-]?\d+)?)?\s*(?P<unit>[a-z ]*?)s?(?:\s+on\s+(?P<on>.+))?",
        text.strip(),
    )
    if not match or not float(match["count"] or 1):
        raise problem
    count, unit, on = float(match["count"] or 1), match["unit"].strip(), match["on"]
    if not unit and match["count"] and not on:
        return Frequency("number", count)
    if unit == "business day" and count == 1 and not on:
        return Frequency("day", 1, _BUSINESS_DAYS)
    scale = {"week": ("day", 7), "quarter": ("month", 3), "year": ("month", 12)}
    name, times = scale.get(unit, (unit, 1))
    count *= times
    if name in {"day", "month"}:
        if count != int(count):
            raise problem
        days, nth = _days(on, name, problem) if on else ((), 0)
        if days and count != 1 and (name == "day" or len(days) > 1):
            raise problem
        return Frequency("day" if name == "day" else "month", int(count), days, nth)
    if on or name not in _UNITS:
        raise problem
    return Frequency("second", count * _UNITS[name] / 1e6)


def from_metadata(entry: Mapping[str, Any]) -> Frequency:
    """The frequency in the `forecast` entry of an artifact's metadata; 0.1 had a `step` there."""
    if "frequency" in entry:
        return Frequency(**{**entry["frequency"], "days": tuple(entry["frequency"]["days"])})
    step = entry["step"]
    if step["months"]:
        return Frequency("month", step["months"], (_LAST,) if step["last_days"] else ())
    if entry["time_format"] == "number":
        return Frequency("number", step["size"])
    return Frequency("second", step["size"] / 1e6)


def _days(on: str, unit: str, problem: DataError) -> tuple[tuple[int, ...], int]:
    """The days that are named after "on", and which of a month's weekdays they are."""
    parts = [part for part in re.split(r"[,\s]+", on.strip()) if part not in {"day", "days"}]
    weekdays = [_WEEKDAYS.index(part[:3]) for part in parts if part[:3] in _WEEKDAYS]
    if unit == "day" and len(weekdays) == len(parts):
        return tuple(sorted(set(weekdays))), 0
    if unit == "month" and len(parts) == 2 and len(weekdays) == 1 and parts[0] in _NTH:
        return (weekdays[0],), _NTH[parts[0]]
    if unit == "month" and not weekdays:
        numbers = [
            _LAST if part == "last" else int(part)
            for part in parts
            if part.isdigit() or part == "last"
        ]
        if len(numbers) == len(parts) and all(1 <= number <= _LAST for number in numbers):
            return tuple(sorted(set(numbers))), 0
    raise problem


def _monthly(days: np.ndarray) -> Frequency | None:
    """The frequency of rows on the same day, or the same few days, of every month, or None.

    Args:
        days: int64 since 1970, ascending and unique, at least two.
    """
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    of_month = _day_of_month(days)
    is_last = _day_of_month(days + 1) == 1
    between = np.diff(months)
    if (between > 0).all():
        count = int(_most_common(between))
        anchor = _LAST if is_last.all() else int(of_month.max())
        found = Frequency("month", count, (anchor,) if anchor > 28 else ())
        if ((of_month == anchor) | (is_last & (of_month < anchor))).all():
            return found
        weekdays = _weekday(days)
        if len(days) > 2 and (weekdays == weekdays[0]).all() and (between == between[0]).all():
            for nth in (-1, 1, 2, 3, 4):
                found = Frequency("month", count, (int(weekdays[0]),), nth)
                if not len(found.irregular(days * DAY)):
                    return found
        return None
    anchors = tuple(
        sorted(
            {
                _LAST if last else int(day)
                for day, last in zip(of_month[:64], is_last[:64], strict=True)
            }
        )
    )
    if 2 <= len(anchors) <= _DAYS_OF_MONTH and len(days) >= 2 * len(anchors) + 1:
        found = Frequency("month", 1, anchors)
        if not len(found.irregular(days * DAY)):
            return found
    return None


def _weekdays(days: np.ndarray) -> Frequency | None:
    """The frequency of rows on some weekdays, such as business days, or None."""
    present = tuple(int(day) for day in np.unique(_weekday(days)))
    if not 2 <= len(present) <= 6 or days[-1] - days[0] < 7 * _WEEKS:
        return None
    every = np.arange(days[0], days[-1] + 1)
    if len(days) < _SHARE * np.isin(_weekday(every), present).sum():
        return None
    return Frequency("day", 1, present)


def _weekday(days: np.ndarray) -> np.ndarray:
    """0 for Monday; 1970 began on a Thursday."""
    return (days + 3) % 7


def _day_of_month(days: np.ndarray) -> np.ndarray:
    dates = days.astype("datetime64[D]")
    since: np.ndarray = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return since + 1


def _most_common(values: np.ndarray) -> Any:
    """The most common value; of equally common ones that nearest to the median."""
    sizes, counts = np.unique(values, return_counts=True)
    most = sizes[counts == counts.max()]
    return most[np.abs(most - np.median(values)).argmin()].item()
