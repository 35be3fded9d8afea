"""Training a run again from what it recorded, and what differs then."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dlcli.errors import UsageError
from dlcli.events import Events, Stage, Warned
from dlcli.proof import comparison
from dlcli.proof.comparison import Compared
from dlcli.recipe import schema
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir
from dlcli.training import conditions, run
from dlcli.training.conditions import Change


@dataclass(frozen=True)
class Reproduction:
    """What came out.

    Args:
        changes: versions, machine and data that are not what they were.
        compared: each thing that both runs have; None when it was stopped before its end.
    """

    run: RunDir
    changes: tuple[Change, ...] = ()
    compared: tuple[Compared, ...] | None = None

    @property
    def equal(self) -> bool:
        """Whether every byte that was compared is equal."""
        return self.compared is not None and not any(each.differences for each in self.compared)


def reproduce(
    original: RunDir, runs_folder: Path, *, events: Events, stop: Callable[[], bool]
) -> Reproduction:
    """Train a run again and compare.

    The new run is `<run>-reproduced`, or the next free name like it. One that
    was stopped before its end is gone on with.

    Raises:
        UsageError: the run is not completed.
        DataError: its data is not there any more.
    """
    if not original.metrics.exists():
        raise UsageError(
            f"run {original.name} is not completed, so there is no result to compare with.",
            f"Go on with it: dlcli train --resume {original.reference()}",
        )
    recorded = documents.environment(original)
    for change in recorded.get("changes", []):
        events(
            Warned(
                f"run {original.name} went on under other conditions from step {change['step']}, "
                "which is not repeated."
            )
        )
    again = _next_run(original, runs_folder)
    if again.recipe.exists():
        result = run.resume(again, events=events, stop=stop)
    else:
        result = run.train(
            schema.load(str(original.recipe)),
            recorded.get("recipe", original.name),
            runs_folder,
            name=again.name,
            events=events,
            stop=stop,
        )
    if result.metrics is None:
        return Reproduction(result.run)
    events(Stage("comparing"))
    before, after = (
        conditions.of_environment(document)
        for document in (recorded, documents.environment(result.run))
    )
    return Reproduction(
        result.run,
        tuple(conditions.changes(before, after)),
        tuple(comparison.compare(original, result.run)),
    )


def _next_run(original: RunDir, runs_folder: Path) -> RunDir:
    """The first of the names that is free, or is that of a reproduction stopped before its end."""
    suffixes = ("" if number == 1 else f"-{number}" for number in itertools.count(1))
    runs = (RunDir(runs_folder / f"{original.name}-reproduced{suffix}") for suffix in suffixes)
    return next(each for each in runs if not each.metrics.exists())
