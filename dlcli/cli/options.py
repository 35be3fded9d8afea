"""Options and arguments that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dlcli.cli import complete

RunsDir = Annotated[
    Path | None,
    typer.Option(
        "--runs-dir",
        help="Folder of the runs. Default: $DLCLI_RUNS_DIR, else ./runs.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress.")]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="'latest', a run's name, or its path.",
        autocompletion=complete.runs,
        show_default=False,
    ),
]
RunOrArtifact = Annotated[
    str,
    typer.Argument(
        metavar="RUN_OR_ARTIFACT",
        help="'latest', a run's name or path, or an exported file.",
        autocompletion=complete.runs,
        show_default=False,
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
    str | None,
    typer.Option("--data", help="Your own data: short for data.source=PATH.", show_default=False),
]
RecipeAndOverrides = Annotated[
    list[str],
    typer.Argument(
        metavar="RECIPE [KEY=VALUE]...",
        help="A shipped recipe's name or a YAML file, then overrides of its keys.",
        autocompletion=complete.recipes_and_keys,
        show_default=False,
    ),
]
RecipeOrOverrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RECIPE [KEY=VALUE]...",
        help="A shipped recipe's name or a YAML file, then overrides of its keys. "
        "With --resume: overrides only.",
        autocompletion=complete.recipes_and_keys,
        show_default=False,
    ),
]
NewName = Annotated[
    str | None,
    typer.Option(
        "--name", help="Name of the run. Default: RECIPE-YYYYMMDD-HHMMSS.", show_default=False
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Read your files so, such as data.encoding=cp1251 or data.separator=semicolon; may be "
        "repeated.",
        show_default=False,
    ),
]
Texts = Annotated[
    list[str] | None,
    typer.Option("--text", help="A text itself; may be repeated.", show_default=False),
]


class SplitName(StrEnum):
    """A split of the run's own data."""

    train = "train"
    validation = "validation"
    test = "test"
