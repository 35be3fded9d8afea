"""Tables from CSV, TSV, JSON lines and Parquet files, each also gzipped.

One reader for training and prediction. The cells of text files stay text here;
`dlcli.inputs.columns` makes numbers and categories of them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict

import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import text_files
from dlcli.inputs.images import display_name
from dlcli.notes import Tell

SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".parquet")
MISSING_VALUES = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_SAMPLE_RECORDS = 50
_LARGEST_CELL = 16_000_000  # characters; Python's own limit of 131,072 is less than a book
SAMPLE_CHARACTERS = 1_000_000
QUOTES = "If the file never quotes its cells: data.quote=none"


class NotRectangular(DataError):
    """A file that cannot be cut into rows of equally many cells."""


class Reading(TypedDict, total=False):
    """How a text file is read: the keyword arguments of `read`, as `data:` has them.

    Args:
        header: whether the first line holds the names of the columns. "auto": it does
            unless one of its cells is a number. Without names: column_1, column_2, ...
        encoding: a codec of Python, or "auto"; see `dlcli.inputs.text_files.decoded`.
        separator: "auto": the one that cuts the most lines into equally many cells.
        quote: "none" for files in which a quotation mark means nothing.
        skip_lines: lines to leave out before the header or the first row.
        missing_values: cells that mean there is no value, after blanks at both ends are cut.
        preferred: how a model's own data was read: taken for what is "auto" where the file can be
            read so.
        columns: names that a model expects; a first line that holds one of them is a header.
    """

    header: bool | Literal["auto"]
    encoding: str
    separator: str
    quote: Literal["double", "none"]
    skip_lines: int
    missing_values: Sequence[str]
    preferred: Mapping[str, Any]
    columns: Sequence[str]


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

    def tell(self, tell: Tell) -> None:
        """Pass the notes on."""
        for note in self.notes:
            tell(note)


def reading_for(metadata: Mapping[str, Any]) -> Reading:
    """How a new file is read for a model: each is looked at anew, and may be of another form.

    What was inferred from the training data is preferred, not imposed; what `--set` gave is
    (see `dlcli.artifacts.settings`).

    Args:
        metadata: the model's.
    """
    form = metadata["input"]
    stored: Mapping[str, Any] = form.get("reading", {})
    columns = [column["name"] for column in form.get("columns", ())]
    columns += [form["text"]] if "text" in form else []
    if forecast := metadata.get("forecast"):
        columns += [column["name"] for column in (*forecast["columns"], *forecast["targets"])]
    reading: Reading = {
        "missing_values": stored.get("missing_values", MISSING_VALUES),
        "preferred": stored,
        "columns": columns,
    }
    given = {key: value for key, value in metadata.get("set", {}).items() if key in stored}
    return {**reading, **given}


def encoding_for(metadata: Mapping[str, Any]) -> tuple[str, str]:
    """The encoding that `--set` gave, else "auto", and that of the model's own data."""
    stored = metadata.get("recipe", {}).get("data", {}).get("encoding", "")
    return metadata.get("set", {}).get("encoding", "auto"), stored


def is_table(path: Path) -> bool:
    """Whether a file's name is that of a table, gzipped or not."""
    return suffix(path.name) in SUFFIXES


def read(
    path: Path,
    *,
    header: bool | Literal["auto"] = "auto",
    encoding: str = "auto",
    separator: str = "auto",
    quote: Literal["double", "none"] = "double",
    skip_lines: int = 0,
    missing_values: Sequence[str] = MISSING_VALUES,
    preferred: Mapping[str, Any] | None = None,
    columns: Sequence[str] = (),
) -> Contents:
    """Read a table; see `Reading` for the arguments.

    Raises:
        DataError: the file is missing, unreadable, no table, ragged or empty, or two
            columns have one name.
    """
    shown = display_name(path)
    inferred: dict[str, Any] = {}
    notes: list[str] = []
    data = text_files.content(path, shown, "a table")
    if data.startswith(b"PAR1"):
        frame = _parquet(data, shown)
    elif data.startswith(b"PK\x03\x04"):
        raise no_workbook(shown)
    else:
        text, found = text_files.decoded(
            data, encoding, shown, (preferred or {}).get("encoding", "")
        )
        inferred["encoding"] = found.codec
        notes += found.notes
        if is_json_lines(path.name, text[:1]):
            frame = _json_lines(text, shown)
        else:
            if skip_lines:
                text = "".join(text.splitlines(keepends=True)[skip_lines:])
            chosen = separator_named(separator, path.name)
            frame = _delimited(text, header, chosen, quote, skip_lines, shown)
    frame = cleaned(frame, missing_values, shown)
    frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    if frame.is_empty():
        raise DataError(f"{shown} holds no rows.", "Is it the right file?")
    return Contents(frame, inferred, tuple(notes))


