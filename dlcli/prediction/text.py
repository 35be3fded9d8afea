"""Texts: on the command line, one a line, or in a column of a table."""

from __future__ import annotations

import itertools
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import files
from dlcli.artifacts import Predictor
from dlcli.errors import DataError
from dlcli.events import Events, Warned, ignore, warn
from dlcli.inputs import columns, fasttext, large_tables, table_names, tables, text_lines
from dlcli.inputs.large_tables import LargeTable
from dlcli.inputs.text import normalized
from dlcli.inputs.text_lines import TextLines
from dlcli.prediction.source import Batch, Part, Source, digest

if TYPE_CHECKING:
    import polars as pl

_SEPARATORS = (",", ";", "\t", "|")


def source(
    predictor: Predictor, inputs: Sequence[str], texts: Sequence[str], events: Events = ignore
) -> Source:
    """Texts in the order given, those of the command line first; each of these is its own name.

    Files are tables with the column that the model was trained on, or have a text per line.
    """
    form = predictor.metadata["input"]
    parts: list[Part] = []
    fingerprints: list[Callable[[], str]] = []
    types: Mapping[str, Any] = {}
    if texts:
        parts.append(_of_texts([normalized(text) for text in texts]))
        fingerprints.append(lambda: digest(*texts))
    for item in inputs:
        if lines := _lines(item, predictor.metadata):
            warn(events, lines.notes)
            has_labels = fasttext.is_fasttext(lines.path)
            if has_labels:
                note = f"{lines.shown}: {fasttext.PREFIX}... in its lines is not read as text."
                events(Warned(note))
            parts.append(_of_lines(lines, has_labels))
            fingerprints.append(partial(files.sha256, lines.path))
            continue
        table = large_tables.survey(Path(item), **tables.reading_for(predictor.metadata))
        warn(events, table.notes)
        columns.require(form["text"], table.columns, table.shown)
        types = types or table.types
        parts.append(_of_table(table, form["text"]))
        fingerprints.append(partial(files.sha256, table.path))
    return Source(tuple(parts), lambda: digest(*(each() for each in fingerprints)), types)


def _lines(item: str, metadata: Mapping[str, Any]) -> TextLines | None:
    """The lines of a file; None if it is a table.

    Of those whose name does not tell, it is one if its first line has the model's column; of a
    model of tables without names, if tabs cut it.
    """
    path = Path(item)
    suffix = table_names.suffix(path.name)
    if " " in item.strip() and not os.path.lexists(path):
        raise DataError(f"there is no file {item}.", f"If it is a text: --text {shlex.quote(item)}")
    if item != "-" and suffix in table_names.SUFFIXES and suffix != ".txt":
        return None
    if item != "-" and large_tables.is_parquet(path):
        return None
    lines = text_lines.survey(item, *tables.encoding_for(metadata))
    first, name = next(lines.lines()), metadata["input"]["text"]
    reading = metadata["input"].get("reading", {})
    if first.startswith("{") and f'"{name}":' in first:
        return None
    if reading.get("header") is False and reading.get("separator") == "tab" and "\t" in first:
        return None
    cut = [[cell.strip(' "') for cell in first.split(each)] for each in _SEPARATORS]
    return None if any(len(cells) > 1 and name in cells for cells in cut) else lines


def _of_texts(texts: Sequence[str]) -> Part:
    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        for start in range(first, stop, batch_size):
            batch = texts[start : min(start + batch_size, stop)]
            yield _batch(batch, batch)

    return Part(len(texts), read)


def _of_lines(lines: TextLines, has_labels: bool) -> Part:
    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        found: Iterator[str] = itertools.islice(lines.lines(first), stop - first)
        if has_labels:
            found = (fasttext.split(line)[1] for line in found)
        while batch := list(itertools.islice(found, batch_size)):
            yield _batch(_names(f"{lines.shown} line", first, len(batch)), batch)
            first += len(batch)

    return Part(lines.num_lines, read)


def _of_table(table: LargeTable, column: str) -> Part:
    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        for frame in large_tables.batches(table.frames(first, as_written=True), batch_size):
            cells = frame.head(stop - first)
            texts = columns.text(table.cleaned(cells)[column]).fill_null("").to_list()
            yield _batch(_names(f"{table.shown} row", first, len(cells)), texts, cells)
            first += len(cells)
            if first >= stop:
                return

    return Part(table.num_rows, read)


def _batch(names: Sequence[str], texts: Sequence[str], cells: pl.DataFrame | None = None) -> Batch:
    return Batch(names, np.array([normalized(text) for text in texts], object), cells=cells)


def _names(what: str, first: int, count: int) -> list[str]:
    return [f"{what} {number}" for number in range(first + 1, first + count + 1)]
