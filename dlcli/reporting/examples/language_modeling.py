"""Windows of a text: grouped by where they stand in it, shown as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data import Split
from dlcli.reporting.examples import _order

NUM_SHOWN = 6
_MAX_SHOWN = 400  # characters


def attributes(
    split: Split, metadata: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
    """`place`, which part of the test split a window is in."""
    places, count = _order.parts(split)
    starts, length = split.inputs.starts[split.rows], split.inputs.length
    names = []
    for part in range(count):
        inside = starts[places == part]
        names.append(f"characters {inside[0] + 1:,} to {inside[-1] + length:,}")
    return {"place": places}, {"place": names}


def shown(split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`text`, its first characters, and `next`, the character that is to follow each or the last.

    A character that the model does not know is written as U+FFFD.
    """
    raw, targets = split.gather(np.array([position]))
    names = metadata["class_names"]
    text = str(raw[0])
    if np.ndim(targets) == 1:  # one answer, after the last character
        return {"text": text[-_MAX_SHOWN:], "next": [_written(names[int(targets[0])])]}
    following = [_written(names[int(target)]) for target in targets[0][:_MAX_SHOWN]]
    return {"text": text[:_MAX_SHOWN], "next": following}


def _written(name: str) -> str:
    return name if len(name) == 1 else "\N{REPLACEMENT CHARACTER}"
