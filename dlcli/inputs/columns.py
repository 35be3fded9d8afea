"""The columns of a table as a model takes them: numbers and categories.

Equal values are equal however they are written: `canonical` decides, for categories and classes.

TFLite knows no strings. There the columns are one float32 matrix, in which a
category is its place in the metadata: `matrix` makes it.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from dlcli import catalog
from dlcli.errors import DataError
from dlcli.events import Events, warn
from dlcli.inputs import notation
from dlcli.inputs.affine import LARGEST_NUMBER
from dlcli.inputs.cells import BLANKS
from dlcli.inputs.notation import PLAIN, Notation

_NAMES_SHOWN = 30


@dataclass(frozen=True)
class Column:
    """One column that a model reads.

    Args:
        key: of the model's input: ASCII letters, digits and underscores.
        kind: a "number" is raw float64 (batch,), or float32 where that holds it, NaN where it is
            missing; a "category" raw string (batch,), empty where it is missing.
        categories: of a category, once they are known; others count as unknown.
        notation: of a number, how it is written in text files.
        minimum, maximum: of a number in the train split; None where that is not known.
        known: of a category, the share of the values in the train split that are among the
            categories.
    """

    name: str
    key: str
    kind: Literal["number", "category"]
    categories: tuple[str, ...] = ()
    notation: Notation = PLAIN
    minimum: float | None = None
    maximum: float | None = None
    known: float = 1.0


def from_metadata(entries: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns in `metadata["input"]["columns"]`."""
    return [
        Column(
            **{
                **entry,
                "categories": tuple(entry["categories"]),
                "notation": Notation.of(entry.get("notation", {})),
            }
        )
        for entry in entries
    ]


def keys(names: Sequence[str], reserved: Sequence[str] = ()) -> list[str]:
    """A key for each column: its name where that will do, and each only once.

    Args:
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
    frame: pl.DataFrame,
    columns: Sequence[Column],
    shown: str,
    notations: Mapping[str, Notation] | None = None,
) -> tuple[dict[str, np.ndarray], dict[int, str]]:
    """The raw examples of a table.

    Args:
        frame: what `tables.read` gave; columns that are not asked for are ignored.
        notations: how numbers are written in this table, where that is not as the model knows it.

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
            cells = spelled(series, column.categories)
            examples[column.key] = cells.fill_null("").to_numpy().astype(object)
            continue
        written = (notations or {}).get(column.name, column.notation)
        examples[column.key], bad = numbers(series, written)
        for row in bad:
            errors.setdefault(int(row), not_a_number(series, int(row)))
    return examples, errors


def notations(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    settings: Mapping[str, Any],
    separator: str | None,
    events: Events,
) -> dict[str, Notation]:
    """How numbers are written in a new table, which may be another way than a model knows.

    Args:
        frame: the table, or enough of its rows.
        columns: that the model reads.
        settings: `decimal`, `thousands` and `units`, where a user has set them.
        separator: between the cells of the file, "semicolon" for instance, if it is known.
        events: told what is not as the model knows it.

    Returns:
        Notations by the names of columns; as the model knows them where the cells allow it.
    """
    numeric = {column.name: column.notation for column in columns if column.kind == "number"}
    as_set = {key: settings[key] for key in ("decimal", "thousands", "units") if key in settings}
    found = notation.infer(
        [series for series in frame if series.name in numeric and series.dtype == pl.String],
        preferred={} if as_set else numeric,
        semicolons=separator == "semicolon",
        ranges={
            column.name: (column.minimum, column.maximum)
            for column in columns
            if column.minimum is not None and column.maximum is not None
        },
        **as_set,
    )
    warn(events, found.notes)
    return {
        name: replace(each, words=numeric[name].words) for name, each in found.notations.items()
    }


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


def numbers(series: pl.Series, written: Notation = PLAIN) -> tuple[np.ndarray, np.ndarray]:
    """A column as numbers.

    Args:
        series: numbers, or text.
        written: how, if they are text.

    Returns:
        float64 (num_rows,), NaN where a value is missing or no number; and the positions, int64,
        of those that are there and no number up to `affine.LARGEST_NUMBER`.
    """
    missing = series.is_null().to_numpy()
    if series.dtype.is_float():
        missing = missing | series.fill_null(0).is_nan().to_numpy()
    cells = series
    if series.dtype == pl.String:
        if written.words:
            missing = missing | series.is_in(list(written.words)).fill_null(False).to_numpy()
        cells = written.plain(series)
    array = np.full(len(series), np.nan)
    if series.dtype == pl.String or series.dtype.is_numeric():
        array = cells.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().astype(np.float64)
    bad = ~missing & ~(np.abs(array) <= LARGEST_NUMBER)
    array[bad | missing] = np.nan  # a word that means missing may be Inf
    return array, np.flatnonzero(bad)


