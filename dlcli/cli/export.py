"""dlcli export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli import options, output
from dlcli.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from dlcli.export.export import Exported

app = typer.Typer()

FORMATS = ("keras", "saved-model", "tflite")

EXAMPLES = """[bold]Examples[/bold]

dlcli export latest

dlcli export photos --format tflite

dlcli export photos --format keras,saved-model,tflite --json
"""


@app.command(epilog=EXAMPLES)
def export(
    run: options.Run,
    format: Annotated[
        str, typer.Option("--format", help=f"Formats, separated by commas: {', '.join(FORMATS)}.")
    ] = ",".join(FORMATS),
    tolerance: Annotated[
        float,
        typer.Option(
            "--tolerance",
            min=0,
            help="Largest difference from the model, times the larger of 1 and the largest output.",
        ),
    ] = 1e-5,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a run as files that other programs load, each compared with the model.

    An artifact that answers otherwise than the model is rejected: exit code 4.
    """
    from dlcli import catalog, run_dir

    formats = list(dict.fromkeys(name.strip() for name in format.split(",") if name.strip()))
    for name in formats:
        if name not in FORMATS:
            raise UsageError(
                f"unknown format '{name}'. Expected some of: {', '.join(FORMATS)}."
                f"{catalog.did_you_mean(name, list(FORMATS))}"
            )
    found = run_dir.find(run, run_dir.runs_folder(runs_dir))
    screen = output.error_console()
    results = []
    with output.status(quiet or json) as stage:
        stage("starting TensorFlow")
        from dlcli.export import export as exporting

        for exported in exporting.export(found, formats, stage, tolerance):
            results.append(exported)
            if not (quiet or json):
                screen.print(_line(exported), soft_wrap=True)
    if json:
        from dataclasses import asdict

        documents = [{**asdict(item), "path": str(item.path)} for item in results]
        output.print_json("export", {"run": str(found.path), "artifacts": documents})
        return
    for item in results:
        print(item.path)
    output.print_next(
        f"dlcli evaluate {results[-1].path}", f"dlcli predict {results[-1].path} YOUR-FILE"
    )


def _line(exported: Exported) -> Text:
    """What was written, and how it compares with the model."""
    from rich.text import Text

    parity = exported.parity
    return Text.assemble(
        ("✓ ", "green"),
        f"{exported.format:<12} {exported.size / 1e6:,.2f} MB  {exported.path}\n",
        (
            f"  max difference {parity.max_difference:.1e} over {parity.examples} examples, "
            f"{parity.metric} {parity.before:.4f} -> {parity.after:.4f}",
            "dim",
        ),
    )
