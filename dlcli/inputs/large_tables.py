"""Tables of any size: looked through once, then read in pieces, in memory that does not grow.

A table comes out as `dlcli.inputs.tables.read` gives it, but for rows whose cells all mean that
a value is missing: here they keep their place. Blank lines are no rows in either.
"""

from __future__ import annotations

import csv
import hashlib
import io
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import tables, text_files
from dlcli.inputs.images import display_name
from dlcli.notes import Tell

_PIECE_ROWS = 65_536
_PIECE_BYTES = 8_000_000
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Piece:
    """Consecutive rows of a table.

    Args:
        first: the first of them, counted from 0.
        num_rows: how many.
        start, end: bytes of the unpacked file in which they stand; of Parquet 0.
    """

    first: int
    num_rows: int
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class LargeTable:
    """A table that was looked through.

    Args:
        path: what to read, UTF-8 if it is text; perhaps gzipped.
        shown: what to call it in an error.
        types: of the columns, by their names.
        pieces: in order; they hold all rows.
        parse: makes rows of the bytes of a piece; None for Parquet.
        missing_values: see `tables.Reading`.
        spool: keeps a temporary file at `path`.
        reading, notes: see `tables.Contents`.
    """

    path: Path
    shown: str
    types: pl.Schema
    pieces: tuple[Piece, ...]
    parse: Callable[[bytes], pl.DataFrame] | None
    missing_values: Sequence[str]
    spool: text_files.Spool | None = field(default=None, repr=False)
    reading: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def tell(self, tell: Tell) -> None:
        """Pass the notes on."""
        for note in self.notes:
            tell(note)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.types.names()

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self.pieces[-1].first + self.pieces[-1].num_rows

    def frames(self, first: int = 0) -> Iterator[pl.DataFrame]:
        """The rows from one on, in tables of a piece each; see `tables.read` for their types.

        Raises:
            DataError: the file has changed since it was looked through.
        """
        place = bisect_right([piece.first for piece in self.pieces], first) - 1
        with text_files.opened(self.path, self.shown, "a table") as file:
            for piece in self.pieces[place:]:
                frame = self._read(file, piece)
                if len(frame) != piece.num_rows:
                    raise tables.lone_quote(self.shown)
                frame = tables.cleaned(frame, self.missing_values, self.shown)
                yield frame.slice(max(0, first - piece.first))

    def _read(self, file: BinaryIO, piece: Piece) -> pl.DataFrame:
        if self.parse is None:
            rows = pl.scan_parquet(self.path).slice(piece.first, piece.num_rows)
            return rows.collect()
        file.seek(piece.start)
        return self.parse(file.read(piece.end - piece.start))

    def kept_by(self, spool: text_files.Spool) -> LargeTable:
        """The same, with the temporary file that it is in."""
        return replace(self, spool=spool)

    def sha256(self) -> str:
        """Of the bytes that are read."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def survey(
    path: Path,
    *,
    name: str = "",
    header: bool | Literal["auto"] = "auto",
    encoding: str = "auto",
    separator: str = "auto",
    quote: Literal["double", "none"] = "double",
    skip_lines: int = 0,
    missing_values: Sequence[str] = tables.MISSING_VALUES,
    preferred: Mapping[str, Any] | None = None,
    columns: Sequence[str] = (),
) -> LargeTable:
    """Look a table through: what its columns are, and where its rows stand.

    Args:
        path: the file.
        name: what it is called, if not as `path` says.
        header: see `tables.Reading`, as the rest.

    Raises:
        DataError: see `tables.read`.
    """
    shown = name or display_name(path)
    with text_files.opened(path, shown, "a table") as file:
        head = file.read(4)
        if head == b"PAR1":
            spool = None
            if isinstance(file, io.IOBase) and not hasattr(file, "raw"):  # gzipped
                spool = text_files.Spool(".parquet")
                file.seek(0)
                spool.fill(file)
            return _parquet(spool.path if spool else path, shown, missing_values, spool)
    if head == b"PK\x03\x04":
        raise tables.no_workbook(shown)
    text = text_files.utf8(path, encoding, shown, "a table", (preferred or {}).get("encoding", ""))
    spool = text.spool
    is_json = tables.is_json_lines(path.name, head[:1].decode("latin-1"))
    chosen = tables.separator_named(separator, path.name)
    path = spool.path if spool else path
    with text_files.opened(path, shown, "a table") as file:
        start = len(_MARK) if file.read(len(_MARK)) == _MARK else 0
        file.seek(start)
        if is_json:
            types, pieces, parse = _json_lines(file, start, shown)
        else:
            for _ in range(skip_lines):
                start += len(file.readline())
            head = file.read(tables.SAMPLE_CHARACTERS)
            delimiter = tables.SEPARATORS.get(chosen) or tables.separator_of(
                head.decode("utf-8", "ignore"), quote
            )
            file.seek(start)
            types, pieces, parse = _delimited(
                file, start, header, delimiter, quote, skip_lines, shown
            )
    if not pieces:
        raise DataError(f"{shown} holds no rows.", "Is it the right file?")
    inferred = {"encoding": text.encoding.codec}
    return LargeTable(
        path,
        shown,
        types,
        tuple(pieces),
        parse,
        missing_values,
        spool,
        inferred,
        text.encoding.notes,
    )


_Found = tuple[pl.Schema, list[Piece], Callable[[bytes], pl.DataFrame]]


def _delimited(
    file: BinaryIO,
    start: int,
    header: bool | Literal["auto"],
    delimiter: str,
    quote: str,
    skip_lines: int,
    shown: str,
) -> _Found:
    """Check that all records have as many cells, and cut them into pieces."""
    end = start

    def lines() -> Iterator[str]:
        nonlocal end
        for line in file:
            end += len(line)
            yield line.decode()

    records = tables.records_of(lines(), delimiter, quote)
    first = _first_record(records, shown, skip_lines)
    names = first
    has_header = tables.is_header(first) if header == "auto" else header
    columns = tables.column_names(first, bool(has_header), shown)
    schema = pl.Schema(dict.fromkeys(columns, pl.String))
    pieces: list[Piece] = []
    num_rows, piece_first = 0, 0
    if has_header:
        start = end
    elif any(first):
        num_rows = 1
    num_cells = len(names)
    try:
        # The loop that every row passes: a record of one cell is a row also where it is empty.
        for record in records:
            if record:
                if len(record) != num_cells:
                    line = records.line_num + skip_lines
                    raise tables.ragged(shown, line, len(record), num_cells, delimiter)
                num_rows += num_cells == 1 or any(record)
            if num_rows - piece_first >= _PIECE_ROWS or end - start >= _PIECE_BYTES:
                pieces.append(Piece(piece_first, num_rows - piece_first, start, end))
                piece_first, start = num_rows, end
    except csv.Error as error:
        raise tables.unreadable(shown, records.line_num + skip_lines, error) from None
    if num_rows > piece_first:
        pieces.append(Piece(piece_first, num_rows - piece_first, start, end))

    def parse(data: bytes) -> pl.DataFrame:
        data = data.lstrip(b"\r\n")  # polars counts the cells of the first line
        if not data:
            return pl.DataFrame(schema=schema)
        try:
            frame = pl.read_csv(
                io.BytesIO(data),
                has_header=False,
                schema=schema,
                separator=delimiter,
                quote_char='"' if quote == "double" else None,
            )
        except pl.exceptions.PolarsError as error:
            raise DataError(
                f"{shown} cannot be read as a table: {tables.first_line(error)}.", tables.QUOTES
            ) from None
        blank = pl.all().is_null() if num_cells == 1 else pl.all().fill_null("") == ""
        return frame.filter(~pl.all_horizontal(blank))

    return schema, [piece for piece in pieces if piece.num_rows], parse


def _first_record(records: Iterator[list[str]], shown: str, skip_lines: int) -> list[str]:
    try:
        for record in records:
            if record:
                return record
    except csv.Error as error:
        line = getattr(records, "line_num", 0) + skip_lines
        raise tables.unreadable(shown, line, error) from None
    raise DataError(f"{shown} is empty.")


def _json_lines(file: BinaryIO, start: int, shown: str) -> _Found:
    """Find the types that hold all rows, and cut the lines into pieces."""
    pieces: list[Piece] = []
    schemas: list[pl.Schema] = []
    num_rows = 0
    while data := file.read(_PIECE_BYTES):
        data += file.readline()
        if not num_rows and data.lstrip().startswith(b"["):
            raise tables.no_json_list(shown)
        if data.strip():
            frame = tables.json_rows(data, shown)
            tables.cleaned(frame.clear(), (), shown)  # refuses what is nested
            schemas.append(frame.schema)
            pieces.append(Piece(num_rows, len(frame), start, start + len(data)))
            num_rows += len(frame)
        start += len(data)
    if not schemas:
        raise DataError(f"{shown} is empty.")
    whole = pl.concat([schema.to_frame() for schema in schemas], how="diagonal_relaxed").schema
    types = tables.cleaned(whole.to_frame(), (), shown).schema
    return types, pieces, lambda data: tables.json_rows(data, shown, whole)


def _parquet(
    path: Path, shown: str, missing_values: Sequence[str], spool: text_files.Spool | None
) -> LargeTable:
    try:
        lazy = pl.scan_parquet(path)
        schema = lazy.collect_schema()
        num_rows = lazy.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{shown} is a damaged Parquet file: {tables.first_line(error)}.") from None
    types = tables.cleaned(schema.to_frame(), (), shown).schema
    if not num_rows:
        raise DataError(f"{shown} holds no rows.", "Is it the right file?")
    firsts = range(0, num_rows, _PIECE_ROWS)
    pieces = tuple(Piece(first, min(_PIECE_ROWS, num_rows - first)) for first in firsts)
    return LargeTable(path, shown, types, pieces, None, missing_values, spool)


def batches(frames: Iterator[pl.DataFrame], size: int) -> Iterator[pl.DataFrame]:
    """Cut tables that follow one another into tables of one size; the last one may be smaller."""
    held: pl.DataFrame | None = None
    for frame in frames:
        held = frame if held is None or held.is_empty() else pl.concat([held, frame])
        whole = len(held) - len(held) % size
        for start in range(0, whole, size):
            yield held.slice(start, size)
        held = held.slice(whole)
    if held is not None and len(held):
        yield held
