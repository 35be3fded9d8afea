"""Tables of any size: looked through once, then read in pieces, in memory that does not grow.

`dlcli.inputs.tables.read` puts the pieces together. Rows whose cells all mean that a value is
missing keep their place; blank lines are no rows.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Unpack

import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import cells, dialects, json_tables, table_names, text_files
from dlcli.inputs.dialects import Dialect, Reading
from dlcli.shown import display_name

_PIECE_ROWS = 65_536
_PIECE_BYTES = 8_000_000
_FOOTER_RECORDS = 5
_FOOTER_SHOWN = 40
_MARK = b"\xef\xbb\xbf"
_END_OF_FILE = b"\x1a"  # Ctrl-Z, with which MS-DOS ended a text
# What other formats of tables, and packed files, begin with.
_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"ARROW1": "an Arrow or Feather file",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
    b"\x93NUMPY": "a NumPy array",
    b"%PDF-": "a PDF document",
}


@dataclass(frozen=True)
class Piece:
    """Consecutive rows of a table.

    Args:
        first: the first of them, counted from 0.
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
        types: of the columns as they are written, by their names.
        pieces: in order; they hold all rows.
        parse: makes rows of the bytes of a piece; None for Parquet.
        reading, notes: see `tables.Contents`.
        left_out: names of columns that hold no single values, such as lists.
        renamed: names of columns as they are written -> as they were asked for.
        has_header: whether the names of the columns stand in the file, in its first line.
        spool: keeps a temporary file at `path`.
    """

    path: Path
    shown: str
    types: pl.Schema
    pieces: tuple[Piece, ...]
    parse: Callable[[bytes], pl.DataFrame] | None
    missing_values: Sequence[str]
    reading: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    has_header: bool = False
    spool: text_files.Spool | None = field(default=None, repr=False)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.types.names()

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self.pieces[-1].first + self.pieces[-1].num_rows

    def frames(self, first: int = 0, as_written: bool = False) -> Iterator[pl.DataFrame]:
        """The rows from one on, in tables of a piece each; see `tables.read` for their types.

        Args:
            as_written: leave cells as they are: `cleaned` follows.

        Raises:
            DataError: the file is damaged, or has changed since it was looked through.
        """
        place = bisect_right([piece.first for piece in self.pieces], first) - 1
        with text_files.opened(self.path, self.shown, "a table") as file:
            for piece in self.pieces[place:]:
                frame = self._read(file, piece)
                if len(frame) != piece.num_rows:
                    raise _lone_quote(self.shown)
                frame = frame if as_written else self.cleaned(frame)
                yield frame.slice(max(0, first - piece.first))

    def cleaned(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows as `tables.read` gives them."""
        return cells.cleaned(frame, self.missing_values)

    def _read(self, file: BinaryIO, piece: Piece) -> pl.DataFrame:
        if self.parse is None:
            rows = pl.scan_parquet(self.path).rename(self.renamed).select(self.columns)
            with _undamaged(self.shown):
                return rows.slice(piece.first, piece.num_rows).collect()
        file.seek(piece.start)
        return self.parse(file.read(piece.end - piece.start)).rename(self.renamed)

    def kept_by(self, spool: text_files.Spool) -> LargeTable:
        """The same, with the temporary file that it is in."""
        return replace(self, spool=spool)


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, whatever its name."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def survey(
    path: Path, *, name: str = "", keep_empty: bool = False, **form: Unpack[Reading]
) -> LargeTable:
    """Look a table through: what its columns are, and where its rows stand.

    Args:
        name: what it is called, if not as `path` says.
        keep_empty: whether rows without any value are kept, and blank lines of a single column.

    Raises:
        DataError: see `tables.read`.
    """
    shown, called = name or display_name(path), name or path.name
    columns, exclude = form.get("columns", ()), form.get("exclude", ())
    missing_values = form.get("missing_values", cells.MISSING_VALUES)
    with text_files.opened(path, shown, "a table") as file:
        head = file.read(16)
        if head.startswith(b"PAR1"):
            spool = None
            if isinstance(file, io.IOBase) and not hasattr(file, "raw"):  # gzipped
                spool = text_files.Spool(".parquet")
                file.seek(0)
                spool.fill(file)
            where = spool.path if spool else path
            return _parquet(where, shown, missing_values, columns, exclude, spool)
    for mark, what in _FORMATS.items():
        if head.startswith(mark):
            raise DataError(
                f"{shown} is {what}. Expected CSV, TSV, JSON lines or Parquet.",
                "Save the sheet as CSV, unpack the archive, or write the table as Parquet.",
            )
    preferred = form.get("preferred", {}).get("encoding", "")
    text = text_files.utf8(path, form.get("encoding", "auto"), shown, "a table", preferred)
    spool = text.spool
    reading: dict[str, Any] = {"encoding": text.encoding.codec}
    notes = list(text.encoding.notes)
    path = spool.path if spool else path
    with text_files.opened(path, shown, "a table") as file:
        start = len(_MARK) if file.read(len(_MARK)) == _MARK else 0
        file.seek(start)
        head = file.read(dialects.SAMPLE_CHARACTERS)
        is_json = json_tables.is_json(called, head)
        if is_json and json_tables.is_list(head):
            file.seek(start)
            spool = json_tables.lines_of_list(file.read(), shown)
        elif b"\r" in head and b"\n" not in head:  # the line ends of old Macs
            file.seek(start)
            spool = text_files.Spool()
            while block := file.read(_PIECE_BYTES):
                spool.file.write(block.replace(b"\r", b"\n"))
            spool.file.flush()
    if spool and spool.path != path:
        path, start = spool.path, 0
    with text_files.opened(path, shown, "a table") as file:
        file.seek(start)
        has_header = False
        if is_json:
            types, pieces, parse = _json_lines(file, start, shown)
            notes += cells.left_out(types, columns, exclude, shown)
        else:
            head = file.read(dialects.SAMPLE_CHARACTERS)
            form["separator"] = table_names.separator(form.get("separator", "auto"), called)
            is_whole = len(head) < dialects.SAMPLE_CHARACTERS
            dialect = dialects.detect(head.decode("utf-8", "ignore"), is_whole, shown, **form)
            has_header = dialect.header
            reading |= dialect.keys()
            notes += dialect.notes
            file.seek(start)
            for _ in range(dialect.skip_lines):
                start += len(file.readline())
            types, pieces, parse = _delimited(file, start, dialect, keep_empty, shown, notes)
    if not pieces:
        raise DataError(f"{shown} holds no rows.", "Is it the right file?")
    read, left_out, renamed = _columns(types, columns, shown)
    return LargeTable(
        path,
        shown,
        read,
        tuple(pieces),
        parse,
        missing_values,
        reading=reading,
        notes=tuple(notes),
        left_out=left_out,
        renamed=renamed,
        has_header=has_header,
        spool=spool,
    )


