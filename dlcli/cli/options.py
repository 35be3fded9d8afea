"""Options and arguments that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli import complete

if TYPE_CHECKING:
    from dlcli.artifacts import Predictor

RunsDir = Annotated[
    Path | None,
    typer.Option("--runs-dir", help="Folder of the runs. Default: $DLCLI_RUNS_DIR, else ./runs."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress.")]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="'latest', a run's name, or its path.", autocompletion=complete.runs
    ),
]
RunOrArtifact = Annotated[
    str,
    typer.Argument(
        metavar="RUN_OR_ARTIFACT",
        help="'latest', a run's name or path, or an exported file.",
        autocompletion=complete.runs,
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Load a SavedModel or a .keras file that you did not export here: it may run any "
        "program.",
    ),
]
Data = Annotated[
    str | None, typer.Option("--data", help="Your own data: short for data.source=PATH.")
]
RecipeAndOverrides = Annotated[
    list[str],
    typer.Argument(
        metavar="RECIPE [KEY=VALUE]...",
        help="A shipped recipe's name or a YAML file, then overrides of its keys.",
        autocompletion=complete.recipes_and_keys,
    ),
]
RecipeOrOverrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RECIPE [KEY=VALUE]...",
        help="A shipped recipe's name or a YAML file, then overrides of its keys. "
        "With --resume: overrides only.",
        autocompletion=complete.recipes_and_keys,
    ),
]
NewName = Annotated[
    str | None, typer.Option("--name", help="Name of the run. Default: RECIPE-YYYYMMDD-HHMMSS.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Read your files so, such as data.encoding=cp1251 or data.separator=semicolon; may be "
        "repeated.",
    ),
]
Texts = Annotated[list[str] | None, typer.Option("--text", help="A text itself; may be repeated.")]


def load(
    reference: str, runs_dir: Path | None, trust: bool, settings: list[str] | None
) -> tuple[Path, Predictor]:
    """Load what `RunOrArtifact` names, as these options say.

    Returns:
        Its path, and what predicts with it.
    """
    from dlcli import artifacts
    from dlcli.artifacts import settings as artifact_settings
    from dlcli.runs import run_dir

    path = run_dir.find_run_or_artifact(reference, run_dir.runs_folder(runs_dir))
    predictor = artifacts.load(path, trust=trust)
    predictor.metadata = artifact_settings.applied(predictor.metadata, settings or [])
    return path, predictor


def examples(commands: str) -> str:
    """The epilog of a command's help: examples, one a line."""
    return "[bold]Examples[/bold]\n\n" + commands.strip("\n").replace("\n", "\n\n") + "\n"


class SplitName(StrEnum):
    """A split of the run's own data."""

    train = "train"
    validation = "validation"
    test = "test"
