"""Checkpoints: all that a training is, in one file that is whole or absent.

A checkpoint is an uncompressed `.npz`: the arrays by name, and a JSON document
in the member `state`. The zip's CRC-32 of each member is checked on writing
and on reading. It is written aside, synced and renamed; the newest two stay.

The state is a document of two parts: `position` (`loop.Position`) and
`conditions` (`dlcli.training.conditions`).
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import files
from dlcli.events import Events, Warned

KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Args:
        path: the file.
        arrays: every variable by name.
        state: whatever else training needs.
    """

    path: Path
    arrays: dict[str, np.ndarray]
    state: dict[str, Any]


def write(folder: Path, step: int, arrays: Mapping[str, np.ndarray], state: dict[str, Any]) -> Path:
    """Write one checkpoint and remove those beyond the newest two.

    What a kill left half written goes, and so do files of later steps: training
    went back behind them because they are damaged.

    Args:
        folder: made when it is missing.
        step: optimizer steps done, which names the file; it never falls.
        state: whatever else training needs, as JSON.

    Raises:
        OSError: it could not be written; the earlier checkpoints are untouched.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"step-{step:09d}.npz"
    text = np.frombuffer(json.dumps(state).encode(), np.uint8)
    for leftover in unfinished(folder):
        leftover.unlink(missing_ok=True)
    with files.replacing(path) as aside:
        with aside.open("wb") as file:
            np.savez(file, allow_pickle=False, state=text, **arrays)
        with zipfile.ZipFile(aside) as archive:
            damaged = archive.testzip()
        if damaged:
            raise OSError(f"checkpoint {path.name} was damaged as it was written ({damaged})")
    _sync(folder)
    kept = [each for each in _all(folder) if each.name <= path.name][-KEPT:]
    for old in set(_all(folder)) - set(kept):
        old.unlink(missing_ok=True)
    return path


def read_newest(folder: Path, events: Events) -> Checkpoint | None:
    """Read the newest whole checkpoint.

    Args:
        folder: may be missing.
        events: told of each damaged checkpoint that is passed over.

    Returns:
        The checkpoint, or None when there is none.
    """
    paths = _all(folder)
    while paths:
        path = paths.pop()
        try:
            with files.plain(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            return Checkpoint(path, arrays, json.loads(arrays.pop("state").tobytes()))
        # Whatever is wrong with it, the one before may be whole.
        except Exception as error:  # noqa: BLE001
            instead = f"{paths[-1].name} is used" if paths else "there is none before it"
            events(Warned(f"checkpoint {path.name} is damaged ({error}); {instead}."))
    return None


def unfinished(folder: Path) -> list[Path]:
    """Checkpoints that are being written, or were when a process was killed."""
    return list(folder.glob(".*step-*"))


def newest_step(folder: Path) -> int | None:
    """The step of the newest checkpoint, going by its name, or None when there is none."""
    paths = _all(folder)
    return int(paths[-1].stem.removeprefix("step-")) if paths else None


def _all(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*.npz"))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
