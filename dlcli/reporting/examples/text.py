"""Texts: grouped by their length, shown as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data import Split

NUM_SHOWN = 12
_BATCH = 4096
_MAX_SHOWN = 600  # characters


def attributes(
    split: Split, metadata: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
    """`characters`, how many a text has."""
    lengths = np.empty(len(split))
    for start in range(0, len(split), _BATCH):
        positions = np.arange(start, min(start + _BATCH, len(split)))
        lengths[positions] = [len(text) for text in split.gather(positions)[0]]
    return {"characters": lengths}, {}


def shown(split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`text`, its beginning where it is long."""
    text = str(split.gather(np.array([position]))[0][0])
    return {"text": text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]} …"}
