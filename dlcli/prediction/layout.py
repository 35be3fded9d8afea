"""The columns of an output, and its rows as CSV, as JSON lines and as a table for Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcli.inputs import affine
from dlcli.prediction import safe_cells
from dlcli.prediction.answers import Answers, shown
from dlcli.prediction.prediction import document
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
        classes: pairs of columns, of a class and its probability, the likeliest first.
        value: column of a number, or "".
        truth: column of what is known, or "".
        error: column of what went wrong.
        is_table: whether `given` are a table's columns.
        is_wide: whether the number is one that float32 does not hold.
        is_safe: whether cells of CSV that a spreadsheet would run are made text.
    """

    given: Mapping[str, Any]
    classes: tuple[tuple[str, str], ...]
    value: str
    truth: str
    error: str
    is_table: bool
    is_wide: bool = False
    is_safe: bool = False

    @property
    def names(self) -> list[str]:
        """Of all columns, in order."""
        pairs = [name for pair in self.classes for name in pair]
        return [*self.given, *pairs, *filter(None, (self.value, self.truth)), self.error]

    @property
    def header(self) -> list[str]:
        """The names as they are written."""
        return list(map(safe_cells.safe, self.names)) if self.is_safe else self.names


def of(source: Source, metadata: dict[str, Any], top_k: int, is_safe: bool = False) -> Layout:
    """The layout of an output; a column of a table's own is never overwritten.

    Args:
        source: what is predicted.
        metadata: the artifact's.
        top_k: classes an answer.
        is_safe: see `Layout`.
    """
    given = source.columns or {"input": None}
    taken = set(given)

    def free(name: str) -> str:
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    target = metadata.get("target", "")
    answer, truth = (f"predicted_{target}", f"true_{target}") if target else ("class", "true_class")
    pairs = []
    for rank in range(1, min(top_k, len(metadata["class_names"])) + 1):
        suffix = "" if rank == 1 else f"_{rank}"
        pairs.append((free(f"{answer}{suffix}"), free(f"probability{suffix}")))
    return Layout(
        given,
        tuple(pairs),
        "" if pairs else free(answer),
        "" if source.columns else free(truth),
        free("error"),
        bool(source.columns),
        bool(affine.from_metadata(metadata).outputs),
        is_safe,
    )


def csv_header(layout: Layout) -> str:
    """The line of names."""
    return header_of(layout.header)


def header_of(names: Sequence[str]) -> str:
    """The line of these names."""
    return _csv([names])


def csv_rows(answers: Answers, layout: Layout) -> str:
    """A line an input; probabilities with 6 decimals, and nothing where nothing is known."""
    columns = _columns(answers, layout, _rounded)
    if layout.is_table:
        frame = _given(answers, layout).with_columns(**_as_series(columns))
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

    new = _columns(answers, layout, _exact)
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

    types = {name: given or pl.String() for name, given in layout.given.items()}
    for name, probability in layout.classes:
        types |= {name: pl.String(), probability: pl.Float32()}
    if layout.value:
        types[layout.value] = pl.Float64() if layout.is_wide else pl.Float32()
    if layout.truth:
        types[layout.truth] = pl.String() if layout.classes else pl.Float64()
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


def _columns(
    answers: Answers, layout: Layout, written: Callable[[Answers, int], Sequence[Any]]
) -> dict[str, Sequence[Any]]:
    """The new columns as text, or None where there is nothing.

    Args:
        written: gives the probabilities of the classes of a rank.
    """
    found: dict[str, Sequence[Any]] = {}
    bad = answers.errors
    for rank, (name, probability) in enumerate(layout.classes):
        found[name] = answers.classes[:, rank].tolist()
        found[probability] = written(answers, rank)
    if layout.value:
        numbers: list[str | None] = [str(shown(each)) for each in answers.values]
        for row in bad:
            numbers[row] = None
        found[layout.value] = numbers
    if layout.truth:
        found[layout.truth] = answers.truths or [None] * len(answers)
    errors: list[str | None] = [None] * len(answers)
    for row, why in bad.items():
        errors[row] = why
    found[layout.error] = errors
    return found


def _rounded(answers: Answers, rank: int) -> list[str | None]:
    texts: list[str | None] = [f"{each:.6f}" for each in answers.probabilities[:, rank].tolist()]
    for row in answers.errors:
        texts[row] = None
    return texts


def _exact(answers: Answers, rank: int) -> list[float | None]:
    import polars as pl

    return pl.Series(answers.probabilities[:, rank]).fill_nan(None).to_list()


def _as_series(columns: dict[str, Sequence[Any]]) -> dict[str, Any]:
    import polars as pl

    return {name: pl.Series(name, values, pl.String) for name, values in columns.items()}


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
