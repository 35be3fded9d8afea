"""dlcli predict."""

from __future__ import annotations

import contextlib
import json as json_format
import shlex
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from dlcli.cli import options, recipe_arguments
from dlcli.cli.interrupts import Interrupts
from dlcli.cli.screens import output
from dlcli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from dlcli.artifacts import Predictor
    from dlcli.events import Events
    from dlcli.prediction import Answers
    from dlcli.prediction.protocols import Predicted
    from dlcli.prediction.shards import Shard
    from dlcli.prediction.source import Source
    from dlcli.prediction.writing import Written

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli predict latest photo.jpg
dlcli predict runs/photos/exports/model.tflite photos/ --format csv --output answers.csv
dlcli predict latest customers.csv --output answers.csv
dlcli predict latest customers.jsonl.gz --output answers.parquet
dlcli predict latest customers.csv --shard 2/4 --output answers-2.csv
dlcli predict latest history.csv --output forecast.csv
dlcli predict latest --text "It never gets dull."
dlcli predict latest --split test --limit 5
cat photo.jpg | dlcli predict latest - --json
""")


class Format(StrEnum):
    """How predictions are written."""

    table = "table"
    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"


_FORMATS = {
    **dict.fromkeys(("", ".csv", ".txt"), Format.csv),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), Format.jsonl),
    ".parquet": Format.parquet,
}


@app.command(epilog=EXAMPLES)
def predict(
    run_or_artifact: options.RunOrArtifact,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT]...",
            help="Images: files, folders, patterns. Tables: CSV, TSV, JSON lines or Parquet "
            "files. Texts: such tables, or .txt files with a text a line. Series: tables of the "
            "past, or .ts files. Tables and texts may be gzipped. - for standard input.",
        ),
    ] = None,
    text: options.Texts = None,
    split: Annotated[
        options.SplitName | None, typer.Option(help="Predict the run's own examples.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many inputs.")] = None,
    top_k: Annotated[int, typer.Option(min=1, help="Classes an answer.")] = 3,
    batch_size: Annotated[
        str,
        typer.Option(
            metavar="auto|N",
            help="Inputs that are predicted together; auto goes by the model's input.",
        ),
    ] = "auto",
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Predict the I-th of N equal parts, with --output; dlcli merge puts the N outputs "
            "together.",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(
            help="Default: by the suffix of --output, else table on a terminal, else csv."
        ),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this file. After a kill, the same command goes on where it was.",
        ),
    ] = None,
    restart: Annotated[
        bool,
        typer.Option("--restart", help="Begin --output anew, whatever was written of it before."),
    ] = False,
    safe_csv: Annotated[
        bool,
        typer.Option(
            "--safe-csv",
            help="In csv, put an apostrophe before cells that a spreadsheet would run: those that "
            "begin with = + - @ or a tab, but for numbers.",
        ),
    ] = False,
    settings: options.Set = None,
    trust: options.Trust = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Predict images, texts, rows of tables, series: classes, numbers, or what comes next.

    Every input has its row, in the order given; one that cannot be read has its error there,
    and the exit code is 3. As csv, jsonl and parquet, a table keeps its own columns. Millions of
    rows need no more memory than thousands.
    """
    from dlcli import artifacts, prediction
    from dlcli.events import Stage
    from dlcli.prediction import shards

    if hint := recipe_arguments.as_setting(inputs or []):
        raise UsageError("an override (key=value) is no input.", hint)
    own = bool(inputs or text)
    if own == bool(split):
        of_runs = ["--runs-dir", str(runs_dir)] if runs_dir else []
        raise UsageError(
            "expected either inputs or --split, and got " + ("both." if own else "neither."),
            f"Try: dlcli predict {shlex.join([run_or_artifact, *of_runs])} --split test --limit 5",
        )
    size = _size(batch_size)
    part = shards.parse(shard) if shard else None
    chosen = _chosen(format, output_file)
    if part and (not output_file or chosen is Format.table or not _is_file(output_file)):
        raise UsageError(
            "a shard is written to a file, as csv, jsonl or parquet.",
            f"Such as: --shard {part} --output answers-{part.number}.csv",
        )
    if output_file and any(_is_same(output_file, item) for item in inputs or []):
        other = output_file.with_stem(f"{output_file.stem}-answers")
        raise UsageError(
            f"{output_file} is an input; its answers would take its place.",
            f"Name another file: --output {shlex.quote(str(other))}",
        )
    if output_file:
        output.check_folder_of(output_file)
    path, predictor = options.load(run_or_artifact, runs_dir, trust, settings)
    notes = output.Notes()
    wanted = _Wanted(chosen, output_file, safe_csv, notes, json, quiet)
    with output.status(quiet or json or bool(split)) as show:
        show(Stage("reading the inputs"))
        if split:
            from dlcli import data
            from dlcli.recipe import schema

            loaded = schema.from_values(predictor.metadata["recipe"], f"the recipe in {path}")
            dataset = data.load(loaded)
            examples = getattr(dataset.splits, split.value)
            fingerprint = f"{split.value} {dataset.spec.fingerprint}"
            source = prediction.open_split(predictor, examples, fingerprint)
        else:
            source = prediction.open_inputs(predictor, inputs or [], text or [], notes.show)
    if source is None:  # a forecast: few rows, with columns of their own
        if part:
            raise UsageError("forecasts are few: they are not cut into shards.", "Omit --shard.")
        if split:
            found = prediction.predict_split(predictor, examples, limit, top_k)
        else:
            found = prediction.predict_inputs(
                predictor, inputs or [], limit, top_k, events=notes.show
            )
        num_rows, num_errors = _print(found, wanted)
    else:
        num_rows, num_errors = _run(
            predictor,
            source.limited(limit),
            artifacts.identify(path)[1],
            wanted,
            top_k=top_k,
            size=size,
            limit=limit,
            part=part,
            restart=restart,
            # What changes the rows is kept, so that an output is not gone on with otherwise.
            settings=[*(settings or []), *(["--safe-csv"] if safe_csv else [])],
        )
    output.refuse_unread(num_errors, num_rows, as_json=json)


