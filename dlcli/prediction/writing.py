"""Answers written as they come: to a stream, or to a file that survives a kill."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from dlcli import __version__, files
from dlcli.events import Events, Stage
from dlcli.prediction import layout as layouts
from dlcli.prediction import output_file
from dlcli.prediction.answers import Answers
from dlcli.prediction.layout import Layout


@dataclass(frozen=True)
class Written:
    """What became of an output.

    Args:
        is_complete: whether these are all.
        num_before: rows that an earlier run wrote.
    """

    num_rows: int
    num_errors: int
    is_complete: bool = True
    num_before: int = 0


def job(
    *,
    model: Path,
    inputs: str,
    num_inputs: int,
    format: str,
    columns: list[str],
    batch_size: int,
    top_k: int,
    limit: int | None,
    shard: str,
) -> dict[str, Any]:
    """Whatever decides the bytes of an output, for its journal.

    Args:
        inputs: their fingerprint.
        shard: such as "1/4", or "".
    """
    return {
        "dlcli": __version__,
        "model": files.sha256(model),
        "inputs": inputs,
        "num_inputs": num_inputs,
        "format": format,
        "columns": columns,
        "batch_size": batch_size,
        "top_k": top_k,
        "limit": limit,
        "shard": shard,
    }


def to_stream(
    file: TextIO,
    answers: Iterator[Answers],
    layout: Layout,
    format: str,
    events: Events,
) -> Written:
    """Write answers as "csv" or "jsonl"."""
    num_rows = num_errors = 0
    if format == "csv":
        file.write(layouts.csv_header(layout.header))
    for some in answers:
        file.write(_text(some, layout, format))
        num_rows, num_errors = num_rows + len(some), num_errors + len(some.errors)
        events(Stage("predicting", num_rows))
    return Written(num_rows, num_errors)


def to_file(
    path: Path,
    answers: Callable[[int], Iterator[Answers]],
    layout: Layout,
    job: Mapping[str, Any],
    *,
    restart: bool,
    events: Events,
    stop: Callable[[], bool],
) -> Written:
    """Write answers to a file, after those that an earlier run of the same job wrote.

    Args:
        answers: gives the answers after the first so many.
        events: told how many rows are done, at first those of before.
        stop: asked after each batch; what is done then can be gone on with.

    Raises:
        UsageError, RunBusyError: see `dlcli.prediction.output_file.opened`.
    """
    format_, keep = job["format"], bool(job["shard"])
    with output_file.opened(path, job, restart, keep) as output:
        before = output.num_rows
        events(Stage("predicting", before))
        if output.is_complete:
            return Written(before, output.num_errors, True, before)
        if format_ == "csv" and not output.num_bytes:
            output.write(layouts.csv_header(layout.header))
        for some in answers(before):
            output.write(_text(some, layout, format_), len(some), len(some.errors))
            events(Stage("predicting", output.num_rows))
            if stop():
                output.sync()
                return Written(output.num_rows, output.num_errors, False, before)
        convert = functools.partial(layouts.to_parquet, layout) if format_ == "parquet" else None
        output.finish(keep, convert)
        return Written(output.num_rows, output.num_errors, True, before)


def _text(answers: Answers, layout: Layout, format: str) -> str:
    if format == "csv":
        return layouts.csv_rows(answers, layout)
    if format == "parquet":
        return layouts.exact_rows(answers, layout)
    return layouts.json_rows(answers)
