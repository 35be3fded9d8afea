"""How a text table is written, found from its start: separator, quotation marks, header.

Whatever was not the obvious reading is noted in a sentence that names the key to override it.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

import numpy as np

from dlcli.errors import DataError
from dlcli.inputs.cells import BLANKS

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
QUOTES = "If the file never quotes its cells: data.quote=none"
SAMPLE_CHARACTERS = 1_000_000

_LARGEST_CELL = 16_000_000  # characters; Python's own limit of 131,072 is less than a book
_SAMPLE_RECORDS = 50  # that decide about the separator
_HEADER_RECORDS = 1_000  # that the first one is compared with
_TITLE_RECORDS = 20  # among which the header is looked for
_TITLE_SHOWN = 40
_WORDS = 3  # that a text has, and few names of columns
_QUOTE_CHARACTERS = {"double": '"', "backslash": '"', "single": "'", "none": None}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.I | re.S)
_NUMBER = re.compile(r"[+\-\u2212]?[€$£¥]?\s?(\d[\d.,'\s]*|\.)?\d\.?(e[+-]?\d+)?\s?[%‰€$£¥]?", re.I)
_TIME = re.compile(
    r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([T ]\d{1,2}(:\d{2}){1,2}.*)?|\d{1,2}:\d\d.*"
)
_GAPS = {"", "na", "n/a", "nan", "null", "none", "?", "-"}


class NotRectangular(DataError):
    """A file that cannot be cut into rows of equally many cells."""


class Reading(TypedDict, total=False):
    """How a text file is read, as `data:` has it.

    Args:
        header: whether the first line holds the names of the columns. "auto": by comparing it
            with the lines below. Without names: column_1, column_2, ...
        encoding: a codec of Python, or "auto"; see `dlcli.inputs.text_files.decoded`.
        separator: "auto": the one that cuts the most lines into equally many cells.
        quote: "double", "single", "backslash" (double, with backslashes before quotation marks in
            a cell), or "none" for files in which a quotation mark means nothing.
        skip_lines: lines to leave out before the header or the first row. "auto": comments that
            begin with #, and a title.
        missing_values: cells that mean there is no value, after blanks at both ends are cut.
        preferred: how a model's own data was read: taken for what is "auto" where the file can be
            read so.
        columns: names that are asked for; a first line that holds one of them is a header.
        exclude: names of columns that are left out anyway; those that cannot be read are empty.
    """

    header: bool | Literal["auto"]
    encoding: str
    separator: str
    quote: str
    skip_lines: int | Literal["auto"]
    missing_values: Sequence[str]
    preferred: Mapping[str, Any]
    columns: Sequence[str]
    exclude: Sequence[str]


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Args:
        separator: a name of `SEPARATORS`.
        quote: "double", "single", "backslash" (double, with backslashes before quotation marks
            in a cell) or "none".
        skip_lines: lines before the header or the first row.
        header: whether the first record holds the names of the columns.
        ends_with_separator: whether every row, but not the header, ends with a separator.
        title_lines: lines at the start of the file that seem to be no part of the table.
    """

    separator: str
    quote: str
    skip_lines: int
    header: bool
    ends_with_separator: bool = False
    title_lines: int = 0
    notes: tuple[str, ...] = ()

    @property
    def delimiter(self) -> str:
        """The character between cells."""
        return SEPARATORS[self.separator]

    @property
    def quote_character(self) -> str | None:
        """The character around cells, or None."""
        return _QUOTE_CHARACTERS[self.quote]

    def records(self, lines: Iterable[str]) -> Any:
        """A `csv.reader` of lines that keep their ends; blank lines are records without cells."""
        return _records(lines, self.separator, self.quote)

    def is_plain(self, data: bytes) -> bool:
        """Whether a reader that knows nothing but doubled quotation marks reads the same.

        Not where a quotation mark stands inside of a cell that has none around it.
        """
        if self.separator == "space" or self.quote in {"single", "backslash"}:
            return False
        if self.quote == "none" or b'"' not in data:
            return True
        around = np.frombuffer(b"\n%b\n" % data, np.uint8)
        places = np.flatnonzero(around == ord('"'))
        borders = np.frombuffer(f'{self.delimiter}\r\n"'.encode(), np.uint8)
        is_first = np.isin(around[places - 1], borders)
        is_last = np.isin(around[places + 1], borders)
        num_inner = np.count_nonzero(~is_first & ~is_last)
        # More marks that only end cells than begin them: some end one that has none around it.
        num_ends, num_starts = (
            np.count_nonzero(x) for x in (is_last & ~is_first, is_first & ~is_last)
        )
        return not num_inner and bool(num_ends <= num_starts)

    def keys(self) -> dict[str, Any]:
        """The keys of a recipe's `data` section."""
        return {
            "separator": self.separator,
            "quote": self.quote,
            "skip_lines": self.skip_lines,
            "header": self.header,
        }


