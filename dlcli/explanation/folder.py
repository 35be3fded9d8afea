"""The folder of the pictures: nothing in it is ever replaced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from dlcli.errors import UsageError
from dlcli.explanation.attribution import Explanation
from dlcli.runs.run_dir import RunDir

DOCUMENT = "explanations.json"

_LONGEST_NAME = 60


def default(origin: Path) -> Path:
    """A new folder in a run's `explanations`, or in one beside an artifact."""
    is_run = (origin / "recipe.yaml").is_file()
    parent = RunDir(origin).explanations if is_run else origin.parent / "explanations"
    stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    path, attempt = parent / stem, 1
    while path.exists():
        attempt += 1
        path = parent / f"{stem}-{attempt}"
    return path


def check(path: Path) -> None:
    """See that a folder can be written into without replacing anything.

    Raises:
        UsageError: it is a file, or not empty.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file. Expected a folder for the explanations.")
    if path.is_dir() and any(path.iterdir()):
        raise UsageError(
            f"{path} holds files already, and nothing is replaced.", "Choose another --output."
        )


def make(path: Path) -> None:
    """Make the folder."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be made: {error.strerror}.", "Choose another folder with --output."
        ) from None


def names(inputs: Sequence[str]) -> list[str]:
    """A file name for each input, without a suffix: its number, and what can be read of it."""
    digits = max(2, len(str(len(inputs))))
    found = []
    for number, text in enumerate(inputs, 1):
        tail = text.replace("\\", "/").rstrip("/").rpartition("/")[2] or text
        slug = re.sub(r"[^\w.]+", "-", tail).strip("-._")[:_LONGEST_NAME].strip("-._")
        slug = re.sub(r"\.(png|jpe?g|webp|gif|bmp|tiff?|avif|ppm)$", "", slug, flags=re.IGNORECASE)
        found.append(f"{number:0{digits}d}-{slug}" if slug else f"{number:0{digits}d}")
    return found


def write_arrays(explanation: Explanation, path: Path) -> None:
    """Write the numbers of the attributions, by the names of their methods."""
    arrays: dict[str, np.ndarray] = {}
    for each in explanation.attributions:
        name = each.method.replace("-", "_")
        arrays[name] = each.values.astype(np.float32)
        for key, values in each.details.items():
            arrays[f"{name}_{key}"] = values.astype(np.float32)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
