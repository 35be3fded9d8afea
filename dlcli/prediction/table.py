"""Rows of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dlcli import files
from dlcli.artifacts import Predictor
from dlcli.events import Events, ignore, warn
from dlcli.inputs import affine, columns, large_tables, tables, text_files
from dlcli.inputs.examples import take
from dlcli.inputs.large_tables import LargeTable
from dlcli.inputs.tables import Reading
from dlcli.inputs.unfamiliar import Unfamiliar
from dlcli.prediction.source import Batch, Part, Source, digest


def source(
    predictor: Predictor, inputs: Sequence[str], texts: Sequence[str], events: Events = ignore
) -> Source:
    """Rows of tables in the order given; one with a cell that does not fit has an error."""
    form = predictor.metadata["input"]
    wanted = columns.from_metadata(form["columns"])
    affines = affine.from_metadata(predictor.metadata)
    reading = tables.reading_for(predictor.metadata)
    found = [survey(item, reading) for item in inputs]
    seen = Unfamiliar(wanted)
    for table in found:
        warn(events, table.notes)
        for column in wanted:
            columns.require(column.name, table.columns, table.shown)

    def part(table: LargeTable) -> Part:
        notations = columns.notations(
            next(table.frames()),
            wanted,
            predictor.metadata.get("set", {}),
            table.reading.get("separator"),
            events,
        )

        def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
            for frame in large_tables.batches(table.frames(first, as_written=True), batch_size):
                rows = range(first, min(first + len(frame), stop))
                cells = frame.head(len(rows))
                examples, errors = columns.raw(table.cleaned(cells), wanted, table.shown, notations)
                if form["missing"] == "fail":
                    errors = columns.missing(examples, wanted) | errors
                good = np.setdiff1d(np.arange(len(rows)), list(errors))
                examples = affines.stored(examples)
                raw = take(examples, good) if errors else examples
                seen.add(raw)  # type: ignore[arg-type]  # examples of tables
                names = [f"{table.shown} row {row + 1}" for row in rows]
                yield Batch(names, raw if len(good) else None, errors, cells)
                first += len(rows)
                if first >= stop:
                    break
            if table is found[-1]:
                seen.pass_on(events)

        return Part(table.num_rows, read)

    return Source(
        tuple(map(part, found)),
        lambda: digest(*(files.sha256(table.path) for table in found)),
        found[0].types,
    )


def survey(item: str, reading: Reading) -> LargeTable:
    """Look a table through, see `dlcli.inputs.large_tables`; "-" is one on standard input."""
    if item == "-":
        spool = text_files.standard_input()
        table = large_tables.survey(spool.path, name="standard input", **reading)
        # What was read may be a copy of the copy; this one must stay as long.
        return table if table.spool else table.kept_by(spool)
    return large_tables.survey(Path(item), **reading)