@dataclass(frozen=True)
class _Fit:
    """How well a separator cuts the first records.

    Args:
        records: the first ones, without blank lines.
        is_broken: whether a quotation mark is at a place where none can be.
    """

    separator: str
    quote: str
    records: list[list[str]]
    is_broken: bool

    @property
    def width(self) -> int:
        """The most common number of cells."""
        widths = Counter(len(record) for record in self.records)
        return widths.most_common(1)[0][0] if widths else 0

    @property
    def share(self) -> float:
        """Share of the records that have that many, if they are more than one.

        What could not be cut to the end is taken for the fewer records that were.
        """
        if self.width < 2:
            return 0.0
        num_records = _SAMPLE_RECORDS if self.is_broken else len(self.records)
        return sum(len(record) == self.width for record in self.records) / num_records

    @property
    def quality(self) -> float:
        """Mean over cells: 1 for those that look whole, less for those another one may cut."""
        cells = [cell for record in self.records if len(record) == self.width for cell in record]
        return sum(map(self._wholeness, cells)) / max(len(cells), 1)

    def _wholeness(self, cell: str) -> float:
        text = cell.strip()
        if is_number(text) or _TIME.fullmatch(text):
            return 1.0
        others = [character for character in ";\t|" if character != SEPARATORS[self.separator]]
        if any(character in text for character in others):
            return 0.0
        return 0.25 if "," in text else 1.0

    def names(self, columns: Sequence[str]) -> bool:
        """Whether one of the first records holds a name."""
        return any(
            cell.strip() in columns for record in self.records[:_TITLE_RECORDS] for cell in record
        )


def detect(sample: str, is_whole: bool, shown: str, **reading: Unpack[Reading]) -> Dialect:
    """Find how a table is written; what is not "auto" is taken as it is.

    Args:
        sample: its first `SAMPLE_CHARACTERS`.
        is_whole: whether that is all.
        reading: of it all, the encoding and the missing values do not matter here.

    Raises:
        DataError: the table is empty.
    """
    separator, quote = reading.get("separator", "auto"), reading.get("quote", "auto")
    skip_lines, preferred = reading.get("skip_lines", "auto"), reading.get("preferred", {})
    columns, notes = reading.get("columns", ()), list[str]()
    lines = io.StringIO(sample, newline="").readlines()
    if not is_whole and len(lines) > 1:
        lines.pop()  # cut off
    start = 0 if skip_lines == "auto" else skip_lines
    if start < len(lines) and (match := _SEPARATOR_LINE.fullmatch(lines[start])):
        separator = _named(match[1], shown) if separator == "auto" else separator
        start += 1
    if not "".join(lines[start:]).strip("\ufeff\x1a \t\r\n"):
        raise DataError(f"{shown} is empty.")
    fit = _fit(lines[start:], shown, separator, quote, preferred, columns, notes)
    records = list(_numbered(lines[start:], fit.separator, fit.quote))
    evenly = [before for before, record in records if len(record) == fit.width]
    title_lines = start + evenly[0] if evenly and evenly[0] else 0
    if skip_lines == "auto":
        first = _first_record(records, fit.width, preferred, columns)
        if before := records[:first]:
            start += records[first][0]
            notes.append(
                f"{shown}: {_lines(start)} at its start {'is' if start == 1 else 'are'} left out, "
                f"such as '{_shortened(','.join(before[0][1]).strip(','))}' (data.skip_lines)."
            )
        records = records[first:]
    table = [record for _, record in records]
    has_header = reading.get("header", "auto")
    if has_header == "auto":
        has_header, note = _has_header(table, preferred, columns)
        notes += [f"{shown}: {note}"] if note else []
    width = len(table[0]) if table else 0
    ends_with_separator = (
        has_header
        and len(table) > 1
        and all(len(record) == width + 1 and not record[-1].strip() for record in table[1:])
    )
    return Dialect(
        fit.separator,
        fit.quote,
        start,
        bool(has_header),
        ends_with_separator,
        title_lines,
        tuple(notes),
    )


