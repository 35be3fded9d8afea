"""The columns of a table as a model takes them: numbers and categories.

TFLite knows no strings. There the columns are one float32 matrix, in which a
category is its place in the metadata: `matrix` makes it.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from dlcli import catalog
from dlcli.errors import DataError
from dlcli.inputs.affine import LARGEST_NUMBER

_NAMES_SHOWN = 30


@dataclass(frozen=True)
class Column:
    """One column that a model reads.

    Args:
        name: in the table.
        key: of the model's input: ASCII letters, digits and underscores.
        kind: a "number" is raw float64 (batch,), or float32 where that holds it, NaN where it is
            missing; a "category" raw string (batch,), empty where it is missing.
        categories: of a category, once they are known; others count as unknown.
    """

    name: str
    key: str
    kind: Literal["number", "category"]
    categories: tuple[str, ...] = ()


def from_metadata(entries: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns in `metadata["input"]["columns"]`."""
    return [Column(**{**entry, "categories": tuple(entry["categories"])}) for entry in entries]


def keys(names: Sequence[str], reserved: Sequence[str] = ()) -> list[str]:
    """A key for each column: its name where that will do, and each only once.

    Args:
        names: of the columns.
        reserved: what no key may be.
    """
    taken = set(reserved)
    found = []
    for place, name in enumerate(names, 1):
        key = re.sub(r"[^A-Za-z0-9_]", "_", name)
        if not re.search("[A-Za-z]", key):
            key = f"column_{place}"
        elif not key[0].isalpha():
            key = f"column_{key}"
        while key in taken or keyword.iskeyword(key):  # TensorFlow makes parameters of them
            key += "_"
        taken.add(key)
        found.append(key)
    return found


def raw(
    frame: pl.DataFrame, columns: Sequence[Column], shown: str
) -> tuple[dict[str, np.ndarray], dict[int, str]]:
    """The raw examples of a table.

    Args:
        frame: what `tables.read` gave; columns that are not asked for are ignored.
        columns: in any order.
        shown: what to call the table in an error.

    Returns:
        Arrays (num_rows,) by key; and what is wrong with a row, by its position.

    Raises:
        DataError: a column is missing.
    """
    examples: dict[str, np.ndarray] = {}
    errors: dict[int, str] = {}
    for column in columns:
        series = named(frame, column.name, shown)
        if column.kind == "category":
            cells = like(series, column.categories) if column.categories else text(series)
            examples[column.key] = cells.fill_null("").to_numpy().astype(object)
            continue
        examples[column.key], bad = numbers(series)
        for row in bad:
            errors.setdefault(int(row), not_a_number(series, int(row)))
    return examples, errors


def missing(examples: Mapping[str, np.ndarray], columns: Sequence[Column]) -> dict[int, str]:
    """The rows of raw examples in which a value is missing, each with a sentence."""
    found: dict[int, str] = {}
    for column in columns:
        values = examples[column.key]
        gaps = np.isnan(values) if column.kind == "number" else values == ""
        for row in np.flatnonzero(gaps):
            found.setdefault(int(row), f"'{column.name}' is missing")
    return found


def named(frame: pl.DataFrame, name: str, shown: str) -> pl.Series:
    """A column by its name.

    Raises:
        DataError: there is none.
    """
    require(name, frame.columns, shown)
    return frame[name]


def require(name: str, names: Sequence[str], shown: str) -> None:
    """Check that there is a column of this name.

    Raises:
        DataError: there is none; it says which there are.
    """
    if name not in names:
        raise DataError(
            f"{shown} has no column '{name}'.{catalog.did_you_mean(name, list(names))} "
            f"It has: {names_shown(names)}."
        )


def names_shown(names: Sequence[str]) -> str:
    """Names of columns in a sentence; of very many, the first."""
    listed = ", ".join(names[:_NAMES_SHOWN])
    rest = len(names) - _NAMES_SHOWN
    return f"{listed} and {rest:,} more" if rest > 0 else listed


def numbers(series: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """A column as numbers.

    Returns:
        float64 (num_rows,), NaN where a value is missing or no number; and the positions, int64,
        of those that are there and no number up to `affine.LARGEST_NUMBER`.
    """
    values = series.cast(pl.Float64, strict=False) if _castable(series) else _nulls(series)
    array = values.fill_null(np.nan).to_numpy().astype(np.float64)
    missing = series.is_null().to_numpy() | (_is_nan(series))
    bad = ~missing & ~(np.abs(array) <= LARGEST_NUMBER)
    array[bad] = np.nan
    return array, np.flatnonzero(bad)


def _castable(series: pl.Series) -> bool:
    return series.dtype == pl.String or series.dtype.is_numeric()


def _nulls(series: pl.Series) -> pl.Series:
    return pl.Series([None] * len(series), dtype=pl.Float64)


def _is_nan(series: pl.Series) -> np.ndarray:
    if series.dtype.is_float():
        return series.fill_null(0).is_nan().to_numpy()
    return np.zeros(len(series), bool)


def not_a_number(series: pl.Series, row: int | np.integer) -> str:
    """What to say of a cell that should be a number."""
    cell = series[int(row)]
    try:
        is_number = math.isfinite(float(cell))
    except (TypeError, ValueError):
        is_number = False
    what = f"beyond {LARGEST_NUMBER:g}, the largest number that is read"
    return f"'{series.name}' is '{cell}', which is {what if is_number else 'no number'}"


def text(series: pl.Series) -> pl.Series:
    """A column as text, null where a value is missing."""
    if series.dtype.is_float():
        # 3.0 stands for the same category as 3: a column of whole numbers with a gap is float.
        whole = series.drop_nulls().drop_nans()
        if len(whole) and (whole == whole.round()).all() and (whole.abs() < 2**53).all():
            series = series.fill_nan(None).cast(pl.Int64)
        else:
            series = series.fill_nan(None)
    return series.cast(pl.String)


def like(series: pl.Series, categories: Sequence[str]) -> pl.Series:
    """A column as text, null where a value is missing; a whole number as the categories have it.

    Unlike `text` it looks at each value alone: a part of a table gives what the whole gives.

    Args:
        series: the column.
        categories: those that a model knows.
    """
    if not series.dtype.is_float():
        return text(series)
    values = series.fill_nan(None)
    written = values.cast(pl.String)
    is_whole = (values == values.round()) & (values.abs() < 2**53)
    as_integers = values.set(~is_whole.fill_null(False), 0).cast(pl.Int64).cast(pl.String)
    return as_integers.zip_with(
        is_whole.fill_null(False) & ~written.is_in(list(categories)).fill_null(False), written
    )


def matrix(examples: Mapping[str, np.ndarray], columns: Sequence[Column]) -> np.ndarray:
    """Raw examples in the form that needs no strings.

    Args:
        examples: arrays (batch,) by key.
        columns: in the order of the metadata.

    Returns:
        float32 (batch, num_columns): a number as it is, a category as its position among
        the column's categories, or -1 for any other; NaN for what is missing.
    """
    rows = []
    for column in columns:
        values = examples[column.key]
        if column.kind == "number":
            rows.append(values.astype(np.float32))
        else:
            positions: dict[str, float] = {
                category: position for position, category in enumerate(column.categories)
            }
            positions[""] = np.nan
            rows.append(np.array([positions.get(value, -1) for value in values], np.float32))
    return np.stack(rows, axis=1)
