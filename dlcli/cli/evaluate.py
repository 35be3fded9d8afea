"""dlcli evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlcli.cli import options
from dlcli.cli.screens import output
from dlcli.errors import UsageError

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli evaluate latest
dlcli evaluate runs/photos/exports/model.tflite
dlcli evaluate model.tflite --data other-photos/ --json
dlcli evaluate churn --data next-month.csv
dlcli evaluate churn --data huge.csv --shard 2/4 --output part-2.npz
""")


@app.command(epilog=EXAMPLES)
def evaluate(
    run_or_artifact: options.RunOrArtifact,
    data: options.Data = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Answer the I-th of N equal parts, with --output; dlcli merge measures the N "
            "together.",
        ),
    ] = None,
    output_file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where a shard's answers go.")
    ] = None,
    settings: options.Set = None,
    trust: options.Trust = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure a run or an exported file on its test split, or on your own data.

    What is given with --data, a folder or a table, is measured whole, or its test split where
    it has one. An exported file away from its run is measured with --data.
    """
    from dlcli import artifacts, files, kinds, shown
    from dlcli.prediction import shards

    if bool(shard) != bool(output_file):
        raise UsageError(
            "--shard and --output go together, and only one of them is given.",
            "Such as: --shard 1/4 --output part-1.npz; then: dlcli merge metrics.json part-*.npz",
        )
    part = shards.parse(shard) if shard else None
    path, predictor = options.load(run_or_artifact, runs_dir, trust, settings)
    notes = output.Notes()

    from dlcli.evaluation import evaluate as evaluation
    from dlcli.evaluation import measured_split
    from dlcli.evaluation import shards as evaluation_shards

    with output.progress(quiet or json, notes) as show:
        split, bad_files = measured_split.load(path, predictor.metadata, data, show)
        is_file = kinds.for_task(predictor.metadata["task"]).example_is_a_file
        are_rows = not is_file and Path(data or "").is_file()
        output.print_bad_files(bad_files, "rows" if are_rows else "files")
        if part and output_file:
            answers = evaluation.predict(predictor, split, show, part.of(len(split)))
            model = files.sha256(artifacts.identify(path)[1])
            try:
                evaluation_shards.write(
                    output_file, answers, split, part, predictor.metadata, str(path), model
                )
            except OSError as error:
                raise UsageError(f"{output_file} cannot be written: {error.strerror}.") from None
            document = {"artifact": str(path), "shard": str(part), "output": str(output_file)}
            if json:
                counted = {"examples": len(answers), **notes.document()}
                output.print_json("evaluate", {**document, **counted})
            elif not quiet:
                output.print_line(
                    output.error_console(),
                    f"{len(answers):,} of {len(split):,} answers in {output_file}; when all "
                    "shards are there: dlcli merge metrics.json SHARD...",
                )
            return
        result = evaluation.evaluate(predictor, split, show)
    metrics = {"test": result}
    if json:
        output.print_json("evaluate", {"artifact": str(path), **metrics, **notes.document()})
        return
    from dlcli.cli.screens import metrics_table

    screen = output.console()
    measured_on = shown.name(Path(data).name) if data else "Test"
    screen.print(metrics_table.result_table(metrics, measured_on))
    screen.print(metrics_table.per_class_table(metrics))