def column_names(first: Sequence[str], has_header: bool, shown: str) -> list[str]:
    """What the columns are called.

    Args:
        first: the cells of the first record.

    Raises:
        DataError: two have one name.
    """
    given = [name.strip(BLANKS) for name in first] if has_header else [""] * len(first)
    columns = []
    for place, name in enumerate(given, 1):
        own = name or f"column_{place}"
        while not name and own in given:
            own += "_"
        columns.append(own)
    if twice := [name for name, times in Counter(columns).items() if times > 1]:
        raise DataError(
            f"{shown} has {Counter(columns)[twice[0]]} columns named '{twice[0]}'.",
            "Give each a name of its own, or data.header=false if the first line is no header.",
        )
    return columns


def ragged(
    shown: str, line: int, num_cells: int, expected: int, dialect: Dialect
) -> NotRectangular:
    """What to say of a record with more or fewer cells than the first.

    Args:
        line: where the record ends.
        num_cells, expected: of the record and of the first.
    """
    others = [name for name in SEPARATORS if name != dialect.separator]
    title = ""
    if dialect.title_lines:
        title = f"; or leave out what is before the table: data.skip_lines={dialect.title_lines}"
    return NotRectangular(
        f"{shown} is ragged: line {line} has {num_cells} cells, the first has {expected}.",
        f"Correct that line; or, if it is not a {dialect.separator} that cuts the cells, name it: "
        f"data.separator={', '.join(others[:-1])} or {others[-1]}{title}.",
    )


def unreadable(shown: str, line: int, error: csv.Error) -> NotRectangular:
    """What to say of a record that breaks the rules of CSV."""
    if "new-line" in str(error):
        return NotRectangular(
            f"{shown} line {line} holds a carriage return that ends no line, as the other "
            "lines end otherwise.",
            "Write all line ends alike, \\n or \\r\\n.",
        )
    return NotRectangular(f"{shown} line {line} cannot be read: {error}.", QUOTES)


def is_number(cell: str) -> bool:
    """Whether a cell looks like a number, in any country's form."""
    return bool(_NUMBER.fullmatch(cell.strip()))


def _records(lines: Iterable[str], separator: str, quote: str) -> Any:
    csv.field_size_limit(_LARGEST_CELL)
    if separator == "space":
        lines = (f"{line.expandtabs(1).strip()}\n" for line in lines)
    return csv.reader(
        lines,
        delimiter=SEPARATORS[separator],
        quoting=csv.QUOTE_NONE if quote == "none" else csv.QUOTE_MINIMAL,
        quotechar=_QUOTE_CHARACTERS[quote] or '"',
        escapechar="\\" if quote == "backslash" else None,
        skipinitialspace=True,
        strict=True,
    )


