"""The examples that artifacts are measured on, as files that processes share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data import Split
from dlcli.inputs import examples

_ARRAY, _OTHERS, _TARGETS = "inputs.npy", "inputs.npz", "targets.npy"
_ROWS_COPIED = 1024


def save(folder: Path, split: Split, limit: int | None) -> int:
    """Write examples of a split, spread over it.

    Args:
        folder: an empty one.
        split: where they are from.
        limit: at most so many, or None for all.

    Returns:
        How many.
    """
    count = len(split) if limit is None else min(limit, len(split))
    positions = examples.spread(len(split), count)
    inputs: Any = split.inputs
    if isinstance(inputs, dict) or inputs.dtype.kind == "O":
        examples.save(folder / _OTHERS, examples.take(inputs, split.rows[positions]))
    else:  # mapped, as pictures may be more than memory holds
        shape = (count, *inputs.shape[1:])
        array = np.lib.format.open_memmap(folder / _ARRAY, "w+", inputs.dtype, shape)
        for start in range(0, count, _ROWS_COPIED):
            part = positions[start : start + _ROWS_COPIED]
            array[start : start + len(part)] = inputs[split.rows[part]]
        array.flush()
    np.save(folder / _TARGETS, split.targets[split.rows[positions]], allow_pickle=False)
    return count


def read(folder: Path) -> Split:
    """The examples that `save` wrote, in their order."""
    array = folder / _ARRAY
    inputs: Any = (
        np.load(array, mmap_mode="r") if array.exists() else examples.read(folder / _OTHERS)
    )
    targets = np.load(folder / _TARGETS, mmap_mode="r")
    return Split(inputs, targets, np.arange(len(targets)), [""] * len(targets))