@dataclass(frozen=True)
class _Wanted:
    """How predictions are written, and where to; None for stdout."""

    format: Format
    file: Path | None
    safe_csv: bool
    notes: output.Notes
    json: bool
    quiet: bool


def _run(
    predictor: Predictor,
    source: Source,
    model: Path,
    wanted: _Wanted,
    *,
    top_k: int,
    size: int | None,
    limit: int | None,
    part: Shard | None,
    restart: bool,
    settings: list[str],
) -> tuple[int, int]:
    """Predict classes or numbers and write them; how many rows there are, and errors in them."""
    from dlcli import prediction

    size = size or prediction.batch_size.of(predictor)
    start, stop = part.of(source.size) if part else (0, source.size)

    def answers(num_done: int) -> Iterator[Answers]:
        return prediction.predict(
            predictor, source, top_k=top_k, start=start + num_done, stop=stop, size=size
        )

    began = time.monotonic()
    file = wanted.file
    to_file = file and wanted.format is not Format.table and _is_file(file)
    unit = ""
    if to_file or stop - start > size:
        # What is counted is of interest where much is. One answer is to be fast, and the import
        # of the schema of recipes takes as long as that of NumPy.
        from dlcli import kinds

        unit = kinds.for_task(predictor.metadata["task"]).unit
    is_short = stop - start <= size
    with output.rate(unit, stop - start, wanted.quiet or wanted.json or is_short) as show:
        if not to_file and (wanted.json or wanted.format is Format.table):
            return _print(_one_by_one(answers(0), show), wanted)
        from dlcli.prediction import layout as layouts
        from dlcli.prediction import source as source_module
        from dlcli.prediction import writing

        layout = layouts.of(source, predictor.metadata, top_k, wanted.safe_csv)
        if not to_file or not file:
            with _stream(file) as stream:
                done = writing.to_stream(stream, answers(0), layout, wanted.format.value, show)
            return done.num_rows, done.num_errors
        job = writing.job(
            model=model,
            inputs=source_module.digest(source.fingerprint(), *settings)
            if settings
            else source.fingerprint(),
            num_inputs=source.size,
            format=wanted.format.value,
            columns=layout.header,
            batch_size=size,
            top_k=top_k,
            limit=limit,
            shard=str(part or ""),
        )
        with Interrupts() as interrupts:
            done = writing.to_file(
                file, answers, layout, job, restart=restart, events=show, stop=interrupts.came
            )
    if not done.is_complete:
        raise Interrupted(
            f"stopped after {done.num_rows:,} of {stop - start:,} {unit}; they are kept.",
            "Run the same command again: it goes on after them.",
            interrupts.signal_number,
        )
    _report(done, wanted, unit, time.monotonic() - began)
    return done.num_rows, done.num_errors