def is_json_lines(name: str, start: str) -> bool:
    """Whether a table is JSON lines: by its name, or where that says nothing by how it starts."""
    ending = suffix(name)
    return ending in {".jsonl", ".ndjson"} or (ending not in SUFFIXES and start == "{")


def suffix(name: str) -> str:
    """The suffix of a file's name in lower case, not counting .gz."""
    return Path(name.lower().removesuffix(".gz")).suffix


def _parquet(data: bytes, shown: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{shown} is a damaged Parquet file: {first_line(error)}.") from None


def _json_lines(text: str, shown: str) -> pl.DataFrame:
    if text.lstrip().startswith("["):
        raise no_json_list(shown)
    return json_rows(text.encode(), shown)


def json_rows(data: bytes, shown: str, schema: pl.Schema | None = None) -> pl.DataFrame:
    """The rows of JSON lines.

    Args:
        data: whole lines, UTF-8.
        shown: what to call the file in an error.
        schema: types of the columns; None finds them out of all rows, as a column may be whole
            numbers for long before it is not.

    Raises:
        DataError: it is no JSON lines.
    """
    try:
        return pl.read_ndjson(io.BytesIO(data), schema=schema, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            f"{shown} is not JSON lines: {first_line(error)}.", "Expected an object a line."
        ) from None


def no_json_list(shown: str) -> DataError:
    """What to say of a file that is one list."""
    return DataError(
        f"{shown} holds one JSON list. Expected JSON lines: an object a line.",
        f"Convert it: jq -c '.[]' {shown}",
    )


def no_workbook(shown: str) -> DataError:
    """What to say of a file that is a zip archive, as workbooks are."""
    return DataError(
        f"{shown} is an Excel workbook or a zip archive. Expected CSV, TSV, JSON lines or Parquet.",
        "Save the sheet as CSV, or unpack the archive.",
    )


def separator_named(separator: str, name: str) -> str:
    """The name of the separator that is meant, or "auto", by the recipe and the file's name."""
    if separator == "auto" and suffix(name) in {".tsv", ".tab"}:
        return "tab"
    return separator


def _delimited(
    text: str,
    header: bool | Literal["auto"],
    separator: str,
    quote: str,
    skip_lines: int,
    shown: str,
) -> pl.DataFrame:
    if not text.strip():
        raise DataError(f"{shown} is empty.")
    delimiter = SEPARATORS.get(separator) or separator_of(text, quote)
    first, num_records = _checked(text, delimiter, quote, skip_lines, shown)
    has_header = is_header(first) if header == "auto" else header
    try:
        frame = pl.read_csv(
            io.BytesIO(text.lstrip("\r\n").encode()),  # polars counts the cells of the first line
            has_header=False,
            infer_schema=False,
            separator=delimiter,
            quote_char='"' if quote == "double" else None,
        )
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{shown} cannot be read as a table: {first_line(error)}.", QUOTES
        ) from None
    frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))  # blank lines
    if len(frame) != num_records:
        raise lone_quote(shown)
    columns = column_names(first, has_header, shown)
    return frame.slice(1 if has_header else 0).rename(
        dict(zip(frame.columns, columns, strict=True))
    )


def lone_quote(shown: str) -> NotRectangular:
    """What to say where two readers cut a file into different rows."""
    return NotRectangular(f"{shown} cannot be cut into rows: a quotation mark is alone.", QUOTES)


