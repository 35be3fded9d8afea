"""The artifacts that a run or a path stands for."""

from __future__ import annotations

from pathlib import Path

from dlcli import artifacts
from dlcli.errors import UsageError
from dlcli.export.target import FORMATS, PARTIAL, REJECTED
from dlcli.runs.run_dir import RunDir


def of(path: Path) -> list[Path]:
    """A run's model and everything in its exports; any other path is itself.

    Raises:
        UsageError: there is nothing at the path.
        DlcliError: the run has no model.
    """
    _, model = artifacts.identify(path)
    run = RunDir(path)
    if model != run.model:
        return [path]
    exported = run.exports.iterdir() if run.exports.is_dir() else ()
    ranked = {path: rank for path in exported if (rank := _rank(path))}
    return [model, *sorted(ranked, key=lambda path: ranked[path])]


def _rank(path: Path) -> tuple[int, int, str] | None:
    """Where a file stands among exports, the plain one of a format first; None: it is none."""
    if path.name.startswith((".", PARTIAL, REJECTED)):
        return None
    try:
        format_name, _ = artifacts.identify(path)
    except UsageError:
        return None
    return FORMATS.index(format_name), len(path.name), path.name