def _chosen(format: Format | None, output_file: Path | None) -> Format:
    if format is Format.parquet and not output_file:
        raise UsageError("Parquet is written to a file.", "Name it: --output answers.parquet")
    if format:
        return format
    if output_file:
        suffix = output_file.suffix.lower()
        if suffix not in _FORMATS:
            raise UsageError(
                f"{output_file} would be written as CSV, which its name does not say.",
                "Name it .csv, .jsonl or .parquet, or say --format csv.",
            )
        return _FORMATS[suffix]
    return Format.table if sys.stdout.isatty() else Format.csv


def _size(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise UsageError(f"--batch-size is '{text}'. Expected auto, or a number from 1.")


def _is_file(path: Path) -> bool:
    """Whether a path is, or would be, a file that is gone on with: no pipe and no device."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _is_same(path: Path, item: str) -> bool:
    return path.is_file() and Path(item).is_file() and path.samefile(item)


@contextlib.contextmanager
def _stream(output_file: Path | None) -> Iterator[TextIO]:
    if output_file is None:
        yield sys.stdout
        return
    try:
        file = output_file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{output_file} cannot be written: {error.strerror}.") from None
    with file:
        yield file


def _print(predictions: Iterator[Predicted], wanted: _Wanted) -> tuple[int, int]:
    """Write predictions one by one; how many there are, and errors among them."""
    from dlcli.prediction import document, forecast_csv

    num_rows = num_errors = 0

    def counted() -> Iterator[Predicted]:
        nonlocal num_rows, num_errors
        for item in predictions:
            num_rows += 1
            num_errors += bool(item.error)
            yield item

    if wanted.json:
        documents = [document(item) for item in counted()]
        output.print_json("predict", {"predictions": documents, **wanted.notes.document()})
        return num_rows, num_errors
    with _stream(wanted.file) as file:
        if wanted.format is Format.table:
            from dlcli.cli.screens import prediction_table

            prediction_table.write(counted(), file)
        elif wanted.format is Format.jsonl:
            for item in counted():
                file.write(json_format.dumps(document(item), ensure_ascii=False) + "\n")
        else:
            forecast_csv.write(counted(), file, wanted.safe_csv)
    return num_rows, num_errors


def _report(done: Written, wanted: _Wanted, unit: str, seconds: float) -> None:
    """Say what was written."""
    if wanted.json:
        output.print_json(
            "predict",
            {
                "output": str(wanted.file),
                "inputs": done.num_rows,
                "errors": done.num_errors,
                "inputs_before": done.num_before,
                "seconds": round(seconds, 3),
                **wanted.notes.document(),
            },
        )
    elif not wanted.quiet:
        new = done.num_rows - done.num_before
        rate = f", {new / seconds:,.0f} {unit}/s" if new else ""
        before = f", {done.num_before:,} of them before" if done.num_before else ""
        output.print_line(
            output.error_console(), f"{done.num_rows:,} {unit} in {wanted.file}{before}{rate}"
        )


def _one_by_one(answers: Iterator[Answers], events: Events) -> Iterator[Predicted]:
    from dlcli.events import Stage

    num_done = 0
    for some in answers:
        yield from some.predictions()
        num_done += len(some)
        events(Stage("predicting", num_done))