def _numbered(lines: Sequence[str], separator: str, quote: str) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, each with the number of lines before it."""
    records = _records(lines, separator, quote)
    before = 0
    try:
        for record in records:
            if record:
                yield before, record
            before = records.line_num
            if before > _HEADER_RECORDS:
                return
    except csv.Error:
        return  # whoever reads it says so


def _named(character: str, shown: str) -> str:
    for name, each in SEPARATORS.items():
        if each == character:
            return name
    raise DataError(
        f"the first line of {shown} says that '{character}' cuts its cells. Expected one of: "
        f"{', '.join(SEPARATORS)}."
    )


def _fit(
    lines: Sequence[str],
    shown: str,
    separator: str,
    quote: str,
    preferred: Mapping[str, Any],
    columns: Sequence[str],
    notes: list[str],
) -> _Fit:
    """The separator and the quotation marks that fit best."""
    quotes = ["double", "backslash", "single"] if quote == "auto" else [quote]
    if quote == "auto" and preferred.get("quote") in _QUOTE_CHARACTERS:
        quotes.insert(0, preferred["quote"])
    chosen = None
    for each in dict.fromkeys(quotes):
        if each == "backslash" and not any('\\"' in line for line in lines):
            continue
        if each == "single" and not any("'" in line for line in lines):
            continue
        found = _best(lines, shown, separator, each, preferred, columns)
        chosen = chosen or found
        fit, _ = found
        if _is_consistent(lines, fit):
            chosen = found
            break
    if chosen is None:  # never: the first quotation mark has a fit
        raise DataError(f"{shown} is empty.")
    fit, note = chosen
    notes += [note] if note else []
    if quote == "auto" and fit.quote not in {"double", preferred.get("quote")}:
        marks = "single quotation marks" if fit.quote == "single" else "backslashes before quotes"
        notes.append(f"{shown}: its cells are read with {marks} (data.quote={fit.quote}).")
    return fit


def _is_consistent(lines: Sequence[str], fit: _Fit) -> bool:
    """Whether all of a sample is cut alike, but for the header and what ends with a separator."""
    widths: Counter[int] = Counter()
    try:
        for record in _records(lines, fit.separator, fit.quote):
            if record:
                widths[len(record)] += 1
    except csv.Error:
        return False
    return len(widths) == 1


def _best(
    lines: Sequence[str],
    shown: str,
    separator: str,
    quote: str,
    preferred: Mapping[str, Any],
    columns: Sequence[str],
) -> tuple[_Fit, str]:
    """The separator that fits best with these quotation marks, and a note if it was a guess."""
    if separator != "auto":
        return _first_records(lines, separator, quote), ""
    names = [name for name in reversed(SEPARATORS) if name != "space"]  # the last one wins a tie
    fits = [_first_records(lines, name, quote) for name in names]

    def key(fit: _Fit) -> tuple[Any, ...]:
        is_preferred = fit.separator == preferred.get("separator")
        has_names = fit.width > 1 and fit.names(columns)
        return has_names, fit.share, is_preferred, fit.quality, fit.width

    *_, second, best = sorted(fits, key=key)
    if best.share < 1:
        blanks = _first_records(lines, "space", quote)
        cells = [cell for record in blanks.records for cell in record]
        if blanks.share == 1 and 3 * sum(map(is_number, cells)) >= len(cells):
            note = f"{shown}: its cells are cut at blanks (data.separator=space)."
            return blanks, "" if preferred.get("separator") == "space" else note
    if best.share and second.share == best.share and key(best)[:3] == key(second)[:3]:
        return best, (
            f"{shown}: its cells are cut at each {best.separator}, though a {second.separator} "
            f"would cut the lines evenly too (data.separator={second.separator})."
        )
    return best, ""


def _first_records(lines: Sequence[str], separator: str, quote: str) -> _Fit:
    records: list[list[str]] = []
    try:
        for record in _records(lines, separator, quote):
            if record and any(record):
                records.append(record)
            if len(records) == _SAMPLE_RECORDS:
                break
    except csv.Error:
        return _Fit(separator, quote, records, True)
    return _Fit(separator, quote, records, False)


def _first_record(
    records: Sequence[tuple[int, list[str]]],
    width: int,
    preferred: Mapping[str, Any],
    columns: Sequence[str],
) -> int:
    """Which record is the first of the table: comments and a title may stand before it."""
    num_comments = _num_comments([record for _, record in records[:_TITLE_RECORDS]], width)
    for place, (_, record) in enumerate(records[:_TITLE_RECORDS]):
        is_named = len(record) > 1 and any(cell.strip() in columns for cell in record)
        if is_named and place >= num_comments:
            return place
    first = 0
    for place, (_, record) in enumerate(records[:_TITLE_RECORDS]):
        filled = [cell for cell in record if cell.strip()]
        is_comment = place < num_comments
        is_title = len(record) == width > 2 and filled == record[:1]
        is_blank = first == place > 0 and not filled
        if is_comment or is_title or is_blank:
            first = place + 1
            continue
        break
    follows = records[first][1] if first < len(records) else []
    if first and (len(follows) != width or sum(map(bool, follows)) < 2):
        return 0
    if not first and preferred.get("header") is False and preferred.get("skip_lines"):
        lines = preferred["skip_lines"]
        for place, (before, record) in enumerate(records[:_TITLE_RECORDS]):
            if before == lines and len(record) == width != len(records[0][1]):
                return place
    return first


def _num_comments(records: Sequence[Sequence[str]], width: int) -> int:
    """Count the first records that are comments beginning with #; the last may be the header."""
    marked = list(itertools.takewhile(lambda record: record[0].startswith("#"), records))
    odd = [place for place, record in enumerate(marked, 1) if len(record) != width]
    if not odd:
        return 0
    follows = records[len(marked)] if len(marked) < len(records) else []
    names_follow = len(follows) == width and not {"number", "time"} & set(map(_kind, follows))
    return len(marked) if names_follow else odd[-1]


