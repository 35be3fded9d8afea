"""The examples that an artifact is measured on: its run's test split, or a user's own data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlcli import catalog, data
from dlcli.data import Split
from dlcli.errors import DataError, UsageError
from dlcli.events import Events, ignore
from dlcli.recipe import schema
from dlcli.runs import run_dir


def load(
    artifact: Path,
    metadata: dict[str, Any],
    own: str | None,
    events: Events = ignore,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """Load what an artifact is measured on.

    Args:
        artifact: a run, or an exported file or folder.
        own: data in place of the run's: measured whole, or its test split where it has one.

    Returns:
        Raw examples with their targets; and the files or rows of own data that were left out,
        each with the reason.

    Raises:
        UsageError: the artifact is not in its run, and its data is not one that dlcli brings.
        DataError: the data is missing, unreadable or unfit.
    """
    loaded = schema.from_values(metadata["recipe"], f"the recipe in {artifact}")
    if own is not None:
        return data.load_own(loaded, own, metadata, events)
    source = loaded.data.source
    is_built_in = source in catalog.built_in_sources()
    # What is at that path now, and on this machine, may be anything.
    if not is_built_in and run_dir.containing(artifact) is None:
        raise UsageError(
            f"{artifact} is not in its run, and the data that it was trained on, {source}, may be "
            "another by now.",
            "Give the data to measure it on with --data PATH.",
        )
    try:
        return data.load(loaded, events).splits.test, ()
    except DataError as error:
        error.hint = error.hint or "Give the data's place with --data PATH."
        raise
