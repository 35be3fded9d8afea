"""Tables in JSON: an object a line, or one list of objects."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import cells, table_names, text_files

_SHOWN = 60  # characters of a line
_CELLS = 10_000_000
_CELLS_PER_VALUE = 50
# In a part of a file: what is met less often than that is looked at as a whole.
_SUSPICIOUS = 10
_SAMPLE, _PIECE = 1_000_000, 4_000  # bytes
_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')
_SUFFIXES = {".jsonl", ".ndjson", ".json"}


def is_json(name: str, start: bytes) -> bool:
    """Whether a table is JSON: by its name, or where that says nothing by how it starts."""
    suffix = table_names.suffix(name)
    if suffix in _SUFFIXES:
        return True
    return suffix not in table_names.SUFFIXES and start.lstrip()[:1] in {b"{", b"["}


def is_list(start: bytes) -> bool:
    """Whether JSON is one list."""
    return start.lstrip().startswith(b"[")


def lines_of_list(data: bytes, shown: str) -> text_files.Spool:
    """One list of objects as a temporary file of JSON lines.

    Raises:
        DataError: it is another list, or no JSON.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{shown} is not JSON: {cells.first_line(error)}.") from None
    if not all(isinstance(each, dict) for each in found):
        raise DataError(
            f"{shown} holds one JSON list. Expected JSON lines, an object a line, or a list of "
            "objects."
        )
    spool = text_files.Spool(".jsonl")
    spool.file.write(_lines(found))
    spool.file.flush()
    return spool


def rows(data: bytes, shown: str, schema: pl.Schema | None = None) -> pl.DataFrame:
    """The rows of JSON lines.

    Args:
        data: whole lines, UTF-8.
        schema: types of the columns; None finds them out of all rows, as a column may be whole
            numbers for long before it is not.

    Raises:
        DataError: it is no JSON lines.
    """
    if schema is None:
        _check_keys(data, shown)
    try:
        return _read(data, schema)
    except pl.exceptions.PolarsError as error:
        try:
            return _read(_plain(data), schema)
        except (pl.exceptions.PolarsError, ValueError) as plain_error:
            reason = plain_error if isinstance(plain_error, ValueError) else error
            raise DataError(
                f"{shown} is not JSON lines: {cells.first_line(reason)}.",
                "Expected an object a line, or one list of objects.",
            ) from None


def too_sparse(num_rows: int, num_columns: int, num_values: int) -> str:
    """What is wrong with rows that have little in common, or "".

    Each of their keys is a column, which has a cell in each row: a small file would take all of the
    memory.

    Args:
        num_columns: how many keys they have together.
    """
    num_cells = num_rows * num_columns
    if num_cells <= max(_CELLS, _CELLS_PER_VALUE * num_values):
        return ""
    return (
        f"has {num_columns:,} different keys in {num_rows:,} rows, and only {num_values:,} values. "
        "Expected rows with the same keys, those of the columns."
    )


def common(schemas: Sequence[pl.Schema]) -> pl.Schema:
    """The types that hold all rows of several pieces of a file."""
    nested = {
        name: dtype for schema in schemas for name, dtype in schema.items() if dtype.is_nested()
    }
    plain = [
        pl.Schema({name: nested.get(name, dtype) for name, dtype in schema.items()})
        for schema in schemas
    ]
    return pl.concat([schema.to_frame() for schema in plain], how="diagonal_relaxed").schema


def _check_keys(data: bytes, shown: str) -> None:
    """See that lines do not have a column each, before a table is made of them.

    Raises:
        DataError: they do.
    """
    if len(data) > _SAMPLE:
        starts = (random.randrange(len(data)) for _ in range(_SAMPLE // _PIECE))
        pieces = [data[start : start + _PIECE] for start in starts]
    else:
        pieces = [data]
    found = [key for piece in pieces for key in _KEY.findall(piece)]
    num_sampled = sum(piece.count(b"\n") + 1 for piece in pieces)
    if num_sampled * len(set(found)) <= _SUSPICIOUS * len(found):
        return
    names: set[str] = set()
    num_lines = num_values = 0
    for line in data.splitlines():
        num_lines += 1
        with suppress(ValueError, RecursionError):
            row = json.loads(line)
            names.update(row)
            num_values += len(row)
    if problem := too_sparse(num_lines, len(names), num_values):
        raise DataError(f"{shown} {problem}")


def _read(data: bytes, schema: pl.Schema | None) -> pl.DataFrame:
    return pl.read_ndjson(io.BytesIO(data), schema=schema, infer_schema_length=None)


def _plain(data: bytes) -> bytes:
    """The same lines with what polars does not read: NaN is null, and nested values are empty."""
    found = [_object(line) for line in data.splitlines() if line.strip()]
    nested = {key for row in found for key, value in row.items() if isinstance(value, list | dict)}
    return _lines({**row, **{key: [] for key in nested & row.keys()}} for row in found)


def _object(line: bytes) -> dict[str, Any]:
    shown = line.decode("utf-8", "replace").strip()
    shown = f"'{shown[:_SHOWN]}...'" if len(shown) > _SHOWN else f"'{shown}'"
    try:
        found = json.loads(line, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{shown}: {getattr(error, 'msg', error)}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{shown} is no object")
    return found


def _constant(name: str) -> None:
    if name != "NaN":
        raise ValueError(f"{name} is no number that can be used")


def _lines(found: Iterable[Any]) -> bytes:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in found).encode(
        "utf-8", "surrogatepass"
    )
