"""Tables from CSV, TSV, JSON lines and Parquet files, each also gzipped.

One reader for training and prediction. The cells of text files stay text here;
`dlcli.inputs.columns` makes numbers and categories of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack, cast

import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import large_tables, notation, text_files
from dlcli.inputs.cells import MISSING_VALUES, cleaned
from dlcli.inputs.dialects import NotRectangular, Reading
from dlcli.inputs.table_names import is_table
from dlcli.shown import display_name

__all__ = [
    "MISSING_VALUES", "Contents", "NotRectangular", "NumberReading", "Reading", "cleaned",
    "encoding_for", "is_table", "number_reading_for", "read", "reading_for",
]  # fmt: skip


class NumberReading(Reading, total=False):
    """The same with how numbers are written: they come out in plain notation.

    Args:
        decimal, thousands, units: see `dlcli.inputs.notation`.
    """

    decimal: str
    thousands: str
    units: str


@dataclass(frozen=True)
class Contents:
    """A table that was read.

    Args:
        frame: columns of type String, Float64, Int64 and the like, Date or Datetime. Text files
            give String alone. What is missing is null, and rows without any value are left out.
        reading: keys of a recipe's `data` section with what was inferred, such as the separator;
            none of a Parquet file.
        notes: sentences about guesses that were not the obvious ones.
    """

    frame: pl.DataFrame
    reading: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def reading_for(metadata: Mapping[str, Any]) -> Reading:
    """How a new file is read for a model: each is looked at anew, and may be of another form.

    What was inferred from the training data is preferred, not imposed; what `--set` gave is
    (see `dlcli.artifacts.settings`).
    """
    form = metadata["input"]
    stored: Mapping[str, Any] = form.get("reading", {})
    columns = [column["name"] for column in form.get("columns", ())]
    columns += [form["text"]] if "text" in form else []
    columns += form.get("steps", ())  # of whole series
    if forecast := metadata.get("forecast"):
        columns += [column["name"] for column in (*forecast["columns"], *forecast["targets"])]
        time = forecast["time"]
        columns += [time] if isinstance(time, str) else time
    else:
        columns.append(metadata.get("target", ""))
    reading: Reading = {
        "missing_values": stored.get("missing_values", MISSING_VALUES),
        "preferred": stored,
        "columns": [name for name in columns if name],
    }
    asked = stored.keys() & Reading.__annotations__.keys()
    given = {key: value for key, value in metadata.get("set", {}).items() if key in asked}
    return {**reading, **given}


def number_reading_for(metadata: Mapping[str, Any]) -> NumberReading:
    """The same for a model of which all columns of a table are numbers."""
    stored = {"decimal": notation.AUTO, "units": notation.AUTO} | metadata["input"]["reading"]
    given = metadata.get("set", {})
    return {
        **reading_for(metadata),
        "decimal": given.get("decimal", stored["decimal"]),
        "thousands": given.get("thousands", notation.AUTO),
        "units": given.get("units", stored["units"]),
    }


def encoding_for(metadata: Mapping[str, Any]) -> tuple[str, str]:
    """The encoding that `--set` gave, else "auto", and that of the model's own data."""
    stored = metadata.get("recipe", {}).get("data", {}).get("encoding", "")
    return metadata.get("set", {}).get("encoding", "auto"), stored


def read(path: Path, *, keep_empty: bool = False, **form: Unpack[NumberReading]) -> Contents:
    """Read a table; see `Reading` for the arguments.

    Args:
        keep_empty: whether rows without any value are kept, but for those at the end, as the rows
            of a series count. In a file of one column, so are blank lines.

    Raises:
        DataError: the file is missing, unreadable, no table, ragged or empty, or two
            columns have one name.
    """
    decimal, thousands = form.pop("decimal", ""), form.pop("thousands", "")
    units = form.pop("units", "")
    spool = text_files.piped(path, "a table")
    table = large_tables.survey(
        spool.path if spool else path,
        name=display_name(path) if spool else "",
        keep_empty=keep_empty,
        **cast(Reading, form),
    )
    frame, notes = pl.concat(list(table.frames())), list(table.notes)
    if table.has_header and frame.width > 1:
        is_header = pl.all_horizontal(pl.col(name) == name for name in frame.columns)
        repeated = frame.select(is_header.sum()).item()
        if 0 < repeated <= len(frame) / 2:  # more of them are something else
            frame = frame.filter(~is_header.fill_null(False))
            rows = "row that repeats" if repeated == 1 else "rows that repeat"
            notes.append(f"{table.shown}: {repeated:,} {rows} the header: left out.")
    is_gap = pl.all_horizontal(pl.all().is_null())
    if keep_empty:
        values = frame.select((~is_gap).arg_true()).to_series()
        frame = frame.head(int(values[-1]) + 1 if len(values) else 0)
    else:
        frame = frame.filter(~is_gap)
    if frame.is_empty():
        raise DataError(f"{table.shown} holds no rows.", "Is it the right file?")
    unread = [name for name in form.get("exclude", ()) if name in table.left_out]
    frame = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in unread)
    reading = table.reading
    if decimal and thousands and units:
        has_semicolons = reading.get("separator") == "semicolon"
        frame, found = notation.plain_frame(frame, decimal, thousands, units, has_semicolons)
        notes += found.notes
        reading = {**reading, **found.inferred}
    return Contents(frame, reading, tuple(notes))
