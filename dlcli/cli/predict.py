"""dlcli predict."""

from __future__ import annotations

import contextlib
import csv
import json as json_format
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from dlcli.cli import options, output
from dlcli.errors import DataError, UsageError

if TYPE_CHECKING:
    from dlcli.prediction import Prediction

app = typer.Typer()

EXAMPLES = """[bold]Examples[/bold]

dlcli predict latest photo.jpg

dlcli predict runs/photos/exports/model.tflite photos/ --format csv --output answers.csv

dlcli predict latest --split test --limit 5

cat photo.jpg | dlcli predict latest - --json
"""


class Format(StrEnum):
    """How predictions are written."""

    table = "table"
    csv = "csv"
    jsonl = "jsonl"


class SplitName(StrEnum):
    """A split of the run's own data."""

    train = "train"
    validation = "validation"
    test = "test"


@app.command(epilog=EXAMPLES)
def predict(
    run_or_artifact: options.RunOrArtifact,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT]...",
            help="Images: files, folders, patterns, or - for standard input.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        SplitName | None,
        typer.Option("--split", help="Predict the run's own examples.", show_default=False),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="At most this many inputs.", show_default=False),
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="Classes an answer.")] = 3,
    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="Default: by the suffix of --output, else table on a terminal, else csv.",
            show_default=False,
        ),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file.", show_default=False),
    ] = None,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """Name the classes of images, with their probabilities.

    Every input has its row, in the order given; one that cannot be read has its error there,
    and the exit code is 3.
    """
    from dlcli import artifacts, prediction, run_dir

    if bool(inputs) == bool(split):
        raise UsageError(
            "expected either inputs or --split, and got " + ("both." if inputs else "neither."),
            f"Try: dlcli predict {run_or_artifact} --split test --limit 5",
        )
    path = run_dir.find_run_or_artifact(run_or_artifact, run_dir.runs_folder(runs_dir))
    sources = prediction.expand(inputs or [])[:limit]
    predictor = artifacts.load(path)
    if split:
        from dlcli import data, recipe

        loaded = recipe.from_values(predictor.metadata["recipe"], f"the recipe in {path}")
        examples = getattr(data.load(loaded).splits, split.value)
        predictions = prediction.predict_split(predictor, examples, limit, top_k)
    else:
        predictions = prediction.predict_images(predictor, sources, top_k)

    counted = _Counted(predictions)
    if json:
        output.print_json("predict", {"predictions": [_document(item) for item in counted]})
    else:
        _write(counted, _chosen(format, output_file), output_file)
    if counted.num_errors:
        raise DataError(
            f"{counted.num_errors} of {counted.num_rows} inputs could not be read; "
            "their rows say why."
        )


class _Counted:
    """Predictions, counted as they pass."""

    def __init__(self, predictions: Iterator[Prediction]) -> None:
        self._predictions = predictions
        self.num_rows = 0
        self.num_errors = 0

    def __iter__(self) -> Iterator[Prediction]:
        for item in self._predictions:
            self.num_rows += 1
            self.num_errors += bool(item.error)
            yield item


def _chosen(format: Format | None, output_file: Path | None) -> Format:
    if format:
        return format
    if output_file:
        return Format.jsonl if output_file.suffix in {".jsonl", ".json"} else Format.csv
    return Format.table if sys.stdout.isatty() else Format.csv


def _write(predictions: _Counted, format: Format, output_file: Path | None) -> None:
    with contextlib.ExitStack() as stack:
        try:
            file = (
                stack.enter_context(output_file.open("w", encoding="utf-8", newline=""))
                if output_file
                else sys.stdout
            )
        except OSError as error:
            raise UsageError(f"{output_file} cannot be written: {error.strerror}.") from None
        if format is Format.table:
            _write_table(predictions, file)
        elif format is Format.jsonl:
            for item in predictions:
                file.write(json_format.dumps(_document(item), ensure_ascii=False) + "\n")
        else:
            _write_csv(predictions, file)


def _document(item: Prediction) -> dict[str, Any]:
    document: dict[str, Any] = {"input": item.input}
    if item.error:
        return {**document, "error": item.error}
    document["classes"] = [{"class": name, "probability": value} for name, value in item.classes]
    if item.true_class:
        document["true_class"] = item.true_class
    return document


def _write_csv(predictions: _Counted, file: TextIO) -> None:
    """One row an input; the columns of the classes follow the first answer."""
    writer = csv.writer(file, lineterminator="\n")
    pending: list[Prediction] = []
    num_classes = 0
    for item in predictions:
        pending.append(item)
        if not num_classes and item.classes:
            num_classes = len(item.classes)
            _write_header(writer, num_classes)
        if num_classes:
            for each in pending:
                _write_row(writer, each, num_classes)
            pending.clear()
    if pending:  # no input could be read
        _write_header(writer, 0)
        for each in pending:
            _write_row(writer, each, 0)


def _write_header(writer: Any, num_classes: int) -> None:
    ranks = ("" if rank == 1 else f"_{rank}" for rank in range(1, num_classes + 1))
    columns = [f"{name}{rank}" for rank in ranks for name in ("class", "probability")]
    writer.writerow(["input", *columns, "true_class", "error"])


def _write_row(writer: Any, item: Prediction, num_classes: int) -> None:
    cells = [
        f"{cell:.6f}" if isinstance(cell, float) else cell for pair in item.classes for cell in pair
    ]
    cells += [""] * (2 * num_classes - len(cells))
    writer.writerow([item.input, *cells, item.true_class, item.error])


def _write_table(predictions: _Counted, file: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("input", overflow="fold")
    table.add_column("answer")
    table.add_column("probability", justify="right")
    table.add_column("next")
    items = list(predictions)
    known = any(item.true_class for item in items)
    if known:
        table.add_column("true class")
    for item in items:
        if item.error:
            table.add_row(Text(item.input), Text(item.error, style="red"))
            continue
        (best, probability), *others = item.classes
        cells = [
            Text(item.input),
            Text(best, style="bold"),
            Text(f"{probability:.1%}"),
            Text(", ".join(f"{name} {value:.1%}" for name, value in others), style="dim"),
        ]
        if known:
            right = item.true_class == best
            cells.append(Text(item.true_class, style="green" if right else "red"))
        table.add_row(*cells)
    Console(file=file, highlight=False, emoji=False).print(table)