def not_a_number(series: pl.Series, row: int | np.integer) -> str:
    """What to say of a cell that should be a number."""
    what = f"beyond {LARGEST_NUMBER:g}, the largest number that is read"
    what = what if is_too_large(series, row) else "no number"
    return f"'{series.name}' is '{series[int(row)]}', which is {what}"


def is_too_large(series: pl.Series, row: int | np.integer) -> bool:
    """Whether a cell that should be a number is one beyond the largest that is read."""
    try:
        return LARGEST_NUMBER < abs(float(series[int(row)])) < math.inf
    except (TypeError, ValueError):
        return False


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


def canonical(series: pl.Series) -> pl.Series:
    """A column in the one form of each value, text; null where a value is missing.

    Equal are True, TRUE, true and the boolean; 1, 1.0, "1" and "+1", -1 and the Unicode minus
    sign before 1; 0.5 and "0.50"; composed and decomposed accents; text with and without blanks
    around it. Leading zeros are kept: 007 is a name. Each cell is looked at alone, so that a part
    of a table gives what the whole gives.
    """
    if series.dtype.is_float():
        values = series.fill_nan(None)
        is_whole = ((values == values.round()) & (values.abs() < 2**53)).fill_null(False)
        integers = values.set(~is_whole, 0).cast(pl.Int64).cast(pl.String)
        return integers.zip_with(is_whole, values.cast(pl.String))
    written = plain_text(series).str.normalize("NFC")
    truth = written.str.to_lowercase()
    written = truth.zip_with(truth.is_in(["true", "false"]).fill_null(False), written)
    return (
        written.str.replace(rf"^(?:{notation.MINUS})(\d)", "-$1")
        .str.replace(r"^\+(\d)", "$1")
        .str.replace(r"^(-?(?:0|[1-9]\d*)\.\d*?)0+$", "$1")
        .str.replace(r"^(-?(?:0|[1-9]\d*))\.$", "$1")
        .str.replace(r"^-0$", "0")
    )


def plain_text(series: pl.Series) -> pl.Series:
    """A column as text, as it is written but for blanks around it; null where it is missing."""
    return text(series).str.strip_chars(BLANKS)


def spellings(series: pl.Series, forms: pl.Series | None = None) -> dict[str, list[str]]:
    """The different values of a column, by their forms: how each is written, the commonest first.

    Args:
        forms: of its values, if not `canonical`.
    """
    forms = canonical(series) if forms is None else forms
    counted = pl.DataFrame({"form": forms, "written": plain_text(series)}).drop_nulls()
    counted = counted.group_by("form", "written").len()
    found: dict[str, list[str]] = {}
    for form, written, _ in counted.sort("len", "written", descending=[True, False]).iter_rows():
        found.setdefault(form, []).append(written)
    return found


def spelled(series: pl.Series, names: Sequence[str]) -> pl.Series:
    """A column as text, null where a value is missing; a known value as the names have it.

    Args:
        names: the values that a model knows, in its own spelling.
    """
    found = canonical(series)
    if not names:
        return found
    forms = canonical(pl.Series(names, dtype=pl.String)).to_list()
    as_known = dict(zip(reversed(forms), reversed(names), strict=True))
    found = found.replace({form: name for form, name in as_known.items() if form != name})
    if series.dtype != pl.String or len(as_known) == len(names):
        return found
    # A model of dlcli 0.1 may tell 1 from 1.0.
    written = series.str.strip_chars(BLANKS)
    return written.zip_with(written.is_in(list(names)).fill_null(False), found)


def as_known(
    examples: Mapping[str, np.ndarray], entries: Sequence[Mapping[str, Any]]
) -> dict[str, np.ndarray]:
    """Raw examples with known categories in the spelling of the model.

    Args:
        examples: arrays (batch,) by key, categories in any spelling.
    """
    found = dict(examples)
    for column in from_metadata(entries):
        if column.kind == "category":
            cells = pl.Series(found[column.key].tolist(), dtype=pl.String)
            found[column.key] = spelled(cells, column.categories).to_numpy().astype(object)
    return found


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
