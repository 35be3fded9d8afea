"""The times of a series: read from one column or several, continued, written as they were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import frequencies, time_formats
from dlcli.inputs.frequencies import DAY, Frequency
from dlcli.inputs.time_formats import NUMBER
from dlcli.recipe import overrides

_JOINT = "\t"  # between the cells of several columns

COMPONENTS = {
    "year": "%Y", "quarter": "%q", "month": "%m", "week": "%V", "day": "%d", "dayofyear": "%j",
    "hour": "%H", "minute": "%M", "second": "%S",
}  # fmt: skip
"""Names of columns that are parts of a time, in lower case, each with its code of a format."""

_PLACES = ("%Y", "%m", "%d", "%H", "%M", "%S")  # of numbers whose names say nothing
_HOUR = 3_600_000_000
_LAST_CLOCK = 253_402_300_799_999_999  # the end of the year 9999, the last that all programs read
# For a message, quoted for YAML and for the shell.
_ONE = "'data.time_format=\"%d/%m/%Y %H:%M\"'"
_SEVERAL = '\'data.time_format=["%d.%m.%Y", "%H:%M"]\''


@dataclass(frozen=True)
class Times:
    """The times of rows.

    Args:
        values: (num_rows,) int64 microseconds since 1970, in UTC where an offset or a time zone
            is known; float64 of times that are numbers.
        offsets: (num_rows,) int64 microseconds that the clock is ahead of them.
        formats: of each column; see `dlcli.inputs.time_formats`.
        zone: name of the time zone, or "".
        notes: what is to be said of how they were read, in sentences.
    """

    values: np.ndarray
    offsets: np.ndarray
    formats: tuple[str, ...]
    zone: str = ""
    notes: tuple[str, ...] = ()

    @property
    def clocks(self) -> np.ndarray:
        """As the clock shows them: int64 (num_rows,) microseconds; numbers as they are."""
        return self.values if self.is_number else self.values + self.offsets

    @property
    def is_number(self) -> bool:
        """Whether they are numbers."""
        return self.formats == (NUMBER,)

    def fits(self, frequency: Frequency) -> bool:
        """Tell whether a frequency is one of such times, numbers or others."""
        return self.is_number == (frequency.unit == "number")

    def take(self, rows: np.ndarray | slice) -> Times:
        """The times of some rows."""
        return replace(self, values=self.values[rows], offsets=self.offsets[rows])

    def frequency(self) -> Frequency:
        """How the time of a row follows from that of the row before."""
        return frequencies.of(self.values, self.clocks)

    def irregular(self, frequency: Frequency) -> np.ndarray:
        """Where a row does not follow the one before it: int64 positions, from 1."""
        if not self.fits(frequency):
            return np.arange(1, len(self.values))
        return frequency.irregular(self.clocks if frequency.is_calendar else self.values)

    def following(self, frequency: Frequency, count: int) -> Times:
        """The times after the last row.

        Raises:
            DataError: they are later than dates can be written.
        """
        ahead = self._ahead(frequency, count)
        if not self.is_number:
            clocks = np.concatenate([self.clocks[-1:], ahead.clocks])
            if clocks.max() > _LAST_CLOCK or (np.diff(clocks) <= -DAY).any():  # or wrapped around
                raise DataError(
                    f"the last row is of {self.take(slice(-1, None)).written()[0]}, and {count} "
                    f"more, {frequency.words()} apart, go beyond the year 9999.",
                    "Are the times right?",
                )
        return ahead

    def _ahead(self, frequency: Frequency, count: int) -> Times:
        last = self.values[-1]
        if not frequency.is_calendar:
            values = frequency.following(last, count)
            offsets = np.full(count, self.offsets[-1])
            if self.zone:
                offsets = _clocks_in(values, self.zone) - values
            return replace(self, values=values, offsets=offsets)
        clocks = frequency.following(last + self.offsets[-1], count)
        values = _moments_in(clocks, self.zone) if self.zone else clocks - self.offsets[-1]
        if self.zone:  # a clock that is set forward does not show every time
            clocks = _clocks_in(values, self.zone)
        return replace(self, values=values, offsets=clocks - values)

    def cells(self) -> list[tuple[str, ...]]:
        """The times as they were read, for each row a text for each column."""
        if self.is_number:
            return [(frequencies.written(float(value)),) for value in self.values]
        joined = time_formats.write(self.clocks, self.offsets, _JOINT.join(self.formats))
        return [tuple(text.split(_JOINT)) for text in joined]

    def written(self) -> list[str]:
        """The times as text."""
        return [" ".join(cells) for cells in self.cells()]


def parse(
    columns: Sequence[pl.Series],
    formats: Sequence[str] | None,
    shown: str,
    preferred: Sequence[str] = (),
    rows: np.ndarray | None = None,
) -> Times:
    """Read times.

    Args:
        columns: dates, numbers or text; several are parts of one time, such as year, month, day.
        formats: how each is written, or None to find out.
        preferred: the formats of other data of the same kind, taken where they fit.
        rows: where the cells stand in the table; None for all its rows.

    Raises:
        DataError: one is missing or none; day and month cannot be told apart.
    """
    rows = np.arange(len(columns[0])) if rows is None else rows
    for column in columns:
        missing = np.flatnonzero(column.is_null().to_numpy())
        if len(missing):
            raise DataError(
                f"{shown} row {rows[missing[0]] + 1}: '{column.name}', the time, is missing.",
                "Fill it in, or leave the row out.",
            )
    if formats is not None and len(formats) != len(columns):
        raise DataError(
            f"data.time_format has {len(formats)} formats, and data.time {len(columns)} columns.",
            f"Give one for each column, such as {_SEVERAL}",
        )
    if len(columns) > 1:
        return _joined(columns, formats, shown, preferred, rows)
    (column,) = columns
    if column.dtype.is_temporal():
        return _temporal(column, shown)
    if formats and formats[0] != NUMBER:
        return _by_format(column, formats[0], shown, rows)
    text = _text(column)
    if formats is None:
        if list(preferred) == [NUMBER]:
            if (found := _numbers(text)) is not None:
                return found
        elif len(preferred) == 1 and time_formats.fits(text, preferred[0]):
            return _by_format(column, preferred[0], shown, rows)
        if found_format := _detected(text, shown):
            return _by_format(column, found_format, shown, rows)
    if (found := _numbers(text)) is not None:
        return found
    # A row that does not fit is told by the format of the first one.
    if first := _detected(text[:1], shown, is_whole=False):
        return _by_format(column, first, shown, rows)
    values = text.cast(pl.Float64, strict=False)
    wrong = int((values.is_null() | ~values.is_finite().fill_null(False)).arg_max() or 0)
    raise DataError(
        f"{shown} row {rows[wrong] + 1}: '{column.name}' is '{text[wrong]}', which is no time that "
        "is understood.",
        f"Say how times are written, such as {_ONE}; or name another column, data.time=COLUMN, or "
        "none if the rows are in order, 'data.time=[]'",
    )


def is_dated(column: pl.Series) -> bool:
    """Tell whether the cells of a column are dates, with a time of the day or without."""
    if column.dtype in (pl.Date, pl.Datetime):
        return True
    if not (column.dtype == pl.String or column.dtype.is_integer()):
        return False
    text = _text(column.drop_nulls())
    found = time_formats.detected(text) if len(text) else []
    return bool(found) and not time_formats.clock_only(found[0])


def begins_dated(column: pl.Series) -> bool:
    """Tell whether the first cell of a column of text is a date, as at least half of them are."""
    if column.dtype != pl.String or not len(text := column.drop_nulls()):
        return False
    return any(
        not time_formats.clock_only(found) and time_formats.share(text, found) >= 0.5
        for found in time_formats.detected(text[:1])
    )


def is_clock(column: pl.Series) -> bool:
    """Tell whether the cells of a column are times of the day without a date."""
    if column.dtype == pl.Time:
        return True
    text = column.drop_nulls()
    found = time_formats.detected(text) if column.dtype == pl.String and len(text) else []
    return bool(found) and time_formats.clock_only(found[0])


def _text(column: pl.Series) -> pl.Series:
    """Cells as text; whole numbers without a decimal point."""
    if column.dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        if (whole == column).all():
            column = whole
    return column.cast(pl.String)


def _numbers(text: pl.Series) -> Times | None:
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() or not numbers.is_finite().all():
        return None
    return Times(numbers.to_numpy(), np.zeros(len(text), np.int64), (NUMBER,))


def _temporal(column: pl.Series, shown: str) -> Times:
    if column.dtype == pl.Duration:
        raise DataError(
            f"{shown}: '{column.name}', the time, holds durations. Expected dates, times or "
            "numbers.",
            "Name another column: data.time=COLUMN",
        )
    if column.dtype == pl.Time:
        return _in_days(
            column.cast(pl.Int64).to_numpy() // 1000, f"%H:%M:%S{_fraction(column)}", column.name
        )
    zone = getattr(column.dtype, "time_zone", None) or ""
    values = _microseconds(column)
    if column.dtype == pl.Date:
        return Times(values, np.zeros_like(values), ("%Y-%m-%d",))
    clocks = _clocks_in(values, zone) if zone else values
    time_format = f"%Y-%m-%d %H:%M:%S{_fraction(column)}{'%:z' if zone else ''}"
    return Times(values, clocks - values, (time_format,), zone)


def _fraction(column: pl.Series) -> str:
    """The code of the fractions of seconds that a column has."""
    nanoseconds = column.dt.nanosecond()
    if not (nanoseconds != 0).any():
        return ""
    return "%.3f" if (nanoseconds % 1_000_000 == 0).all() else "%.6f"


def _by_format(column: pl.Series, time_format: str, shown: str, rows: np.ndarray) -> Times:
    """Times of text in a format; several columns are joined."""
    text = _text(column)
    try:
        moments, clocks = time_formats.read(text, time_format)
    except pl.exceptions.PolarsError:
        raise DataError(
            f"data.time_format is '{time_format}', which is no format of times.",
            "Expected codes such as %Y, %m, %d, %H, %M and %S.",
        ) from None
    wrong = np.flatnonzero((moments.is_null() | clocks.is_null()).to_numpy())
    if len(wrong):
        cell = text[int(wrong[0])].replace(_JOINT, " ")
        raise DataError(
            f"{shown} row {rows[wrong[0]] + 1}: '{column.name}' is '{cell}', which is no time as "
            f"'{time_format.replace(_JOINT, ' ')}' has it.",
            f"Correct it, or say how times are written, such as {_ONE}",
        )
    if time_formats.clock_only(time_format):
        return _in_days(_microseconds(moments), time_format, column.name)
    time_format = time_formats.with_colon(text, time_format)
    values = _microseconds(moments)
    offsets = _microseconds(clocks) - values
    formats = tuple(time_format.split(_JOINT))
    if len(each := np.unique(offsets)) > 1:
        last = time_formats.offset_text(int(offsets[-1]))
        listed = ", ".join(time_formats.offset_text(int(offset)) for offset in each)
        note = f"the offsets of '{column.name}' vary ({listed}); forecasts have the last, {last}."
        return Times(values, offsets, formats, notes=(note,))
    if not offsets.any():
        return _summer_time(Times(values, offsets, formats), column.name)
    return Times(values, offsets, formats)


def _in_days(clocks: np.ndarray, time_format: str, name: str) -> Times:
    """Times of the day: where one is before the row before, a day has begun."""
    begun = np.concatenate([[0], np.cumsum(np.diff(clocks) < 0)]).astype(np.int64)
    notes: tuple[str, ...] = ()
    if begun[-1]:
        notes = (
            f"'{name}' has no dates: where it goes back, {begun[-1]:,} times, a new day is taken "
            "to begin.",
        )
    values = clocks.astype(np.int64) + begun * DAY
    return Times(values, np.zeros_like(values), (time_format,), notes=notes)


def _summer_time(found: Times, name: str) -> Times:
    """Count on where a clock without a time zone is set back: it shows an hour twice.

    Such a place is the only kind at which the rows go back: once a year, at night, by an hour.
    Where a clock that goes back is set forward, the rows skip an hour.
    """
    if found.values[0] > found.values[-1]:  # from the newest to the oldest
        reverse = slice(None, None, -1)
        return _summer_time(found.take(reverse), name).take(reverse)
    between = np.diff(found.values)
    steps = between[between > 0]
    if not (between <= 0).any() or not len(steps):
        return found
    sizes, counts = np.unique(steps, return_counts=True)
    step = sizes[counts.argmax()]
    at_night = found.values[1:] % DAY <= 4 * _HOUR
    back = np.flatnonzero((between == step - _HOUR) & at_night)
    if (
        step > _HOUR
        or len(back) != (between <= 0).sum()
        or (np.diff(back) * step < 300 * DAY).any()
    ):
        return found
    ahead = np.flatnonzero((between == step + _HOUR) & at_night)
    set_by = np.zeros(len(found.values), np.int64)
    set_by[back + 1], set_by[ahead + 1] = -_HOUR, _HOUR
    offsets = np.cumsum(set_by)
    values = found.values - offsets
    twice = found.take(back[:1] + 1).written()[0]
    note = f"'{name}' shows an hour twice ({twice}): the clock was set back, no series begins anew."
    return replace(found, values=values, offsets=offsets, notes=(*found.notes, note))


def _joined(
    columns: Sequence[pl.Series],
    formats: Sequence[str] | None,
    shown: str,
    preferred: Sequence[str],
    rows: np.ndarray,
) -> Times:
    """Times of which each column has a part."""
    texts = [_part(column) for column in columns]
    name = "', '".join(column.name for column in columns)
    joined = pl.select(pl.concat_str(texts, separator=_JOINT)).to_series().alias(name)
    if formats is None:
        is_alike = len(preferred) == len(columns) and time_formats.fits(
            joined, _JOINT.join(preferred)
        )
        formats = preferred if is_alike else _formats_of_parts(texts, shown)
    return _by_format(joined, _JOINT.join(formats), shown, rows)


def _part(column: pl.Series) -> pl.Series:
    """A part of a time as text."""
    if not column.dtype.is_temporal():
        return _text(column)
    if column.dtype == pl.Datetime and (column.dt.time() == time()).all():
        column = column.dt.date()  # a date, as pandas has it
    return pl.Series(column.name, _temporal(column, column.name).written())


def _formats_of_parts(texts: Sequence[pl.Series], shown: str) -> list[str]:
    """The formats of columns that are parts of a time, by their names, contents and order."""
    formats: list[str] = []
    for text in texts:
        has_date = any(len(each) > 3 for each in formats)  # in one column
        left = [
            code
            for code in (_PLACES[3:] if has_date else _PLACES)
            if code not in "".join(formats).replace("-", "")
        ]
        code = COMPONENTS.get(text.name.lower()) or (left[0] if left else "")
        if code and text.str.contains(r"^\d{1,4}$").all():
            if code == "%V" and "%Y" in formats:
                formats[formats.index("%Y")] = "%G"
            is_padded = code in {"%Y", "%q"} or text.str.contains(r"^0\d").any()
            formats.append(code if is_padded else code.replace("%", "%-"))
        elif text.str.contains(r"^[A-Za-z]+$").all():
            formats.append("%b" if text.str.len_chars().max() == 3 else "%B")
        elif found := _detected(text, shown):
            formats.append(found)
        else:
            raise DataError(
                f"{shown}: '{text.name}', a part of the time, is such as '{text[0]}', which is not "
                "understood.",
                f"Say how the parts are written, one each, such as {_SEVERAL}",
            )
    return formats


def _detected(text: pl.Series, shown: str, is_whole: bool = True) -> str | None:
    found = time_formats.detected(text)
    if len(found) > 1 and is_whole:
        has_year = any(each.startswith("%y") for each in found)
        parts = "day and year" if has_year else "day and month"
        raise DataError(
            f"{shown}: in '{text.name}' {parts} cannot be told apart: '{text[0]}'.",
            "Say which comes first: "
            + " or ".join(overrides.typed("data.time_format", each) for each in found),
        )
    return found[0] if found else None


def _clocks_in(values: np.ndarray, zone: str) -> np.ndarray:
    """What the clocks of a time zone show at some moments, int64 microseconds."""
    moments = pl.Series(values).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    return _microseconds(moments.dt.replace_time_zone(None))


def _moments_in(clocks: np.ndarray, zone: str) -> np.ndarray:
    """When the clocks of a time zone show some times; an hour that is left out is an hour later."""
    series = pl.Series(clocks).cast(pl.Datetime("us"))
    found, later = (
        each.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        for each in (series, series + timedelta(hours=1))
    )
    return _microseconds(found.fill_null(later))


def _microseconds(column: pl.Series) -> np.ndarray:
    values = column.cast(pl.Datetime("us", getattr(column.dtype, "time_zone", None)))
    return values.to_physical().to_numpy().astype(np.int64)
