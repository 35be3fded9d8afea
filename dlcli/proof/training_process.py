"""A training in a process of its own, which may be killed: see `dlcli.proof.verify_resume`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcli import events
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.training import run as training


def run(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Train a recipe, or resume its run where there is one; see `dlcli.child.run`.

    Args:
        job: `recipe`, the path of its file, and `run`, that of the run directory.
    """
    made, recipe = RunDir(Path(job["run"])), Path(job["recipe"])
    if made.recipe.exists():
        training.resume(made, events=events.ignore, stop=lambda: False)
        return
    training.train(
        schema.load(str(recipe)),
        recipe.stem,
        made.path.parent,
        name=made.name,
        events=events.ignore,
        stop=lambda: False,
    )