def _has_header(
    records: Sequence[Sequence[str]], preferred: Mapping[str, Any], columns: Sequence[str]
) -> tuple[bool, str]:
    """Whether the first record holds names, and a note if that was a guess."""
    if not records:
        return False, ""
    first = [cell.strip() for cell in records[0]]
    if any(name in columns for name in first):
        return True, ""
    if preferred.get("header") is False:
        return False, ""
    if len(first) == 1:  # too little to guess by
        return _kind(first[0]) in {"text", "gap"}, ""
    below = [record for record in records[1:] if len(record) == len(first)]
    some = [_shortened(cell) for cell in first[:4]]
    shown = ", ".join(some) + (", ..." if len(first) > 4 else "")
    taken = f"its first line ({shown}) is taken as the names of the columns"
    as_row = f"its first line ({shown}) is taken as a row of values"
    kinds = [_kind(cell) for cell in first]
    columns_below = [
        Counter(kind for record in below if (kind := _kind(record[place])) != "gap")
        for place in range(len(first))
    ]
    over_numbers = any(
        kind == "text" and found and found["text"] == 0
        for kind, found in zip(kinds, columns_below, strict=True)
    )
    if not any(kind in {"number", "time"} for kind in kinds):
        repeated = next((cell for cell in _repeated(first, below)), "")
        if repeated and not over_numbers:
            return False, f"{as_row}, as '{repeated}' occurs again below (else data.header=true)."
        is_text = any(
            len(cell.split()) >= _WORDS and _is_free_text([record[place] for record in below])
            for place, cell in enumerate(first)
        )
        return True, f"{taken} (else data.header=false)." if is_text or repeated else ""
    if not below:
        return False, ""
    numbers = [place for place, kind in enumerate(kinds) if kind == "number"]
    same = any(
        kind in {"number", "time"} and found[kind]
        for kind, found in zip(kinds, columns_below, strict=True)
    )
    if over_numbers or not same or _counts_up(first, below, numbers):
        return True, f"{taken} (else data.header=false)."
    whole = [cell for cell in first if cell.isdecimal()]
    is_odd = len(whole) == len(set(first)) == len(first) and any(
        is_number(record[place]) and not record[place].strip().lstrip("+-").isdecimal()
        for record in below
        for place in numbers
    )
    return False, f"{as_row} (else data.header=true)." if is_odd else ""


def _kind(cell: str) -> str:
    text = cell.strip()
    if text.lower() in _GAPS:
        return "gap"
    if is_number(text):
        return "number"
    return "time" if _TIME.fullmatch(text) else "text"


def _is_free_text(cells: Sequence[str]) -> bool:
    """Whether at least half of the cells have several words."""
    return bool(cells) and 2 * sum(len(cell.split()) >= _WORDS for cell in cells) >= len(cells)


def _repeated(first: Sequence[str], below: Sequence[Sequence[str]]) -> Iterator[str]:
    """Cells of the first record that occur in at least 1 % of those below, in their column."""
    rows = [record for record in below if [cell.strip() for cell in record] != list(first)]
    for place, cell in enumerate(first):
        times = sum(record[place].strip() == cell for record in rows)
        if cell and times >= max(2, len(rows) / 100):
            yield cell


def _counts_up(first: Sequence[str], below: Sequence[Sequence[str]], places: Sequence[int]) -> bool:
    """Whether the numbers of a first record count up, such as 0, 1, 2 or years, and no others do.

    Two or three of them may do so by chance: there the columns must hold fractions.
    """

    def steps(record: Sequence[str]) -> set[int]:
        cells = [record[place].strip() for place in places]
        if not all(cell.isascii() and cell.isdecimal() for cell in cells):
            return set()
        numbers = [int(cell) for cell in cells]
        found = {after - before for before, after in itertools.pairwise(numbers)}
        are_years = all(1500 <= number <= 2200 for number in numbers)
        return found if found == {1} or (are_years and len(found) == 1) else set()

    if len(places) < 2 or not steps(first) or (below and steps(below[0])):
        return False
    if len(places) > 3:
        return True
    return all(
        any(not record[place].strip().lstrip("+-").isdecimal() for record in below)
        for place in places
    )


def _shortened(text: str) -> str:
    return textwrap.shorten(text, _TITLE_SHOWN, placeholder="...")


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
