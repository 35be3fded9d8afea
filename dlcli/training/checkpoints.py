"""Checkpoints: all that a training is, in one file that is whole or absent.

A checkpoint is an uncompressed `.npz`: the arrays by name, and a JSON document
in the member `state`. The zip's CRC-32 of each member is checked on writing
and on reading. It is written aside, synced and renamed; the newest two stay.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

KEPT = 2


def write(folder: Path, step: int, arrays: Mapping[str, np.ndarray], state: dict[str, Any]) -> Path:
    """Write one checkpoint and remove those beyond the newest two.

    Args:
        folder: made when it is missing.
        step: optimizer steps done, which names the file.
        arrays: every variable by name.
        state: whatever else training needs, as JSON.

    Raises:
        OSError: it could not be written; the earlier checkpoints are untouched.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"step-{step:09d}.npz"
    aside = folder / f".{path.name}.partial"
    text = np.frombuffer(json.dumps(state).encode(), np.uint8)
    try:
        with aside.open("wb") as file:
            np.savez(file, allow_pickle=False, state=text, **arrays)
            file.flush()
            os.fsync(file.fileno())
        with zipfile.ZipFile(aside) as archive:
            damaged = archive.testzip()
        if damaged:
            raise OSError(f"checkpoint {path.name} was damaged as it was written ({damaged})")
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    _sync(folder)
    for old in _all(folder)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def read_newest(
    folder: Path, warn: Callable[[str], None]
) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    """Read the newest whole checkpoint.

    Args:
        folder: may be missing.
        warn: told of each damaged checkpoint that is passed over.

    Returns:
        The arrays by name and the state, or None when there is no checkpoint.
    """
    for path in reversed(_all(folder)):
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            return arrays, json.loads(arrays.pop("state").tobytes())
        # Whatever is wrong with it, the one before may be whole.
        except Exception as error:  # noqa: BLE001
            warn(f"checkpoint {path.name} is damaged ({error}); using the one before it.")
    return None


def _all(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*.npz"))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
