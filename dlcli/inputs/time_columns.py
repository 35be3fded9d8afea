"""Which column of a table, or which of them together, has the times of a series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import times
from dlcli.inputs.times import COMPONENTS

NAMES = ("time", "date", "datetime", "timestamp", "ds", "period", "month", "week", "day", "year")
"""Names of columns that are taken for the times, in lower case; numbers count under these alone."""

_MOST_VALUES = 0.5  # of a column that may tell series apart: at most this share of the rows
_COUNTED = ("ds", "period", "month", "week", "day")  # numbers under these names may be anything
_CLOCK = ("hour", "minute", "second")
_NONE = "'data.time=[]'"  # for a message, quoted for the shell


def guessed(
    frame: pl.DataFrame, formats: Sequence[str] | None, shown: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the columns of the times: dates, parts of dates, or numbers of a time's name.

    Args:
        frame: a table in which no row is empty.
        formats: how the times are written, or None to find out.

    Returns:
        Their names, none where the rows themselves are counted; and what is to be said of the
        guess, in sentences.

    Raises:
        DataError: the times of several rows are equal, or cannot be read.
    """
    repeated = None
    for names in _candidates(frame, formats):
        found = times.parse([frame[name] for name in names], formats, shown).values
        if len(np.unique(found)) == len(found):
            if len(names) == 1 and names[0].lower() in NAMES:
                return names, ()
            listed = "', '".join(names)
            verb = "is" if len(names) == 1 else "together are"
            return names, (
                f"'{listed}' {verb} taken for the times of {shown}; name others with data.time, "
                f"or none with {_NONE}",
            )
        repeated = (names, found)
    if repeated:
        raise several(frame, *repeated, shown)
    return (), ()


def several(frame: pl.DataFrame, names: Sequence[str], values: np.ndarray, shown: str) -> DataError:
    """What to say of a table in which times are repeated: it may hold several series.

    Args:
        names: of the columns of the times.
        values: (num_rows,) the times of its rows.
    """
    duplicated = pl.Series(values).is_duplicated()
    first = " ".join(str(cell) for cell in frame.select(names).filter(duplicated).row(0))
    listed = "', '".join(names)
    message = (
        f"{duplicated.sum():,} of {len(frame):,} rows of {shown} share their time with another "
        f"row, such as {first} ('{listed}')"
    )
    hint = f"name other times with data.time=COLUMN, or {_NONE} if the rows are in order."
    if name := series_column(frame, names, values):
        value = frame[name].drop_nulls()[0]
        return DataError(
            f"{message}: these are {frame[name].n_unique():,} series, told apart by '{name}'.",
            f"Give one series, such as the rows whose '{name}' is {value}, or a column for each; "
            f"or {hint}",
        )
    return DataError(f"{message}.", f"Give one row for each time; or {hint}")


def series_column(frame: pl.DataFrame, names: Sequence[str], values: np.ndarray) -> str | None:
    """The column with the fewest values that makes repeated times unique, or None."""
    found = []
    for name in frame.columns:
        column = frame[name]
        is_time = name.lower() in {*NAMES, *COMPONENTS}
        if name in names or is_time or column.dtype.is_nested() or _is_measured(column):
            continue
        num_values = column.n_unique()
        if 1 < num_values <= max(_MOST_VALUES * len(frame), 2):
            pairs = pl.DataFrame({"time": values, "series": column})
            if not pairs.is_duplicated().any():
                found.append((num_values, name))
    return min(found)[1] if found else None


def _candidates(frame: pl.DataFrame, formats: Sequence[str] | None) -> Iterator[tuple[str, ...]]:
    """Columns that may have the times, the likely ones first."""
    lower = {name.lower(): name for name in reversed(frame.columns)}
    named = [lower[name] for name in NAMES if name in lower]
    others = [
        name for name in frame.columns
        if name not in named and not frame[name].null_count()
        and (not _is_number(frame[name]) or _is_long_date(frame[name]))
    ]  # fmt: skip
    if formats is not None:
        yield from ((name,) for name in [*named, *others] if len(formats) == 1)
        return
    dated = [name for name in (*named, *others) if times.is_dated(frame[name])]
    clocks = [name for name in frame.columns if times.is_clock(frame[name])]
    parts = {
        name: lower[name]
        for name in COMPONENTS
        if name in lower and lower[name] not in dated and not frame[lower[name]].null_count()
    }
    dates: list[tuple[str, ...]] = [(name,) for name in dated]
    for names in (("year", "month", "day"), ("year", "dayofyear"), ("year", "month"),
                  ("year", "week"), ("year", "quarter")):  # fmt: skip
        if all(name in parts for name in names):
            dates.append(tuple(parts[name] for name in names))
            break
    clock = tuple(parts[name] for name in _CLOCK if name in parts)
    for date in dates:
        yield date
        for name in clocks:
            yield (*date, name)
        if clock and "hour" in parts:
            yield (*date, *clock)
    for name in named:
        is_part = name.lower() in parts and len(dates) > len(dated)
        if name not in dated and not is_part and _counts(frame[name], name.lower()):
            yield (name,)
    yield from ((name,) for name in clocks if name in named)
    # Cells that are no times, such as a 30 February or a sum below the table, are an error; so are
    # times in a form that is not understood: without them nobody knows the order of the rows.
    for name in named:
        is_unknown = not dates and is_unread(frame[name])
        if name not in dated and (is_unknown or times.begins_dated(frame[name])):
            yield (name,)


def _counts(column: pl.Series, name: str) -> bool:
    """Tell whether a column holds numbers that may be times: some only where they count up."""
    if not _is_number(column) or name not in _COUNTED:
        return _is_number(column)
    return bool((column.cast(pl.Float64).diff().drop_nulls() > 0).all())


def is_unread(column: pl.Series) -> bool:
    """Tell whether cells may be times or numbers in a form that is not understood."""
    cells = column.drop_nulls()
    if column.dtype != pl.String or not len(cells) or _is_number(cells):
        return False
    return bool(cells.is_unique().all() and cells.str.contains(r"\d").all())


def _is_long_date(column: pl.Series) -> bool:
    """Tell whether numbers are dates beyond doubt: such as 2024013123, in order."""
    numbers = column.cast(pl.Float64, strict=False)
    steps = numbers.diff().drop_nulls()
    in_order = bool((steps > 0).all() or (steps < 0).all())
    return len(numbers) > 1 and bool((numbers >= 1e7).all()) and in_order and times.is_dated(column)


def _is_measured(column: pl.Series) -> bool:
    """Tell whether a column has numbers that are not whole."""
    numbers = column.cast(pl.Float64, strict=False)
    return bool(((numbers % 1) != 0).any())


def _is_number(column: pl.Series) -> bool:
    if column.dtype == pl.String:
        return bool(column.cast(pl.Float64, strict=False).is_not_null().all())
    return column.dtype.is_numeric()