def _columns(
    types: pl.Schema, asked: Sequence[str], shown: str
) -> tuple[pl.Schema, tuple[str, ...], dict[str, str]]:
    """Choose the columns of a file that are read: `columns`, `left_out` and `renamed` of a table.

    Raises:
        DataError: a name stands for several columns.
    """
    cells.check_names(types.names(), shown)
    kept = cells.kept(types)
    renamed = cells.as_asked(kept.names(), asked)
    read = pl.Schema({renamed.get(name, name): dtype for name, dtype in kept.items()})
    return read, tuple(types.keys() - kept.keys()), renamed


_Found = tuple[pl.Schema, list[Piece], Callable[[bytes], pl.DataFrame]]


def _delimited(
    file: BinaryIO, start: int, dialect: Dialect, keep_empty: bool, shown: str, notes: list[str]
) -> _Found:
    """Check that all records have as many cells, and cut them into pieces."""
    end = table_end = blank_end = start

    def lines() -> Iterator[str]:
        nonlocal end
        for line in file:
            if line == _END_OF_FILE:
                return
            end += len(line)
            yield line.decode()

    records = dialect.records(lines())
    first = _first_record(records, shown, dialect.skip_lines)
    names = dialects.column_names(first, dialect.header, shown)
    num_names = len(names)
    num_cells = num_names + dialect.ends_with_separator
    counts_all = num_names == 1 or keep_empty
    counts_blank = num_names == 1 and keep_empty
    pieces: list[Piece] = []
    num_rows, num_empty, piece_first = 0, 0, 0
    if dialect.header:
        start = end
    elif any(first):
        num_rows = 1
    try:
        # The loop that every row passes: a record of one cell is a row also where it is empty.
        for record in records:
            if record:
                if len(record) != num_cells:
                    line = records.line_num + dialect.skip_lines
                    if blank_end <= table_end or not _is_footer(record, records):
                        raise dialects.ragged(shown, line, len(record), num_cells, dialect)
                    notes.append(
                        f"{shown}: what follows the table from line {line:,} on, "
                        f"'{record[0][:_FOOTER_SHOWN]}', is left out."
                    )
                    end = table_end
                    break
                if counts_all or any(record):
                    num_rows += 1
                else:
                    num_empty += 1
                table_end = end
            else:
                num_rows += counts_blank
                blank_end = end
            if num_rows - piece_first >= _PIECE_ROWS or end - start >= _PIECE_BYTES:
                pieces.append(Piece(piece_first, num_rows - piece_first, start, end))
                piece_first, start = num_rows, end
    except csv.Error as error:
        raise dialects.unreadable(shown, records.line_num + dialect.skip_lines, error) from None
    if num_rows > piece_first:
        pieces.append(Piece(piece_first, num_rows - piece_first, start, end))
    if num_empty:
        are = (
            "1 row without any value is"
            if num_empty == 1
            else f"{num_empty:,} rows without any value are"
        )
        notes.append(f"{shown}: {are} left out.")
    schema = pl.Schema(dict.fromkeys([*names, *[""] * dialect.ends_with_separator], pl.String))

    def parse(data: bytes) -> pl.DataFrame:
        if keep_empty or not dialect.is_plain(data):
            found = dialect.records(io.StringIO(data.decode(), newline=""))
            rows = [
                record or [""] * num_cells
                for record in found
                if (record and (counts_all or any(record))) or (counts_blank and not record)
            ]
            return pl.DataFrame(rows, schema, orient="row").select(names)
        data = data.lstrip(b"\r\n")  # polars counts the cells of the first line
        if not data:
            return pl.DataFrame(schema=schema).select(names)
        try:
            frame = pl.read_csv(
                io.BytesIO(data),
                has_header=False,
                schema=schema,
                separator=dialect.delimiter,
                quote_char=dialect.quote_character,
            )
        except pl.exceptions.PolarsError as error:
            raise DataError(
                f"{shown} cannot be read as a table: {cells.first_line(error)}.", dialects.QUOTES
            ) from None
        blank = pl.all().is_null() if num_cells == 1 else pl.all().fill_null("") == ""
        return frame.filter(~pl.all_horizontal(blank)).select(names)

    types = pl.Schema(dict.fromkeys(names, pl.String))
    return types, [piece for piece in pieces if piece.num_rows], parse


