"""The columns of an output, and its rows as CSV, as JSON lines and as a table for Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcli.prediction import safe_cells
from dlcli.prediction.answers import Answers, module_of
from dlcli.prediction.prediction import Column, document
from dlcli.prediction.source import Source

if TYPE_CHECKING:
    import polars as pl


ROW_GROUP = 65_536


@dataclass(frozen=True)
class Layout:
    """The columns of an output.

    Args:
        given: what was there: a table's own columns, or "input"; each with its polars type, or
            None of text.
        is_table: whether `given` are a table's columns.
        is_safe: whether cells of CSV that a spreadsheet would run are made text.
    """

    given: Mapping[str, Any]
    predicted: Sequence[Column]
    truth: Column | None
    error: str
    is_table: bool
    is_safe: bool = False

    @property
    def names(self) -> list[str]:
        """Of all columns, in order."""
        return [*self.given, *(each.name for each in self.new), self.error]

    @property
    def new(self) -> list[Column]:
        """What is added to the given columns, but for errors."""
        return [*self.predicted, *([self.truth] if self.truth else [])]

    @property
    def header(self) -> list[str]:
        """The names as they are written."""
        return list(map(safe_cells.safe, self.names)) if self.is_safe else self.names


def of(source: Source, metadata: dict[str, Any], top_k: int, is_safe: bool = False) -> Layout:
    """The layout of an output; a column of a table's own is never overwritten.

    Args:
        is_safe: see `Layout`.
    """
    given = source.columns or {"input": None}
    taken = set(given)

    def free(name: str) -> str:
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    predicted, truth = module_of(metadata).columns(metadata, top_k)
    return Layout(
        given,
        [replace(each, name=free(each.name)) for each in predicted],
        None if source.columns else replace(truth, name=free(truth.name)),
        free("error"),
        bool(source.columns),
        is_safe,
    )


def csv_header(names: Sequence[str]) -> str:
    """The line of names."""
    return _csv([names])


def csv_rows(answers: Answers, layout: Layout) -> str:
    """A line an input; probabilities with 6 decimals, and nothing where nothing is known."""
    columns = _columns(answers, layout)
    if layout.is_table:
        import polars as pl

        new = [pl.Series(name, values, pl.String) for name, values in columns.items()]
        frame = _given(answers, layout).with_columns(new)
        if layout.is_safe:
            frame = frame.with_columns(safe_cells.expression())
        return frame.write_csv(
            include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.f", line_terminator="\n"
        )
    rows: Iterable[Iterable[Any]] = zip(answers.names, *columns.values(), strict=True)
    if layout.is_safe:
        rows = (map(safe_cells.safe, row) for row in rows)
    return _csv(rows)


def json_rows(answers: Answers) -> str:
    """A JSON document an input, each on a line."""
    documents = map(document, answers.predictions())
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in documents)


def exact_rows(answers: Answers, layout: Layout) -> str:
    """Lines of CSV that `to_parquet` reads: numbers in all their digits, "" apart from nothing."""
    import polars as pl

    new = _columns(answers, layout, exact=True)
    types = _types(layout)
    given = _given(answers, layout).cast({name: types[name] for name in layout.given}, strict=False)
    series = [pl.Series(name, values, types[name], strict=False) for name, values in new.items()]
    return given.with_columns(series).write_csv(include_header=False)


def to_parquet(layout: Layout, rows: Path, target: Path) -> None:
    """Make Parquet of what `exact_rows` gave, in memory that does not grow with it."""
    import polars as pl

    schema = pl.Schema(_types(layout))
    if rows.stat().st_size:
        lazy = pl.scan_csv(rows, has_header=False, schema=schema)
        lazy.sink_parquet(target, row_group_size=ROW_GROUP)
    else:
        schema.to_frame().write_parquet(target)


def _types(layout: Layout) -> dict[str, Any]:
    import polars as pl

    dtypes = {"string": pl.String(), "float32": pl.Float32(), "float64": pl.Float64()}
    types = {name: given or pl.String() for name, given in layout.given.items()}
    types |= {each.name: dtypes[each.dtype] for each in layout.new}
    return types | {layout.error: pl.String()}


def _given(answers: Answers, layout: Layout) -> pl.DataFrame:
    """What was there; a further table may lack some columns of the first."""
    import polars as pl

    if answers.cells is None:
        names = [None] * len(answers) if layout.is_table else answers.names
        cells = pl.DataFrame({next(iter(layout.given)): pl.Series(names, dtype=pl.String)})
    else:
        cells = answers.cells
    missing = [name for name in layout.given if name not in cells.columns]
    return cells.with_columns(pl.lit(None, pl.String).alias(name) for name in missing).select(
        list(layout.given)
    )


def _columns(answers: Answers, layout: Layout, exact: bool = False) -> dict[str, Sequence[Any]]:
    """The new columns as text, or None where there is nothing; numbers perhaps `exact`."""
    cells = answers.module.cells(answers.found, answers.errors, exact)
    found = {each.name: values for each, values in zip(layout.predicted, cells, strict=True)}
    if layout.truth:
        found[layout.truth.name] = answers.truths or [None] * len(answers)
    errors: list[str | None] = [None] * len(answers)
    for row, why in answers.errors.items():
        errors[row] = why
    return {**found, layout.error: errors}


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
