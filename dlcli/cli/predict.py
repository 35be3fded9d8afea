"""dlcli predict."""

from __future__ import annotations

import contextlib
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

dlcli predict latest customers.csv --output answers.csv

dlcli predict latest history.csv --output forecast.csv

dlcli predict latest --text "It never gets dull."

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
            help="Images: files, folders, patterns. Tables: CSV, TSV, JSON lines or Parquet "
            "files. Texts: such tables, or .txt files with a text a line. Series: tables of the "
            "past, or .ts files. - for standard input.",
            show_default=False,
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option("--text", help="A text itself; may be repeated.", show_default=False),
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
    trust: options.Trust = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """Predict images, texts, rows of tables, series: classes, numbers, or what comes next.

    Every input has its row, in the order given; one that cannot be read has its error there,
    and the exit code is 3. As csv and jsonl, a table keeps its own columns.
    """
    from dlcli import artifacts, prediction, run_dir

    own = bool(inputs or text)
    if own == bool(split):
        raise UsageError(
            "expected either inputs or --split, and got " + ("both." if own else "neither."),
            f"Try: dlcli predict {run_or_artifact} --split test --limit 5",
        )
    path = run_dir.find_run_or_artifact(run_or_artifact, run_dir.runs_folder(runs_dir))
    predictor = artifacts.load(path, trust=trust)
    if split:
        from dlcli import data, recipe

        loaded = recipe.from_values(predictor.metadata["recipe"], f"the recipe in {path}")
        examples = getattr(data.load(loaded).splits, split.value)
        predictions = prediction.predict_split(predictor, examples, limit, top_k)
    else:
        predictions = prediction.predict_inputs(predictor, inputs or [], limit, top_k, text or [])

    counted = _Counted(predictions)
    if json:
        output.print_json(
            "predict", {"predictions": [prediction.document(item) for item in counted]}
        )
    else:
        target = predictor.metadata.get("target", "")
        _write(counted, _chosen(format, output_file), output_file, target)
    if counted.num_errors:
        error = DataError(
            f"{counted.num_errors} of {counted.num_rows} inputs could not be read; "
            "their rows say why."
        )
        if json:  # the one document is printed, and its rows say it
            raise typer.Exit(error.exit_code)
        raise error


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
        if output_file.suffix.lower() not in {"", ".csv", ".txt", ".jsonl", ".json"}:
            raise UsageError(
                f"{output_file} would be written as CSV, which its name does not say.",
                "Name it .csv or .jsonl, or say --format csv.",
            )
        return Format.jsonl if output_file.suffix in {".jsonl", ".json"} else Format.csv
    return Format.table if sys.stdout.isatty() else Format.csv


def _write(predictions: _Counted, format: Format, output_file: Path | None, target: str) -> None:
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
            from dlcli import prediction

            for item in predictions:
                file.write(json_format.dumps(prediction.document(item), ensure_ascii=False) + "\n")
        else:
            _write_csv(predictions, file, target)


def _write_csv(predictions: _Counted, file: TextIO, target: str) -> None:
    """One row an input; the columns of the answer follow the first one."""
    pending: list[Prediction] = []
    writer = None
    for item in predictions:
        pending.append(item)
        if not writer and not item.error:
            writer = _new_writer(file, list(_row(item, target)))
        if writer:
            writer.writerows(_row(each, target) for each in pending)
            pending.clear()
    if pending:  # no input could be read
        writer = _new_writer(file, list(_row(pending[0], target)))
        writer.writerows(_row(each, target) for each in pending)


def _new_writer(file: TextIO, columns: list[str]) -> Any:
    import csv

    writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    return writer


def _row(item: Prediction, target: str) -> dict[str, Any]:
    """Column -> cell: what was given, the answer, the truth where it is known, the error.

    Args:
        target: name of the column that is predicted, or "".
    """
    row: dict[str, Any] = dict(item.cells) or {"input": item.input}
    answer, truth = (f"predicted_{target}", f"true_{target}") if target else ("class", "true_class")
    new: dict[str, Any] = {}
    for name, value in item.values.items():
        new[f"predicted_{name}"] = value
    for name, value in item.true_values.items():
        new[f"true_{name}"] = value
    if item.value is not None:
        new[answer] = item.value
    for rank, (name, probability) in enumerate(item.classes, 1):
        suffix = "" if rank == 1 else f"_{rank}"
        new[f"{answer}{suffix}"] = name
        new[f"probability{suffix}"] = f"{probability:.6f}"
    if not item.cells and not item.values:
        new[truth] = item.true_class if item.true_value is None else item.true_value
    new["error"] = item.error
    for name, value in new.items():
        free = name
        while free in row:  # a column of the table's own is never overwritten
            free += "_"
        row[free] = value
    return row


def _write_table(predictions: _Counted, file: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("input", overflow="fold")
    items = list(predictions)
    if any(item.values for item in items):
        _write_forecast(items, file)
        return
    with_classes = any(item.classes for item in items)
    table.add_column("answer", justify="left" if with_classes else "right")
    if with_classes:
        table.add_column("probability", justify="right")
        table.add_column("next")
    known = any(item.true_class or item.true_value is not None for item in items)
    if known:
        if with_classes:
            table.add_column("true class")
        else:
            table.add_column("true value", justify="right")
    for item in items:
        if item.error:
            table.add_row(Text(item.input), Text(item.error, style="red"))
            continue
        if item.value is not None:
            numbers = [item.value] + ([item.true_value] if item.true_value is not None else [])
            table.add_row(Text(item.input), *(f"{number:,.6g}" for number in numbers))
            continue
        (best, probability), *others = item.classes
        cells = [
            Text(item.input),
            Text(_visible(best), style="bold"),
            Text(f"{probability:.1%}"),
            Text(", ".join(f"{_visible(name)} {value:.1%}" for name, value in others), style="dim"),
        ]
        if known:
            right = item.true_class == best
            cells.append(Text(_visible(item.true_class), style="green" if right else "red"))
        table.add_row(*cells)
    Console(file=file, highlight=False, emoji=False).print(table)


def _write_forecast(items: list[Prediction], file: TextIO) -> None:
    """A row a step, with a column for each target, and its truth where it is known."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names = list(dict.fromkeys(name for item in items for name in item.values))
    known = any(item.true_values for item in items)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("step", overflow="fold")
    for name in names:
        table.add_column(Text(name), justify="right")
        if known:
            table.add_column("truth", justify="right", style="dim")
    for item in items:
        cells = []
        for name in names:
            columns = (item.values, item.true_values) if known else (item.values,)
            cells += [f"{values[name]:,.6g}" if name in values else "" for values in columns]
        table.add_row(Text(item.error or item.input, style="red" if item.error else ""), *cells)
    Console(file=file, highlight=False, emoji=False).print(table)


def _visible(name: str) -> str:
    """A class as it is, but a character that cannot be seen, such as a line feed, as Python's."""
    return name if name.strip() and name.isprintable() else repr(name)
