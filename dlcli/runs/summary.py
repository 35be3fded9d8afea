"""What a run was and what came out of it, in a few values read from its files."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlcli import files
from dlcli.runs import documents, results
from dlcli.runs.run_dir import RunDir, State

_TIMING = ("epoch", "seconds", "examples_per_second", "checkpoint_seconds")


@dataclass(frozen=True)
class RunSummary:
    """One run in a list; None where a file is missing or damaged.

    Args:
        state: what has become of it.
        monitor: name of the metric that the run is judged by.
        test: its value on the test split.
        baseline: its value for the best baseline.
        num_test_examples: how many it was measured on.
        epochs: how many were trained.
        created: when the run began.
        curve: the metric on the validation split, an epoch each, as far as it is written.
    """

    name: str
    path: Path
    state: State
    recipe: str | None
    task: str | None
    monitor: str | None
    test: float | None
    baseline: float | None
    num_test_examples: int | None
    epochs: int | None
    created: datetime
    curve: tuple[float, ...] = ()


def summarize(run: RunDir) -> RunSummary:
    """Read what a list shows of a run; a damaged file costs its own values only."""
    metrics, environment = documents.fitting(run)
    monitor = metrics.get("monitor")
    test = metrics.get("test", {})
    rows = history(run.history)
    return RunSummary(
        name=run.name,
        path=run.path,
        state=run.state(),
        recipe=environment.get("recipe"),
        task=environment.get("task"),
        monitor=monitor,
        test=test.get(monitor),
        baseline=results.best_baseline(metrics).get(monitor or ""),
        num_test_examples=test.get("examples"),
        epochs=metrics.get("epochs") or _last_epoch(rows),
        created=_created(environment.get("created"), run),
        curve=tuple(_validated(rows, monitor)),
    )


def history(path: Path) -> list[dict[str, float]]:
    """The epochs that training has written so far, from the first; none where they are damaged."""
    rows = _rows(path)
    are_epochs = [row.get("epoch") for row in rows] == [*range(1, len(rows) + 1)]
    return rows if are_epochs else []


def timing(path: Path) -> list[dict[str, float]]:
    """Read what each epoch took; nothing where it is damaged."""
    rows = [{name: row.get(name, math.nan) for name in _TIMING} for row in _rows(path)]
    return rows if all(math.isfinite(value) for row in rows for value in row.values()) else []


def _rows(path: Path) -> list[dict[str, float]]:
    try:
        with files.plain(path).open(encoding="utf-8", newline="") as file:
            return [
                {name: float(value) for name, value in row.items()} for row in csv.DictReader(file)
            ]
    except (OSError, ValueError, TypeError, csv.Error):
        return []


def _last_epoch(rows: list[dict[str, float]]) -> int | None:
    try:
        return int(rows[-1]["epoch"])
    except (LookupError, ValueError, OverflowError):
        return None


def _validated(rows: list[dict[str, float]], monitor: str | None) -> list[float]:
    """What the validation split gave after each epoch: the metric, before it is known the loss."""
    name = next(
        (
            f"val_{each}"
            for each in (monitor, "accuracy", "loss")
            if rows and f"val_{each}" in rows[0]
        ),
        "",
    )
    return [row[name] for row in rows if name in row]


def _created(text: Any, run: RunDir) -> datetime:
    try:
        created = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        try:
            created = datetime.fromtimestamp(run.recipe.stat().st_mtime, UTC)
        except OSError:  # removed a moment ago
            created = datetime.fromtimestamp(0, UTC)
    return created if created.tzinfo else created.replace(tzinfo=UTC)