def _first_record(records: Any, shown: str, skip_lines: int) -> list[str]:
    try:
        for record in records:
            if record:
                return list(record)
    except csv.Error as error:
        raise dialects.unreadable(shown, records.line_num + skip_lines, error) from None
    raise DataError(f"{shown} is empty.")


def _is_footer(record: Sequence[str], records: Iterator[list[str]]) -> bool:
    """Tell whether a record with no more than a few after it has one cell, as they have."""
    rest = list(itertools.islice(records, _FOOTER_RECORDS))
    return len(rest) < _FOOTER_RECORDS and all(len(each) < 2 for each in (record, *rest))


def _lone_quote(shown: str) -> dialects.NotRectangular:
    """What to say where two readers cut a file into different rows."""
    return dialects.NotRectangular(
        f"{shown} cannot be cut into rows: a quotation mark is alone.", dialects.QUOTES
    )


def _json_lines(file: BinaryIO, start: int, shown: str) -> _Found:
    """Find the types that hold all rows, and cut the lines into pieces."""
    pieces: list[Piece] = []
    schemas: list[pl.Schema] = []
    num_rows = 0
    while data := file.read(_PIECE_BYTES):
        data += file.readline()
        if data.strip():
            frame = json_tables.rows(data, shown)
            schemas.append(frame.schema)
            pieces.append(Piece(num_rows, len(frame), start, start + len(data)))
            num_rows += len(frame)
        start += len(data)
    if not schemas:
        raise DataError(f"{shown} is empty.")
    types = json_tables.common(schemas)
    needed = cells.kept(types)
    return types, pieces, lambda data: json_tables.rows(data, shown, needed)


@contextlib.contextmanager
def _undamaged(shown: str) -> Iterator[None]:
    """Turn what polars says of a damaged Parquet file into an error that names it."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DataError(f"{shown} is a damaged Parquet file: {cells.first_line(error)}.") from None


def _parquet(
    path: Path,
    shown: str,
    missing_values: Sequence[str],
    columns: Sequence[str],
    exclude: Sequence[str],
    spool: text_files.Spool | None,
) -> LargeTable:
    with _undamaged(shown):
        lazy = pl.scan_parquet(path)
        schema = lazy.collect_schema()
        num_rows = lazy.select(pl.len()).collect().item()
    notes = cells.left_out(schema, columns, exclude, shown)
    if not num_rows:
        raise DataError(f"{shown} holds no rows.", "Is it the right file?")
    firsts = range(0, num_rows, _PIECE_ROWS)
    pieces = tuple(Piece(first, min(_PIECE_ROWS, num_rows - first)) for first in firsts)
    read, left_out, renamed = _columns(schema, columns, shown)
    return LargeTable(
        path,
        shown,
        read,
        pieces,
        None,
        missing_values,
        notes=tuple(notes),
        left_out=left_out,
        renamed=renamed,
        spool=spool,
    )


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
