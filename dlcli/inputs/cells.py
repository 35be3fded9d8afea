"""The cells of tables as they are read: text without blanks around it, numbers, times."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

import polars as pl

from dlcli.errors import DataError

MISSING_VALUES = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
    "\u200b\u200e\u200f\u2060\ufeff"  # no width at all
)
"""Characters that do not count around a cell or a name: they show nothing."""

_LONGEST_TYPE = 60
_EXPECTED = "text, numbers, dates or true and false"


def kept(types: pl.Schema) -> pl.Schema:
    """The columns that can be used."""
    return pl.Schema({name: dtype for name, dtype in types.items() if _is_plain(dtype)})


def check_names(names: Sequence[str], shown: str) -> None:
    """See that no name of a column stands for several columns, as * and ^x.*$ do in polars.

    Raises:
        DataError: one does.
    """
    for name in names:
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            raise DataError(
                f"{shown} has a column named '{name}', which stands for several columns.",
                "Give it another name; or, if the first line is no header: data.header=false",
            )


def left_out(
    types: pl.Schema, needed: Sequence[str], excluded: Sequence[str], shown: str
) -> list[str]:
    """Say which columns are left out, as they hold lists, structures, bytes or durations.

    Args:
        needed: names of columns that are asked for.
        excluded: names of columns that are to be left out anyway.

    Raises:
        DataError: a needed one is among them, or nothing else is left.
    """
    odd = {name: dtype for name, dtype in types.items() if not _is_plain(dtype)}
    told = [f"'{name}' ({_named(dtype)})" for name, dtype in odd.items() if name not in excluded]
    for name, dtype in odd.items():
        if name in needed or len(odd) == len(types):
            raise DataError(
                f"{shown}: the column '{name}' holds {_named(dtype)} values. Expected {_EXPECTED}.",
                "Write what it holds into columns of their own.",
            )
    if not told:
        return []
    what, verb = ("column", "is") if len(told) == 1 else ("columns", "are")
    return [
        f"{shown}: the {what} {', '.join(told)} {verb} left out: only text, numbers and dates are "
        "read."
    ]


def as_asked(names: Sequence[str], asked: Sequence[str]) -> dict[str, str]:
    """Names of columns that are asked for in another spelling, which looks the same.

    It has blanks around it, or its accents are composed in another way.

    Args:
        names: as they are written.
        asked: as a recipe or a model has them.

    Returns:
        As they are written -> as they are asked for, of those that differ.
    """
    wanted = {_looks(name): name for name in asked if name not in names}
    found = {_looks(name): name for name in reversed(names) if name not in asked}
    return {found[look]: name for look, name in wanted.items() if look in found}


def _looks(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip(BLANKS))


def _named(dtype: pl.DataType) -> str:
    """The name of a type; a structure may have hundreds of fields."""
    name = str(dtype)
    return name if len(name) <= _LONGEST_TYPE else f"{name[: _LONGEST_TYPE - 3]}..."


def _is_plain(dtype: pl.DataType) -> bool:
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Duration))


def cleaned(frame: pl.DataFrame, missing_values: Sequence[str]) -> pl.DataFrame:
    """Text without blanks around it, booleans as text; what means missing is null."""
    columns = []
    numbers = [number for value in missing_values if (number := _number(value)) is not None]
    for name, dtype in frame.schema.items():
        if dtype.is_numeric() and numbers:
            is_missing = pl.col(name).cast(pl.Float64).is_in(numbers)
            columns.append(pl.when(~is_missing).then(pl.col(name)).alias(name))
        elif dtype.is_numeric() or dtype.is_temporal():
            columns.append(pl.col(name))
        else:
            text = pl.col(name).cast(pl.String).str.strip_chars(BLANKS)
            columns.append(pl.when(~text.is_in(list(missing_values))).then(text).alias(name))
    return frame.select(columns)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without a full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