def column_names(first: Sequence[str], has_header: bool, shown: str) -> list[str]:
    """What the columns are called.

    Args:
        first: the cells of the first record.
        has_header: whether they are names.
        shown: what to call the file in an error.

    Raises:
        DataError: two have one name.
    """
    columns = [name.strip() for name in first] if has_header else [""] * len(first)
    columns = [name or f"column_{place}" for place, name in enumerate(columns, 1)]
    if twice := [name for name, times in Counter(columns).items() if times > 1]:
        raise DataError(
            f"{shown} has {Counter(columns)[twice[0]]} columns named '{twice[0]}'.",
            "Give each a name of its own, or data.header=false if the first line is no header.",
        )
    return columns


def records_of(lines: Iterable[str], delimiter: str, quote: str) -> Any:
    """What gives the cells of each record of lines that keep their ends; blank lines have none."""
    csv.field_size_limit(_LARGEST_CELL)
    return csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quote == "double" else csv.QUOTE_NONE,
        strict=True,
    )


def separator_of(text: str, quote: str) -> str:
    """The separator that cuts the most of the first lines into equally many cells."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths: Counter[int] = Counter()
        try:
            for record in records_of(
                io.StringIO(text[:SAMPLE_CHARACTERS], newline=""), delimiter, quote
            ):
                if record:
                    widths[len(record)] += 1
                if widths.total() == _SAMPLE_RECORDS:
                    break
        except csv.Error:
            pass  # what was read so far counts
        if not widths:
            return 0.0, 0
        width, times = widths.most_common(1)[0]
        return (times / widths.total() if width > 1 else 0.0), width

    return max(SEPARATORS.values(), key=fit)


def _checked(
    text: str, delimiter: str, quote: str, skip_lines: int, shown: str
) -> tuple[list[str], int]:
    """Check that all records have as many cells, as polars fills short rows up in silence.

    Returns:
        The first record, and the number of records that are not blank.
    """
    first: list[str] = []
    num_records = 0
    records = records_of(io.StringIO(text, newline=""), delimiter, quote)
    try:
        for record in records:
            first = first or record
            num_records += any(record)
            if record and len(record) != len(first):
                line = records.line_num + skip_lines
                raise ragged(shown, line, len(record), len(first), delimiter)
    except csv.Error as error:
        raise unreadable(shown, records.line_num + skip_lines, error) from None
    return first, num_records


def ragged(shown: str, line: int, num_cells: int, expected: int, delimiter: str) -> NotRectangular:
    """What to say of a record with more or fewer cells than the first.

    Args:
        shown: what to call the file.
        line: where the record ends.
        num_cells, expected: of the record and of the first.
        delimiter: what cut them.
    """
    cut_by = next(name for name, each in SEPARATORS.items() if each == delimiter)
    others = [name for name in SEPARATORS if name != cut_by]
    return NotRectangular(
        f"{shown} is ragged: line {line} has {num_cells} cells, the first has {expected}.",
        f"Correct that line; or, if it is not a {cut_by} that cuts the cells, name it: "
        f"data.separator={others[0]}, {others[1]} or {others[2]}; or leave lines out with "
        "data.skip_lines=1.",
    )


def unreadable(shown: str, line: int, error: csv.Error) -> NotRectangular:
    """What to say of a record that breaks the rules of CSV."""
    return NotRectangular(f"{shown} line {line} cannot be read: {error}.", QUOTES)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a first record looks like the names of columns: none of its cells is a number."""
    return not any(_is_number(cell) for cell in cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def cleaned(frame: pl.DataFrame, missing_values: Sequence[str], shown: str) -> pl.DataFrame:
    """Text without blanks around it, booleans as text, nothing nested."""
    columns = []
    for series in frame:
        dtype = series.dtype
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
            raise DataError(
                f"{shown}: the column '{series.name}' holds {dtype} values. Expected text, "
                "numbers, dates or true and false."
            )
        if dtype.is_numeric() or dtype.is_temporal():
            columns.append(pl.col(series.name))
        else:
            text = pl.col(series.name).cast(pl.String).str.strip_chars()
            columns.append(pl.when(~text.is_in(list(missing_values))).then(text).alias(series.name))
    return frame.select(columns)


def first_line(error: Exception) -> str:
    """The first line of what an error says, without a full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
