"""dlcli evaluate."""

from __future__ import annotations

from pathlib import Path

import typer

from dlcli.cli import options, output

app = typer.Typer()

EXAMPLES = """[bold]Examples[/bold]

dlcli evaluate latest

dlcli evaluate runs/photos/exports/model.tflite

dlcli evaluate model.tflite --data other-photos/ --json

dlcli evaluate churn --data next-month.csv
"""


@app.command(epilog=EXAMPLES)
def evaluate(
    run_or_artifact: options.RunOrArtifact,
    data: options.Data = None,
    trust: options.Trust = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure a run or an exported file on its test split, or on your own data.

    What is given with --data, a folder or a table, is measured whole, or its test split where
    it has one. An exported file away from its run is measured with --data.
    """
    from dlcli import artifacts, run_dir

    path = run_dir.find_run_or_artifact(run_or_artifact, run_dir.runs_folder(runs_dir))
    predictor = artifacts.load(path, trust=trust)

    from dlcli.evaluation import evaluate as evaluation
    from dlcli.evaluation import measured_split

    with output.progress(quiet or json) as show:
        split, bad_files = measured_split.load(
            path, predictor.metadata, data, show("reading the data")
        )
        are_rows = predictor.metadata["input"]["kind"] != "image" and Path(data or "").is_file()
        output.print_bad_files(bad_files, "rows" if are_rows else "files")
        result = evaluation.evaluate(predictor, split, show("predicting"))
    metrics = {"test": result}
    if json:
        output.print_json("evaluate", {"artifact": str(path), **metrics})
        return
    from dlcli.cli import metrics_table

    screen = output.console()
    screen.print(metrics_table.test_table(metrics))
    screen.print(metrics_table.per_class_table(metrics))
