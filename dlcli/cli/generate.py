"""dlcli generate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli import options, output
from dlcli.errors import UsageError

if TYPE_CHECKING:
    from dlcli.artifacts import Predictor

app = typer.Typer()

EXAMPLES = """[bold]Examples[/bold]

dlcli generate latest --count 100 --output digits.png

dlcli generate latest --count 1000 --seed 7 --output digits/

dlcli generate exports/model.tflite --output sheet.png
"""


@app.command(epilog=EXAMPLES)
def generate(
    run_or_artifact: options.RunOrArtifact,
    count: Annotated[int, typer.Option("--count", min=1, help="Pictures to make.")] = 64,
    output_path: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="One sheet where it ends like an image file; else a folder, one file a picture.",
        ),
    ] = Path("pictures.png"),
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            min=0,
            max=2**31 - 1,
            help="The same seed makes the same. Default: another one each time.",
            show_default=False,
        ),
    ] = None,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make pictures with a run or an exported file that was trained to."""
    from dlcli import artifacts, run_dir
    from dlcli.generation import image

    path = run_dir.find_run_or_artifact(run_or_artifact, run_dir.runs_folder(runs_dir))
    with output.status(quiet or json) as stage:
        stage("loading the model")
        predictor = artifacts.load(path)
    task = predictor.metadata["task"]
    if task != image.TASK:
        raise UsageError(
            f"{path} was trained for {task}. Expected a model of the task {image.TASK}.",
            "Train one: dlcli train digits-gan",
        )
    _pictures(predictor, path, count, output_path, seed, json, quiet)


def _pictures(
    predictor: Predictor,
    path: Path,
    count: int,
    output_path: Path,
    seed: int | None,
    json: bool,
    quiet: bool,
) -> None:
    import secrets

    from dlcli.generation import image

    seed = secrets.randbelow(10**6) if seed is None else seed
    pictures = image.make(predictor, count, seed)
    image.write(pictures, output_path)
    if json:
        height, width, channels = pictures.shape[1:]
        document = {
            "artifact": str(path),
            "output": str(output_path),
            "count": count,
            "shape": [height, width, channels],
            "seed": seed,
        }
        output.print_json("generate", document)
        return
    output.console().print(f"{count:,} pictures, seed {seed}: {output_path}", highlight=False)
